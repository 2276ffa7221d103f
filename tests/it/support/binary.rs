//! Runs the `windrow` that was just built, as a user would.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use super::root;

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// `windrow ARGS` in the repository's folder.
pub(crate) fn windrow<S: AsRef<OsStr>>(args: &[S]) -> Run {
    windrow_in(root(), args)
}

/// `windrow ARGS` in another folder.
pub(crate) fn windrow_in<S: AsRef<OsStr>>(folder: &Path, args: &[S]) -> Run {
    run_of(command(args).current_dir(folder))
}

/// Runs a command of the binary to its end.
pub(crate) fn run_of(command: &mut Command) -> Run {
    let output = command.output().expect("the binary was built");
    Run {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("data is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("talk is UTF-8"),
    }
}

/// The command, for a test that wants its own streams.
pub(crate) fn command<S: AsRef<OsStr>>(args: &[S]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_windrow"));
    command.args(args).stdin(Stdio::null()).env_remove("NO_COLOR");
    command
}
