//! A running cluster: its folder, its port, and the thread that serves it.

use std::io;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::connection::{self, Shared};
use super::control::{Control, is_valid};
use super::error::Error;
use super::store::Store;

/// How long to wait after a connection could not be accepted (out of file handles, usually).
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How long to try for a port that is taken. After a kill, a client that keeps connecting to a port in the
/// system's ephemeral range can be given that very port for its own end, for a moment.
const LISTEN_PATIENCE: Duration = Duration::from_secs(2);
/// How long to wait between two tries.
const LISTEN_PAUSE: Duration = Duration::from_millis(20);

/// What a cluster is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where it keeps everything; created if missing. One process at a time.
    pub dir: PathBuf,
    /// The port on 127.0.0.1; 0 picks a free one.
    pub port: u16,
    /// The port that clients are told to connect to, if it is not that one.
    pub advertise: Option<u16>,
    /// Topics that exist from the start, beside those the folder remembers.
    pub topics: Vec<Topic>,
}

/// A topic to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its name, by Kafka's rules.
    pub name: String,
    /// How many partitions; a topic that has fewer gets more, never the other way round.
    pub partitions: i32,
}

/// A cluster that serves clients until it is stopped or dropped.
#[derive(Debug)]
pub struct EmbeddedCluster {
    port: u16,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Result<(), Error>>>,
}

impl EmbeddedCluster {
    /// Opens the folder and serves it. Returns when clients can connect; serving goes on in a thread.
    ///
    /// # Errors
    /// The folder is in use, damaged or not writable; the port is taken; a topic is not valid.
    pub fn serve(options: Options) -> Result<Self, Error> {
        let (stop, stopped) = oneshot::channel();
        let (ready, started) = mpsc::channel();
        let body = move || run(&options, &ready, stopped);
        let thread = std::thread::Builder::new()
            .name("embedded-cluster".to_owned())
            .spawn(body)
            .map_err(Error::Thread)?;
        let mut cluster = Self { port: 0, stop: Some(stop), thread: Some(thread) };
        match started.recv() {
            Ok(port) => {
                cluster.port = port;
                Ok(cluster)
            }
            Err(mpsc::RecvError) => {
                Err(cluster.join().err().unwrap_or_else(|| Error::Thread(io::ErrorKind::Other.into())))
            }
        }
    }

    /// The address for clients.
    #[must_use]
    pub fn bootstrap(&self) -> String {
        format!("{}:{}", Ipv4Addr::LOCALHOST, self.port)
    }

    /// The port, also when a free one was picked.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether it still serves. It stops by itself only because of a defect.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// Closes the port and all connections. Nothing is left to write: what was acknowledged is in the files.
    ///
    /// # Errors
    /// It had ended by itself.
    pub fn stop(mut self) -> Result<(), Error> {
        self.join()
    }

    fn join(&mut self) -> Result<(), Error> {
        drop(self.stop.take());
        match self.thread.take().map(JoinHandle::join) {
            None => Ok(()),
            Some(Ok(result)) => result,
            Some(Err(_)) => Err(Error::Thread(io::Error::other("it panicked"))),
        }
    }
}

impl Drop for EmbeddedCluster {
    fn drop(&mut self) {
        if let Err(error) = self.join() {
            tracing::error!(%error, "a cluster did not stop cleanly");
        }
    }
}

/// The thread's body: one thread is plenty, and it makes requests take turns.
fn run(options: &Options, ready: &mpsc::Sender<u16>, stopped: oneshot::Receiver<()>) -> Result<(), Error> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::Thread)?;
    runtime.block_on(async {
        let (listener, shared) = open(options).await?;
        // The receiver is gone only if the caller is: then `stopped` is too.
        let _ = ready.send(port(&listener, options.port)?);
        tokio::select! {
            _ = stopped => {}
            () = accept(listener, &shared) => {}
        }
        Ok(())
    })
}

/// Reads the folder, listens, and starts the control half.
async fn open(options: &Options) -> Result<(TcpListener, Arc<Shared>), Error> {
    if let Some(topic) = options.topics.iter().find(|topic| !is_valid(&topic.name) || topic.partitions < 1) {
        return Err(Error::Topic { name: topic.name.clone(), partitions: topic.partitions });
    }
    let store = Store::open(&options.dir)?;
    let listener = listen(options.port).await?;
    let own = port(&listener, options.port)?;
    let control =
        Control::start(own, options.advertise.unwrap_or(own), store.catalog(), store.committed()).await?;
    for topic in &options.topics {
        control.ensure_topic(&topic.name, topic.partitions);
    }
    let shared = Arc::new(Shared::new(control, store));
    shared.keep_topics()?;
    Ok((listener, shared))
}

async fn listen(port: u16) -> Result<TcpListener, Error> {
    let deadline = Instant::now() + LISTEN_PATIENCE;
    loop {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Ok(listener) => return Ok(listener),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && Instant::now() < deadline => {
                tokio::time::sleep(LISTEN_PAUSE).await;
            }
            Err(source) => return Err(Error::Listen { port, source }),
        }
    }
}

fn port(listener: &TcpListener, asked: u16) -> Result<u16, Error> {
    listener
        .local_addr()
        .map(|address| address.port())
        .map_err(|source| Error::Listen { port: asked, source })
}

async fn accept(listener: TcpListener, shared: &Arc<Shared>) {
    loop {
        match listener.accept().await {
            Ok((client, peer)) => {
                let shared = Arc::clone(shared);
                tokio::spawn(async move {
                    if let Err(error) = connection::serve(client, shared).await {
                        tracing::debug!(%peer, %error, "a connection ended");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}
