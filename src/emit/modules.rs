//! What the models of a plan are made of: files of the project, taken along as they are.

use std::collections::BTreeMap;

use super::bundle;

/// Bytes by path in the project's folder, with `/` between folders.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The modules of the functions that a project calls. Whoever may read files fills it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Modules {
    /// By function: its module's files and those of what it imports, or why they cannot be had.
    pub by_function: BTreeMap<String, Result<Files, NoModule>>,
    /// What pip installs beside them: the project's `requirements.txt`.
    pub requirements: Option<Vec<u8>>,
}

/// Why there are no files of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoModule {
    /// The project has not the module.
    Elsewhere,
    /// A file or a folder of it cannot be taken along: which, and why.
    Unfit { path: String, why: String },
}

/// What tells the code of one model from that of another, in as many digits as a fingerprint has: equal files, equal
/// digits.
#[must_use]
pub fn code(files: &Files) -> String {
    let mut hash = bundle::of_bytes(files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())));
    hash.truncate(32);
    hash
}
