//! What every area uses: the snapshot settings, the binary, scratch folders.

#[cfg(feature = "executor")]
pub(crate) mod azurite;
pub(crate) mod binary;
#[cfg(feature = "executor")]
pub(crate) mod cluster;
pub(crate) mod flink;
#[cfg(feature = "executor")]
pub(crate) mod kafka;
#[cfg(feature = "executor")]
pub(crate) mod limp;
#[cfg(feature = "executor")]
pub(crate) mod moto;
#[cfg(feature = "executor")]
pub(crate) mod objects;
#[cfg(feature = "executor")]
pub(crate) mod preload;
#[cfg(feature = "executor")]
pub(crate) mod proxy;
#[cfg(feature = "executor")]
pub(crate) mod reserve;
#[cfg(feature = "executor")]
pub(crate) mod rights;
#[cfg(feature = "executor")]
pub(crate) mod secure;
pub(crate) mod snapshots;
pub(crate) mod turn;
#[cfg(feature = "executor")]
pub(crate) mod witness;

use std::path::{Path, PathBuf};

/// The repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where tests/setup puts what it fetches.
pub(crate) fn cache() -> Option<PathBuf> {
    let cache = std::env::var_os("WINDROW_CACHE").map(PathBuf::from);
    cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/windrow")))
}

/// A folder of one test's own, gone when it is dropped.
pub(crate) struct Scratch(tempfile::TempDir);

impl Scratch {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("the system has a folder for temporary files"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file, with the folders above it; gives its path.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a file is in a folder")).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }
}
