//! Deployments and environments, resolved.

use std::fmt;
use std::path::PathBuf;

use crate::diag::Span;

use super::{GroupById, JoinId};

/// A named set of definitions, with what its joins use included.
#[derive(Debug, Clone)]
pub struct Deployment {
    pub name: String,
    pub span: Span,
    pub group_bys: Vec<GroupById>,
    pub joins: Vec<JoinId>,
}

/// Where a deployment runs. Paths are relative to the project's folder.
#[derive(Debug, Clone)]
pub struct Environment {
    pub name: String,
    pub span: Span,
    pub topology: PathBuf,
    pub checkpoints: Checkpoints,
}

/// Where leases and checkpoints are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checkpoints {
    Folder(PathBuf),
    S3 { bucket: String, prefix: String },
    Azure { container: String, prefix: String },
}

impl fmt::Display for Checkpoints {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(out, "{}", folder.display()),
            Self::S3 { bucket, prefix } => write!(out, "s3://{bucket}/{prefix}"),
            Self::Azure { container, prefix } => write!(out, "az://{container}/{prefix}"),
        }
    }
}
