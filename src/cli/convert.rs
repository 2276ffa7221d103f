//! `windrow convert`: YAML definitions as DSL text.

use std::path::{Path, PathBuf};

use crate::diag::{Code, Diagnostic, Diagnostics, SourceMap};
use crate::syntax::{self, Unformatted};

use super::files::{self, PROJECT_FILE};
use super::output::write_file;
use super::{Exit, Failure, Output};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// YAML definition files, or folders with all that is below them
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Write the text of all files to this one
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write each beside its file, as `.wr`, and remove the YAML
    #[arg(long, conflicts_with = "out")]
    in_place: bool,
}

pub(crate) fn run(args: &Args, output: &mut Output) -> Result<Exit, Failure> {
    let paths = paths(&args.paths)?;
    if args.in_place {
        paths.iter().try_for_each(|path| free(path))?;
    }
    let (mut sources, mut problems, mut texts) = (SourceMap::default(), Diagnostics::default(), Vec::new());
    for path in &paths {
        if let Some(file) = files::read(path, &mut sources, &mut problems)? {
            match syntax::convert(&sources, file) {
                Ok(text) => texts.push(text),
                Err(Unformatted::Wrong(found)) => problems.extend(found),
                Err(Unformatted::Changed) => problems.push(mistake(path)),
            }
        }
    }
    // All or nothing: a project of which half is converted still has all its definitions, but twice.
    if problems.has_errors() {
        return Err(Failure::definitions(problems, sources));
    }
    if args.in_place {
        for (path, text) in paths.iter().zip(&texts) {
            write_file(&path.with_extension("wr"), text)?;
            std::fs::remove_file(path).map_err(|error| files::unreadable(path, &error))?;
        }
        output.talk(&format!("{} files converted", paths.len()));
    } else {
        let text = texts.join("\n");
        match &args.out {
            Some(out) => write_file(out, &text)?,
            None => output.data(&text)?,
        }
    }
    Ok(Exit::Fine)
}

/// The files that are meant. One that is named must be YAML definitions; in a folder others are passed by.
fn paths(given: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for path in given {
        let metadata = std::fs::metadata(path).map_err(|error| files::unreadable(path, &error))?;
        if metadata.is_dir() {
            let all = files::definition_files(path, &[])?;
            found.extend(all.into_iter().filter(|path| is_yaml(path) && !files::is_topology(path)));
        } else if !is_yaml(path) || files::is_topology(path) || path.ends_with(PROJECT_FILE) {
            let message = format!("`{}` holds no definitions in YAML", path.display());
            let problem = Diagnostic::without_place(Code::E0090, message);
            return Err(Failure::usage(problem.hint("name a `.yaml` file of definitions")));
        } else {
            found.push(path.clone());
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// Refuses to write over a file.
fn free(path: &Path) -> Result<(), Failure> {
    let target = path.with_extension("wr");
    if target.exists() {
        let message = format!("`{}` exists already", target.display());
        let problem = Diagnostic::without_place(Code::E0092, message);
        return Err(Failure::usage(problem.hint("remove it, or name another file with `--out`")));
    }
    Ok(())
}

fn mistake(path: &Path) -> Diagnostic {
    let message = format!("`{}` cannot be converted", path.display());
    let hint = "this is a mistake of windrow: please report it with the file";
    Diagnostic::without_place(Code::E0091, message).hint(hint)
}
