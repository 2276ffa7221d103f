//! What can go wrong when a cluster starts or writes to its folder.

use std::io;
use std::path::{Path, PathBuf};

/// The world is wrong: a port, a folder or the control half.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The port is taken, or may not be used.
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Listen {
        /// The port that was asked for.
        port: u16,
        /// Why not.
        source: io::Error,
    },
    /// A file or folder cannot be read or written.
    #[error("cannot use `{}`: {source}", path.display())]
    Storage {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Another process has the folder open.
    #[error("`{}` is in use by another process", dir.display())]
    InUse {
        /// The cluster's folder.
        dir: PathBuf,
    },
    /// A file of the folder is not what this program wrote.
    #[error("`{}` is damaged: {source}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where and how.
        source: serde_json::Error,
    },
    /// A topic that Kafka would refuse.
    #[error("`{name}` with {partitions} partitions is no valid topic")]
    Topic {
        /// The topic's name.
        name: String,
        /// Its partitions.
        partitions: i32,
    },
    /// The control half did not start.
    #[error("the control half did not start: {0}")]
    Control(#[from] krafka::error::KrafkaError),
    /// The thread that serves the cluster could not start, or ended before it was told to.
    #[error("the cluster's thread is gone: {0}")]
    Thread(io::Error),
}

impl Error {
    /// A function that names `path` in an I/O error.
    pub(super) fn storage(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Storage { path, source }
    }
}
