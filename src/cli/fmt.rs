//! `windrow fmt`: definition files in the one layout, with their comments.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::diag::{Code, Diagnostic, Diagnostics, FileId, SourceMap};
use crate::syntax::{self, SIZE_MAX_BYTES, Unformatted};

use super::files;
use super::output::write_file;
use super::{Exit, Failure, Output};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Files, or folders with all that is below them
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,
    /// Write nothing: show what would change, and exit with 1 if anything would
    #[arg(long)]
    check: bool,
    /// Read one file from the standard input and write it to the standard output
    #[arg(long, conflicts_with = "paths")]
    stdin: bool,
}

/// What became of the files.
#[derive(Default)]
struct Outcome {
    sources: SourceMap,
    problems: Diagnostics,
    files: usize,
    changed: usize,
    yaml: usize,
}

pub(crate) fn run(args: &Args, output: &mut Output) -> Result<Exit, Failure> {
    let mut outcome = Outcome::default();
    if args.stdin {
        return standard_input(args, outcome, output);
    }
    for path in paths(&args.paths)? {
        if is_yaml(&path) {
            outcome.yaml += 1;
            continue;
        }
        outcome.files += 1;
        let file = files::read(&path, &mut outcome.sources, &mut outcome.problems)?;
        let Some(text) = file.and_then(|file| outcome.formatted(file)) else { continue };
        if Some(&*text) == file.map(|file| outcome.sources.text(file)) {
            continue;
        }
        outcome.changed += 1;
        if args.check {
            let old = file.map_or("", |file| outcome.sources.text(file));
            output.data(&diff(&path, old, &text))?;
        } else {
            // A link stays one: what it leads to is written.
            let path = path.canonicalize().map_err(|error| files::unreadable(&path, &error))?;
            write_file(&path, &text)?;
        }
    }
    let problems = std::mem::take(&mut outcome.problems).sorted();
    output.problems(&problems, &outcome.sources);
    output.talk(&outcome.summary(args.check));
    let is_wrong = problems.has_errors() || (args.check && outcome.changed > 0);
    Ok(if is_wrong { Exit::Definitions } else { Exit::Fine })
}

fn standard_input(args: &Args, mut outcome: Outcome, output: &mut Output) -> Result<Exit, Failure> {
    let mut bytes = Vec::new();
    // One byte more than may be is enough to know.
    let read = std::io::stdin().take(SIZE_MAX_BYTES as u64 + 1).read_to_end(&mut bytes);
    let name = Path::new("standard input");
    read.map_err(|error| files::unreadable(name, &error))?;
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let file = outcome.sources.add(name, String::from_utf8_lossy(error.as_bytes()));
            let wrong = syntax::text_of(error.as_bytes()).err().map(|error| error.diagnostic(file));
            if let Some(problem) = wrong {
                outcome.problems.push(problem);
            }
            return Err(Failure::definitions(outcome.problems, outcome.sources));
        }
    };
    let file = outcome.sources.add(name, text);
    let Some(formatted) = outcome.formatted(file) else {
        return Err(Failure::definitions(outcome.problems, outcome.sources));
    };
    let old = outcome.sources.text(file);
    if !args.check {
        output.data(&formatted)?;
        return Ok(Exit::Fine);
    }
    output.data(&diff(name, old, &formatted))?;
    Ok(if old == formatted { Exit::Fine } else { Exit::Definitions })
}

/// The files that are meant: folders by what is below them, in order, each once.
fn paths(given: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for path in given {
        std::fs::metadata(path).map_err(|error| files::unreadable(path, &error))?;
        found.extend(files::definition_files(path, &[])?);
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// What would change, as a unified diff; nothing if nothing would.
fn diff(path: &Path, old: &str, new: &str) -> String {
    let shown = path.display().to_string();
    similar::TextDiff::from_lines(old, new).unified_diff().header(&shown, &shown).to_string()
}

impl Outcome {
    /// The file in the one layout; problems where there is none.
    fn formatted(&mut self, file: FileId) -> Option<String> {
        match syntax::format(&self.sources, file) {
            Ok(text) => return Some(text),
            Err(Unformatted::Wrong(problems)) => self.problems.extend(problems),
            Err(Unformatted::Changed) => {
                let message = format!("`{}` is left as it is", self.sources.path(file).display());
                let problem = Diagnostic::without_place(Code::E0091, message);
                let hint = "this is a mistake of windrow: please report it with the file";
                self.problems.push(problem.hint(hint));
            }
        }
        None
    }

    fn summary(&self, is_check: bool) -> String {
        let done = if is_check { "to format" } else { "formatted" };
        let mut text = format!("{} of {} files {done}", self.changed, self.files);
        if self.yaml > 0 {
            let _ = write!(text, "; {} YAML left alone (`windrow convert` turns it into the DSL)", self.yaml);
        }
        text
    }
}
