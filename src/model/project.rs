//! Deployments and environments, resolved.

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
    pub checkpoints: PathBuf,
}
