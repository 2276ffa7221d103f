//! Small libraries in C that stand between a program and the system's: compiled when a test needs one.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::root;

/// Compiles `tests/it/support/NAME.c` into a folder; gives the variable that loads it.
pub(crate) fn preload(name: &str, folder: &Path) -> (String, String) {
    let source = root().join(format!("tests/it/support/{name}.c"));
    let library: PathBuf = folder.join(format!("{name}.so"));
    let compiled = Command::new("cc")
        .args(["-O1", "-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .arg("-ldl")
        .output()
        .expect("a C compiler: what builds RocksDB has one");
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    ("LD_PRELOAD".to_owned(), library.to_str().unwrap().to_owned())
}
