//! The folder of a cluster: which topics exist, their partitions, and what groups committed. Knows nothing of
//! the network.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use super::catalog::{self, Catalog, Committed, TopicEntry};
use super::error::Error;
use super::partition::Partition;

const CATALOG: &str = "catalog.json";
const OFFSETS: &str = "offsets.json";
const TOPICS: &str = "topics";

/// An open folder. It is locked for as long as this lives.
pub(super) struct Store {
    dir: PathBuf,
    catalog: Catalog,
    committed: Vec<Committed>,
    partitions: BTreeMap<String, Vec<Partition>>,
    _lock: File,
}

/// A topic as the control half has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TopicSeen {
    pub(super) name: String,
    pub(super) id: u64,
    pub(super) partitions: usize,
}

impl Store {
    /// Opens the folder, creating what is missing, and reads every log.
    pub(super) fn open(dir: &Path) -> Result<Self, Error> {
        fs::create_dir_all(dir).map_err(Error::storage(dir))?;
        let lock = lock(dir)?;
        let mut catalog: Catalog = catalog::load(&dir.join(CATALOG))?;
        catalog.starts += 1;
        let committed = catalog::load(&dir.join(OFFSETS))?;
        let mut store =
            Self { dir: dir.to_path_buf(), catalog, committed, partitions: BTreeMap::new(), _lock: lock };
        store.save_catalog()?;
        for entry in store.catalog.topics.clone() {
            store.open_partitions(&entry)?;
        }
        Ok(store)
    }

    pub(super) fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    pub(super) fn committed(&self) -> &[Committed] {
        &self.committed
    }

    pub(super) fn partition(&self, topic: &str, index: i32) -> Option<&Partition> {
        self.partitions.get(topic)?.get(usize::try_from(index).ok()?)
    }

    pub(super) fn partition_mut(&mut self, topic: &str, index: i32) -> Option<&mut Partition> {
        self.partitions.get_mut(topic)?.get_mut(usize::try_from(index).ok()?)
    }

    /// Makes the folder agree with the topics that the control half has: new ones, larger ones, deleted ones.
    pub(super) fn adopt(&mut self, seen: &[TopicSeen]) -> Result<(), Error> {
        let before = self.catalog.topics.clone();
        let entries: Vec<_> = seen.iter().map(|topic| self.entry_for(topic)).collect();
        if entries == before {
            return Ok(());
        }
        for entry in entries.iter().filter(|entry| !before.contains(entry)) {
            self.open_partitions(entry)?;
        }
        self.catalog.topics = entries;
        self.save_catalog()?;
        let gone = before.iter().filter(|old| !seen.iter().any(|topic| topic.id == old.id));
        for entry in gone {
            self.remove(entry)?;
        }
        Ok(())
    }

    /// Writes what groups have committed, if it changed.
    pub(super) fn commit(&mut self, committed: Vec<Committed>) -> Result<(), Error> {
        if committed == self.committed {
            return Ok(());
        }
        catalog::save(&self.dir.join(OFFSETS), &committed)?;
        self.committed = committed;
        Ok(())
    }

    /// Writes where the logs begin, after `DeleteRecords`.
    pub(super) fn save_log_starts(&mut self) -> Result<(), Error> {
        for entry in &mut self.catalog.topics {
            entry.log_starts = self.partitions[&entry.name].iter().map(Partition::log_start).collect();
        }
        self.save_catalog()
    }

    fn entry_for(&self, topic: &TopicSeen) -> TopicEntry {
        let known = self.catalog.topics.iter().find(|entry| entry.id == topic.id);
        let mut log_starts = known.map(|entry| entry.log_starts.clone()).unwrap_or_default();
        log_starts.resize(topic.partitions, 0);
        TopicEntry { name: topic.name.clone(), id: topic.id, log_starts }
    }

    /// Opens the partitions of a topic that are not open yet.
    fn open_partitions(&mut self, entry: &TopicEntry) -> Result<(), Error> {
        let folder = self.folder(entry);
        fs::create_dir_all(&folder).map_err(Error::storage(&folder))?;
        let same_topic = self.catalog.topics.iter().any(|known| known.id == entry.id);
        let mut open = self.partitions.remove(&entry.name).filter(|_| same_topic).unwrap_or_default();
        for (index, &log_start) in entry.log_starts.iter().enumerate().skip(open.len()) {
            let path = folder.join(format!("{index}.log"));
            open.push(Partition::open(&path, log_start).map_err(Error::storage(&path))?);
        }
        self.partitions.insert(entry.name.clone(), open);
        Ok(())
    }

    fn remove(&mut self, entry: &TopicEntry) -> Result<(), Error> {
        if !self.catalog.topics.iter().any(|topic| topic.name == entry.name) {
            self.partitions.remove(&entry.name);
        }
        let folder = self.folder(entry);
        fs::remove_dir_all(&folder).map_err(Error::storage(&folder))
    }

    fn folder(&self, entry: &TopicEntry) -> PathBuf {
        self.dir.join(TOPICS).join(entry.folder())
    }

    fn save_catalog(&self) -> Result<(), Error> {
        catalog::save(&self.dir.join(CATALOG), &self.catalog)
    }
}

fn lock(dir: &Path) -> Result<File, Error> {
    let path = dir.join("lock");
    let file = File::create(&path).map_err(Error::storage(&path))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(Error::InUse { dir: dir.to_path_buf() }),
        Err(errno) => Err(Error::storage(&path)(errno.into())),
    }
}
