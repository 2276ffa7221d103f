//! Exit codes, and how a subcommand fails. Every way out of the process is decided here.

use std::io;
use std::process::ExitCode;

use crate::diag::{Code, Diagnostic, Diagnostics, SourceMap};

/// What the process says to its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It did what was asked.
    Fine = 0,
    /// Definitions, tests, or the text of a project or topology are wrong.
    Definitions = 1,
    /// The command line asks for what there is not.
    Usage = 2,
    /// The world failed: files, brokers, disks.
    World = 3,
    /// Differences or incompleteness that the caller asked about.
    Differences = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a subcommand did not finish. Printed once, by [`super::main`].
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Coded problems, with the texts they point into.
    #[error("{} problems", .diagnostics.iter().count())]
    Coded { exit: Exit, diagnostics: Diagnostics, sources: Box<SourceMap> },
    /// What reads our output has gone: not a failure, but nothing more can be said.
    #[error("the output was closed")]
    OutputClosed,
}

impl Failure {
    /// The texts are wrong.
    pub(crate) fn definitions(diagnostics: Diagnostics, sources: SourceMap) -> Self {
        Self::Coded { exit: Exit::Definitions, diagnostics, sources: Box::new(sources) }
    }

    /// The command line names something that does not exist.
    pub(crate) fn usage(diagnostic: Diagnostic) -> Self {
        Self::placeless(Exit::Usage, diagnostic)
    }

    /// Files, brokers or disks failed.
    pub(crate) fn world(diagnostic: Diagnostic) -> Self {
        Self::placeless(Exit::World, diagnostic)
    }

    /// What was asked about is not so.
    pub(crate) fn differences(diagnostic: Diagnostic) -> Self {
        Self::placeless(Exit::Differences, diagnostic)
    }

    fn placeless(exit: Exit, diagnostic: Diagnostic) -> Self {
        let mut diagnostics = Diagnostics::default();
        diagnostics.push(diagnostic);
        Self::Coded { exit, diagnostics, sources: Box::default() }
    }
}

/// Only writing our own output ends here: whoever reads or writes a named file says which.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::OutputClosed;
        }
        Self::world(Diagnostic::without_place(Code::E0006, format!("the output cannot be written: {error}")))
    }
}
