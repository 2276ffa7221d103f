//! All readers of a run: starts and stops their threads, and merges what they say, taking turns so that one
//! cluster's backlog does not hold up another's news.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, never};

use super::super::Error;
use super::super::shutdown::join_all;
use super::outlet::Event;
use super::reader::Reader;
use super::settings::Settings;

/// Messages a reader may be ahead of the loop: 16 MB of records at most, beside what its client holds.
const AHEAD: usize = 64;

/// The running readers, by number; those that have been removed leave a silent place.
pub(in super::super) struct Readers {
    channels: Vec<Receiver<Event>>,
    threads: Vec<Running>,
    /// Removed, and not known to have ended.
    leaving: Vec<JoinHandle<()>>,
    doorbell: Receiver<()>,
    /// Keeps the doorbell from closing when every reader has ended.
    ringer: Sender<()>,
    /// Whose turn is first.
    turn: usize,
}

struct Running {
    /// `None`: removed.
    thread: Option<JoinHandle<()>>,
    stop: Arc<AtomicBool>,
}

/// What was heard, by reader.
pub(in super::super) type Gathered = Vec<(usize, Event)>;

impl Readers {
    pub(in super::super) fn start(settings: Vec<Settings>) -> Result<Self, Error> {
        let (ringer, doorbell) = bounded(1);
        let (channels, threads, leaving) = (Vec::new(), Vec::new(), Vec::new());
        let mut readers = Self { channels, threads, leaving, doorbell, ringer, turn: 0 };
        for settings in settings {
            readers.add(settings)?;
        }
        Ok(readers)
    }

    /// Starts one more, under the next number.
    pub(in super::super) fn add(&mut self, settings: Settings) -> Result<(), Error> {
        let cluster = settings.wiring.cluster.name.clone();
        let name = format!("read-{cluster}");
        let (out, channel) = bounded(AHEAD);
        let stop = Arc::new(AtomicBool::new(false));
        let reader = Reader::new(settings, out, self.ringer.clone(), Arc::clone(&stop))
            .map_err(Error::client(&cluster))?;
        let thread = std::thread::Builder::new()
            .name(name.clone())
            .spawn(move || reader.run())
            .map_err(Error::io(name.as_ref()))?;
        self.channels.push(channel);
        self.threads.push(Running { thread: Some(thread), stop });
        Ok(())
    }

    /// Tells one to stop, and hears nothing more of it. It ends by itself: nobody waits for its cluster.
    pub(in super::super) fn remove(&mut self, reader: usize) {
        self.threads[reader].stop.store(true, Ordering::Relaxed);
        self.channels[reader] = never();
        self.leaving.extend(self.threads[reader].thread.take());
    }

    /// Waits until somebody has something to say, at most `wait`, then takes up to `records_max` records,
    /// a message from each reader in turn, and one message more than that. Those that are held have to wait.
    pub(in super::super) fn gather(
        &mut self,
        wait: Duration,
        records_max: usize,
        held: &BTreeSet<usize>,
    ) -> Gathered {
        let deadline = Instant::now() + wait;
        loop {
            let gathered = self.take(records_max, held);
            if !gathered.is_empty() {
                return gathered;
            }
            match self.doorbell.recv_deadline(deadline) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return gathered,
            }
        }
    }

    fn take(&mut self, records_max: usize, held: &BTreeSet<usize>) -> Gathered {
        let (mut gathered, mut records) = (Vec::new(), 0);
        let count = self.channels.len();
        loop {
            let mut heard = false;
            for step in 0..count {
                let reader = (self.turn + step) % count;
                if held.contains(&reader) {
                    continue;
                }
                if let Ok(event) = self.channels[reader].try_recv() {
                    if let Event::Records(batch) = &event {
                        records += batch.len();
                    }
                    gathered.push((reader, event));
                    heard = true;
                    if records >= records_max {
                        self.turn = (reader + 1) % count;
                        return gathered;
                    }
                }
            }
            self.turn = self.turn.wrapping_add(1);
            if !heard {
                return gathered;
            }
        }
    }

    /// Tells every reader to stop and waits for them; what they still said is thrown away: it was not
    /// processed, so it will be read again.
    pub(in super::super) fn stop(self) -> Result<(), Error> {
        self.threads.iter().for_each(|running| running.stop.store(true, Ordering::Relaxed));
        drop(self.channels);
        let threads = self.threads.into_iter().filter_map(|running| running.thread);
        let ended = join_all(threads.chain(self.leaving).collect());
        ended.into_iter().collect::<Result<(), String>>().map_err(Error::Panicked)
    }

    /// A reader's thread that ended by itself has panicked: nothing else ends it.
    pub(in super::super) fn check(&mut self) -> Result<(), Error> {
        for thread in self.leaving.extract_if(.., |thread| thread.is_finished()) {
            join(thread)?;
        }
        let mut threads = self.threads.iter().filter_map(|running| running.thread.as_ref());
        threads.find(|thread| thread.is_finished()).map_or(Ok(()), |thread| Err(panicked(thread)))
    }
}

fn join(thread: JoinHandle<()>) -> Result<(), Error> {
    let error = panicked(&thread);
    thread.join().map_err(|_| error)
}

fn panicked(thread: &JoinHandle<()>) -> Error {
    Error::Panicked(thread.thread().name().unwrap_or("reader").to_owned())
}
