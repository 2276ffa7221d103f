//! Watches the topology file. A thread of its own: the file may lie on a disk that hangs.
//!
//! A file that is being written is not read as one: it counts once it was the same at two looks, and a text that
//! ends within a line was not written to its end.

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::super::Error;
use crate::topology::Topology;

const LOOK_EVERY: Duration = Duration::from_millis(500);
const STOP_LOOK: Duration = Duration::from_millis(50);

/// From a topology's text to a topology, or what is wrong with it in a line.
pub type Parse = Arc<dyn Fn(&str) -> Result<Topology, String> + Send + Sync>;

/// Where the topology is written, and how it is read.
#[derive(Clone)]
pub struct TopologyFile {
    pub path: PathBuf,
    pub parse: Parse,
}

impl fmt::Debug for TopologyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TopologyFile").field("path", &self.path).finish_non_exhaustive()
    }
}

/// What a changed file says.
pub(super) type Seen = Result<Topology, String>;

/// The thread that looks.
pub(in super::super) struct Watch {
    seen: Arc<Mutex<Option<Seen>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// What runs is known: only what is otherwise is told, also what was written before anybody watched.
    pub(in super::super) fn start(file: TopologyFile, current: &Topology) -> Result<Self, Error> {
        let (seen, stop) = (Arc::new(Mutex::new(None)), Arc::new(AtomicBool::new(false)));
        let path = file.path.clone();
        let mut eye = Eye { file, told: None, before: None };
        eye.know(current);
        let (place, stopped) = (Arc::clone(&seen), Arc::clone(&stop));
        let watch = move || {
            while !stopped.load(Ordering::Relaxed) {
                rest(&stopped);
                if let Some(news) = eye.news() {
                    *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(news);
                }
            }
        };
        let thread = std::thread::Builder::new().name("topology".to_owned()).spawn(watch);
        Ok(Self { seen, stop, thread: Some(thread.map_err(Error::io(&path))?) })
    }

    /// What has changed since the last call.
    pub(super) fn take(&self) -> Option<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // One that hangs on its disk is left alone: it holds nothing that anybody waits for.
        self.thread.take_if(|thread| thread.is_finished()).map(JoinHandle::join);
    }
}

fn rest(stop: &AtomicBool) {
    let until = Instant::now() + LOOK_EVERY;
    while Instant::now() < until && !stop.load(Ordering::Relaxed) {
        std::thread::sleep(STOP_LOOK);
    }
}

/// Looks at a file again and again.
struct Eye {
    file: TopologyFile,
    told: Option<Look>,
    before: Option<Look>,
}

/// A text, or why there is none.
type Look = Result<String, String>;

impl Eye {
    fn look(&self) -> Look {
        std::fs::read_to_string(&self.file.path).map_err(|error| format!("it cannot be read: {error}"))
    }

    /// What the file says is no news, if it is that.
    fn know(&mut self, current: &Topology) {
        let look = self.look();
        let is_current = look.as_ref().is_ok_and(|text| (self.file.parse)(text).as_ref() == Ok(current));
        self.told = is_current.then_some(look);
    }

    /// What is there, if it is new and stands still.
    fn news(&mut self) -> Option<Seen> {
        let now = Some(self.look());
        let stands_still = now == self.before;
        self.before = now;
        if !stands_still || self.before == self.told {
            return None;
        }
        self.told.clone_from(&self.before);
        Some(match self.told.as_ref()? {
            Err(why) => Err(why.clone()),
            Ok(text) if !text.ends_with('\n') => {
                Err("E0713: it ends within a line: it was not written to its end".to_owned())
            }
            Ok(text) => (self.file.parse)(text),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_counts_once_it_stands_still_and_is_told_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("topology.yaml");
        let put = |text: &str| std::fs::write(&path, text).unwrap();
        let parse: Parse = Arc::new(|text: &str| match text.trim().parse() {
            Ok(generation) => Ok(Topology { generation, ..Topology::default() }),
            Err(_) => Err("no number".to_owned()),
        });
        put("1\n");
        let mut eye = Eye { file: TopologyFile { path: path.clone(), parse }, told: None, before: None };
        let runs = |generation| Topology { generation, ..Topology::default() };
        eye.know(&runs(0));
        assert!(eye.news().is_none() && eye.news().is_some(), "it was written before anybody watched");
        eye.know(&runs(1));
        let mut news = || eye.news().map(|seen| seen.map(|topology| topology.generation));
        assert_eq!((news(), news()), (None, None), "what was there at the start is no news");
        put("2\n");
        assert_eq!(news(), None);
        put("3\n");
        assert_eq!(news(), None, "it was not the same twice");
        assert_eq!((news(), news()), (Some(Ok(3)), None));
        put("34");
        assert!(matches!((news(), news(), news()), (None, Some(Err(why)), None) if why.contains("E0713")));
        put("x\n");
        assert_eq!((news(), news()), (None, Some(Err("no number".to_owned()))));
        std::fs::remove_file(&path).unwrap();
        assert!(matches!((news(), news()), (None, Some(Err(why))) if why.contains("cannot be read")));
        put("3\n");
        assert_eq!((news(), news()), (None, Some(Ok(3))), "and back: the loop knows that it has it");
    }
}
