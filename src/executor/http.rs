//! The health pages: `/livez`, `/readyz`, `/metrics`, and `/status`, which is the status file. The only owner of
//! axum. It has a thread of its own and reads the [`Board`] alone: no question reaches a broker, a lock that
//! the loop holds for long, or the disk.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::Error;
use super::board::{Board, Verdict};

const METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";

/// The pages of a run, until it is dropped.
pub(super) struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens there; on port 0 at one that is free. The board knows where.
    pub(super) fn start(at: SocketAddr, board: &Arc<Board>) -> Result<Self, Error> {
        let failed = |source| Error::Http { at, source };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().map_err(failed)?;
        let listener = runtime.block_on(TcpListener::bind(at)).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        board.listens_at(address);
        tracing::info!(%address, "serves /livez, /readyz, /metrics and /status");
        let (stop, stopped) = oneshot::channel();
        let pages = router(Arc::clone(board));
        // Connections that are still open end with the runtime: nobody waits for them.
        let serve = async move {
            tokio::select! {
                served = async { axum::serve(listener, pages).await } => {
                    if let Err(error) = served {
                        tracing::error!(%error, "the health pages are gone");
                    }
                }
                _ = stopped => {}
            }
        };
        let thread = std::thread::Builder::new()
            .name("http".to_owned())
            .spawn(move || runtime.block_on(serve))
            .map_err(failed)?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fails if the thread has ended: just as well.
        self.stop.take().map(|stop| stop.send(()));
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread `http` panicked; this is a defect of windrow, please report it");
        }
    }
}

fn router(board: Arc<Board>) -> Router {
    Router::new()
        .route("/livez", get(async |State(board): State<Arc<Board>>| verdict(&board.is_alive())))
        .route("/readyz", get(async |State(board): State<Arc<Board>>| verdict(&board.is_ready())))
        .route(
            "/metrics",
            get(async |State(board): State<Arc<Board>>| page(METRICS, board.metrics().to_string())),
        )
        .route("/status", get(async |State(board): State<Arc<Board>>| page(JSON, board.report().to_string())))
        .with_state(board)
}

fn page(kind: &'static str, text: String) -> Response {
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

fn verdict(verdict: &Verdict) -> Response {
    let status = if verdict.is_good { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let lines = if verdict.is_good { "ok".to_owned() } else { verdict.reasons.join("\n") };
    (status, page(TEXT, format!("{lines}\n"))).into_response()
}
