//! Data on stdout, talk on stderr, colour only on a terminal.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use crate::diag::{Code, Diagnostic, Diagnostics, SourceMap, render};

use super::exit::Failure;

/// Where a subcommand puts what it has to say.
pub(crate) struct Output {
    data: Box<dyn Write>,
    talk: Box<dyn Write>,
    data_colour: bool,
    talk_colour: bool,
}

impl Output {
    /// The process's own stdout and stderr.
    pub(crate) fn standard() -> Self {
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            data: Box::new(io::stdout().lock()),
            talk: Box::new(io::stderr()),
            data_colour: io::stdout().is_terminal() && !no_colour,
            talk_colour: io::stderr().is_terminal() && !no_colour,
        }
    }

    /// What was asked for: goes to stdout as it is.
    pub(crate) fn data(&mut self, text: &str) -> Result<(), Failure> {
        self.data.write_all(text.as_bytes())?;
        Ok(self.data.flush()?)
    }

    /// Whether data may carry colours.
    pub(crate) const fn colours_data(&self) -> bool {
        self.data_colour
    }

    /// A line for the person at the terminal. A closed stderr is no reason to fail.
    pub(crate) fn talk(&mut self, line: &str) {
        let _ = writeln!(self.talk, "{line}");
    }

    /// Control sequences for the terminal, without a line end.
    #[cfg(feature = "executor")]
    pub(crate) fn talk_raw(&mut self, text: &str) {
        let _ = write!(self.talk, "{text}");
    }

    /// Problems as text with carets, to stderr.
    pub(crate) fn problems(&mut self, diagnostics: &Diagnostics, sources: &SourceMap) {
        if !diagnostics.is_empty() {
            let text = render::text(diagnostics, sources, self.talk_colour);
            self.talk(&text);
        }
    }
}

/// A file that is written anew stays as readable, writable and executable as it was.
fn keep_permissions(path: &Path, temporary: &Path) -> io::Result<()> {
    match std::fs::metadata(path) {
        Ok(metadata) => std::fs::set_permissions(temporary, metadata.permissions()),
        Err(_) => Ok(()),
    }
}

/// Writes a file by rename, so that it is whole or not there at all.
pub(crate) fn write_file(path: &Path, content: impl AsRef<[u8]>) -> Result<(), Failure> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(name);
    let written = std::fs::write(&temporary, content)
        .and_then(|()| keep_permissions(path, &temporary))
        .and_then(|()| std::fs::rename(&temporary, path));
    written.map_err(|error| {
        let _ = std::fs::remove_file(&temporary);
        let message = format!("`{}` cannot be written: {error}", path.display());
        Failure::world(Diagnostic::without_place(Code::E0006, message))
    })
}
