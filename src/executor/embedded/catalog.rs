//! What the cluster's folder says beside the logs: topics and committed offsets, each a small JSON file that
//! is replaced as a whole.

use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::Error;

/// `catalog.json`: the topics, and how often the cluster was started.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Catalog {
    /// Producer ids are handed out from a fresh range at each start, so that one is never given out twice.
    pub(super) starts: u32,
    pub(super) topics: Vec<TopicEntry>,
}

/// One topic. A topic that is deleted and created again has another id, and so another folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TopicEntry {
    pub(super) name: String,
    pub(super) id: u64,
    /// The first readable offset of each partition; as many as there are partitions.
    pub(super) log_starts: Vec<i64>,
}

impl TopicEntry {
    /// The name of the folder that holds the topic's partitions.
    pub(super) fn folder(&self) -> String {
        format!("{}-{}", self.name, self.id)
    }
}

/// One line of `offsets.json`: what a consumer group committed for a partition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Committed {
    pub(super) group: String,
    pub(super) topic: String,
    pub(super) partition: i32,
    pub(super) offset: i64,
    pub(super) metadata: Option<String>,
}

/// Reads a file; one that does not exist yet is the default.
pub(super) fn load<T: DeserializeOwned + Default>(path: &Path) -> Result<T, Error> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map_err(|source| Error::Damaged { path: path.to_path_buf(), source }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(T::default()),
        Err(error) => Err(Error::storage(path)(error)),
    }
}

/// Replaces a file: the new one is complete before it takes the old one's name.
pub(super) fn save<T: Serialize>(path: &Path, value: &T) -> Result<(), Error> {
    let bytes =
        serde_json::to_vec(value).map_err(|source| Error::Damaged { path: path.to_path_buf(), source })?;
    let fresh = path.with_extension("new");
    fs::write(&fresh, bytes).map_err(Error::storage(&fresh))?;
    fs::rename(&fresh, path).map_err(Error::storage(path))
}
