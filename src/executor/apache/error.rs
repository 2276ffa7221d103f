//! Why a broker does not run.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The world is wrong: no jars, no JVM, a folder, a port, or the broker itself.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There are no jars of Apache Kafka.
    #[error("no Apache Kafka in `{}`: `tests/setup --kafka` puts it there, WINDROW_KAFKA names another folder", folder.display())]
    NoJars { folder: PathBuf },
    /// A file or folder cannot be used, or a program not be started.
    #[error("cannot use `{}`: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    /// The folder could not be made a broker's.
    #[error("`{}` could not be formatted: {said}", dir.display())]
    Format { dir: PathBuf, said: String },
    /// No port is free for the controller.
    #[error("no free port for a controller below {0}")]
    NoPort(u16),
    /// The broker takes no requests.
    #[error("127.0.0.1:{port} took no request for {waited:?}: {last}")]
    Late { port: u16, waited: Duration, last: String },
}

impl Error {
    /// A function that names `path` in an I/O error.
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { path, source }
    }
}
