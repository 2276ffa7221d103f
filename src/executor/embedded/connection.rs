//! One client's connection: frames in order, each answered by the data half or forwarded to the control half.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use krafka::testing::ApiKey;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::api::{self, delete_records, delete_topics, fetch, list_offsets, produce};
use super::control::Control;
use super::decoder::Decoder;
use super::error::Error;
use super::store::Store;
use super::wire::{Header, Reader, read_frame, write_frame};

/// What all connections share.
pub(super) struct Shared {
    pub(super) control: Control,
    pub(super) decoder: Decoder,
    store: Mutex<Store>,
    /// Rung after every append; held fetches look again.
    appended: Notify,
}

impl Shared {
    pub(super) fn new(control: Control, store: Store) -> Self {
        Self { control, decoder: Decoder::new(), store: Mutex::new(store), appended: Notify::new() }
    }

    /// The store. It is never held across an await, and no half-done change of it is visible to the next
    /// holder even after a panic: a batch is in the index only when it is in the file.
    pub(super) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down what the control half has decided.
    pub(super) fn keep_topics(&self) -> Result<(), Error> {
        let topics = self.control.topics();
        self.store().adopt(&topics)
    }

    fn keep_committed(&self) -> Result<(), Error> {
        let committed = self.control.committed();
        self.store().commit(committed)
    }
}

/// Serves one client until it goes away. Like Kafka, the next request is read only after the last one was
/// answered.
pub(super) async fn serve(mut client: TcpStream, shared: Arc<Shared>) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut upstream = None;
    while let Some(frame) = read_frame(&mut client).await? {
        let mut reader = Reader::new(&frame);
        let header = Header::read(&mut reader)?;
        if let Some(body) = answer(&header, reader.rest(), &shared).await? {
            if !body.is_empty() {
                write_frame(&mut client, &[&header.correlation.to_be_bytes(), &body]).await?;
            }
            continue;
        }
        let reply = forward(&mut upstream, &frame, &shared).await?;
        keep(header.api, &shared).map_err(io::Error::other)?;
        write_frame(&mut client, &[&reply]).await?;
    }
    Ok(())
}

/// The data half's answer, empty if the client expects none; `None` if the request is not for the data half.
async fn answer(header: &Header, body: &[u8], shared: &Shared) -> io::Result<Option<Vec<u8>>> {
    let Some((key, min, max)) = api::VERSIONS.into_iter().find(|(key, ..)| key.to_i16() == header.api) else {
        return Ok(None);
    };
    if !(min..=max).contains(&header.version) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a version that was not advertised"));
    }
    let (version, reader) = (header.version, &mut Reader::new(body));
    let answer = match key {
        ApiKey::Produce => produced(&produce::Request::read(reader)?, version, shared),
        ApiKey::Fetch => fetched(&fetch::Request::read(reader, version)?, version, shared).await,
        ApiKey::ListOffsets => {
            list_offsets::Request::read(reader, version)?.serve(version, &shared.store(), &shared.decoder)
        }
        ApiKey::DeleteTopics => {
            let body = delete_topics::Request::read(reader)?.serve(version, &shared.control);
            shared.keep_topics().map_err(io::Error::other)?;
            body
        }
        _ => delete_records::Request::read(reader)?.serve(&mut shared.store()).map_err(io::Error::other)?,
    };
    Ok(Some(answer))
}

fn produced(request: &produce::Request<'_>, version: i16, shared: &Shared) -> Vec<u8> {
    let body = request.serve(version, &mut shared.store());
    shared.appended.notify_waiters();
    if request.wants_response() { body } else { Vec::new() }
}

async fn fetched(request: &fetch::Request, version: i16, shared: &Shared) -> Vec<u8> {
    let deadline = Instant::now() + request.wait();
    loop {
        let appended = shared.appended.notified();
        tokio::pin!(appended);
        // Listening begins before looking: an append between the two is not missed.
        appended.as_mut().enable();
        let found = request.find(&shared.store());
        if request.is_satisfied_by(&found) || timeout_at(deadline, appended).await.is_err() {
            return found.write(version);
        }
    }
}

/// Sends a frame to the control half and returns its reply.
async fn forward(upstream: &mut Option<TcpStream>, frame: &[u8], shared: &Shared) -> io::Result<Vec<u8>> {
    let stream = if let Some(stream) = upstream {
        stream
    } else {
        let stream = TcpStream::connect(shared.control.address()).await?;
        stream.set_nodelay(true)?;
        upstream.insert(stream)
    };
    write_frame(stream, &[frame]).await?;
    read_frame(stream).await?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

/// Writes down what a forwarded request may have changed, before the client hears of it.
fn keep(api: i16, shared: &Shared) -> Result<(), Error> {
    let is = |key: ApiKey| key.to_i16() == api;
    if is(ApiKey::CreateTopics) {
        shared.keep_topics()?;
    }
    if is(ApiKey::OffsetCommit) {
        shared.keep_committed()?;
    }
    shared.control.forget_requests();
    Ok(())
}
