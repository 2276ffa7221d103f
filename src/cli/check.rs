//! `windrow check`: every problem of a project, in one run.

use std::path::PathBuf;

use crate::diag::{Diagnostics, Severity, render};

use super::load::{Loaded, load};
use super::{Exit, Failure, Output};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The project's folder, or one definition file
    #[arg(default_value = ".")]
    path: PathBuf,
    /// How to show the problems
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// With the source lines and carets
    Text,
    /// An array of objects
    Json,
    /// Annotations of GitHub Actions
    Github,
}

pub(crate) fn run(args: &Args, output: &mut Output) -> Result<Exit, Failure> {
    let mut loaded = load(&args.path)?;
    let problems = std::mem::take(&mut loaded.problems).sorted();
    let text = match args.format {
        Format::Text if problems.is_empty() => String::new(),
        Format::Text => render::text(&problems, &loaded.sources, output.colours_data()) + "\n",
        Format::Json => format!("{:#}\n", render::json(&problems, &loaded.sources)),
        Format::Github => render::github(&problems, &loaded.sources),
    };
    output.data(&text)?;
    output.talk(&summary(&loaded, &problems));
    Ok(if problems.has_errors() { Exit::Definitions } else { Exit::Fine })
}

fn summary(loaded: &Loaded, problems: &Diagnostics) -> String {
    let definitions: usize = loaded.asts.iter().map(|(_, ast)| ast.definitions.len()).sum();
    let files = counted(loaded.sources.ids().count(), "file");
    let of = |severity| problems.iter().filter(|problem| problem.severity == severity).count();
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    let found = match (errors, warnings) {
        (0, 0) => "no problems".to_owned(),
        (0, warnings) => counted(warnings, "warning"),
        (errors, 0) => counted(errors, "error"),
        (errors, warnings) => format!("{}, {}", counted(errors, "error"), counted(warnings, "warning")),
    };
    format!("{}, {found} in {files}", counted(definitions, "definition"))
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
