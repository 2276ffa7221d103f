//! Where leases and checkpoints are kept. Only the place: who may use it is decided by the environment of the
//! process or by the machine's identity, never by a text that a project keeps.

use std::fmt;
use std::path::PathBuf;

/// A folder that every machine of the deployment sees, or a bucket or container with a prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Folder(PathBuf),
    S3 { bucket: String, prefix: String },
    Azure { container: String, prefix: String },
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(out, "{}", folder.display()),
            Self::S3 { bucket, prefix } => write!(out, "s3://{bucket}/{prefix}"),
            Self::Azure { container, prefix } => write!(out, "az://{container}/{prefix}"),
        }
    }
}
