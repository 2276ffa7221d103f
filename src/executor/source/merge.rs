//! All readers of a run: starts and stops their threads, and merges what they say, taking turns so that one
//! cluster's backlog does not hold up another's news.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::super::Error;
use super::outlet::Event;
use super::reader::{Reader, Settings};

/// Messages a reader may be ahead of the loop: 16 MB of records at most, beside what its client holds.
const AHEAD: usize = 16;

/// The running readers.
pub(in super::super) struct Readers {
    channels: Vec<Receiver<Event>>,
    threads: Vec<JoinHandle<()>>,
    stop: Arc<AtomicBool>,
    doorbell: Receiver<()>,
    /// Keeps the doorbell from closing when every reader has ended.
    _ringer: Sender<()>,
    /// Whose turn is first.
    turn: usize,
}

/// What was heard, by reader.
pub(in super::super) type Gathered = Vec<(usize, Event)>;

impl Readers {
    pub(in super::super) fn start(settings: Vec<Settings>) -> Result<Self, Error> {
        let (ringer, doorbell) = bounded(1);
        let stop = Arc::new(AtomicBool::new(false));
        let (mut channels, mut threads) = (Vec::new(), Vec::new());
        for settings in settings {
            let cluster = settings.wiring.cluster.name.clone();
            let name = format!("read-{cluster}");
            let (out, channel) = bounded(AHEAD);
            let reader = Reader::new(settings, out, ringer.clone(), Arc::clone(&stop))
                .map_err(Error::client(&cluster))?;
            let thread = std::thread::Builder::new()
                .name(name.clone())
                .spawn(move || reader.run())
                .map_err(Error::io(name.as_ref()))?;
            channels.push(channel);
            threads.push(thread);
        }
        Ok(Self { channels, threads, stop, doorbell, _ringer: ringer, turn: 0 })
    }

    /// Waits until somebody has something to say, at most `wait`, then takes up to `records_max` records,
    /// a message from each reader in turn.
    pub(in super::super) fn gather(&mut self, wait: Duration, records_max: usize) -> Gathered {
        let deadline = Instant::now() + wait;
        loop {
            let gathered = self.take(records_max);
            if !gathered.is_empty() {
                return gathered;
            }
            match self.doorbell.recv_deadline(deadline) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return gathered,
            }
        }
    }

    fn take(&mut self, records_max: usize) -> Gathered {
        let (mut gathered, mut records) = (Vec::new(), 0);
        let count = self.channels.len();
        loop {
            let mut heard = false;
            for step in 0..count {
                let reader = (self.turn + step) % count;
                if let Ok(event) = self.channels[reader].try_recv() {
                    if let Event::Records(batch) = &event {
                        records += batch.len();
                    }
                    gathered.push((reader, event));
                    heard = true;
                }
            }
            self.turn = self.turn.wrapping_add(1);
            if !heard || records >= records_max {
                return gathered;
            }
        }
    }

    /// Tells every reader to stop and waits for them; what they still said is thrown away: it was not
    /// processed, so it will be read again.
    pub(in super::super) fn stop(self) -> Result<(), Error> {
        self.stop.store(true, Ordering::Relaxed);
        drop(self.channels);
        let mut result = Ok(());
        for thread in self.threads {
            let name = thread.thread().name().unwrap_or("reader").to_owned();
            if thread.join().is_err() {
                result = Err(Error::Panicked(name));
            }
        }
        result
    }

    /// A reader's thread that ended by itself has panicked: nothing else ends it.
    pub(in super::super) fn check(&self) -> Result<(), Error> {
        match self.threads.iter().find(|thread| thread.is_finished()) {
            Some(thread) => Err(Error::Panicked(thread.thread().name().unwrap_or("reader").to_owned())),
            None => Ok(()),
        }
    }
}
