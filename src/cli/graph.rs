//! `windrow graph`: the plan as a picture.

use std::path::PathBuf;

use crate::plan::{self, draw};

use super::load::load;
use super::output::write_file;
use super::{Exit, Failure, Output};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The project's folder, or one definition file
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Draw this deployment instead of all definitions
    #[arg(long, value_name = "NAME")]
    deployment: Option<String>,
    /// The language of the picture
    #[arg(long, value_enum, default_value_t = Format::Mermaid)]
    format: Format,
    /// Write to this file instead of the standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// For Graphviz
    Dot,
    /// For Markdown
    Mermaid,
    /// Opens in any browser
    Svg,
}

pub(crate) fn run(args: &Args, output: &mut Output) -> Result<Exit, Failure> {
    let loaded = load(&args.path)?.sound(output)?;
    let plan = match &args.deployment {
        Some(name) => plan::lower(&loaded.model, loaded.deployment(name)?),
        None => plan::lower(&loaded.model, &loaded.everything("all")),
    };
    let plan = plan::optimize(plan);
    let text = match args.format {
        Format::Dot => draw::dot(&plan),
        Format::Mermaid => draw::mermaid(&plan),
        Format::Svg => draw::svg(&plan),
    };
    match &args.out {
        Some(path) => {
            write_file(path, &text)?;
            output.talk(&format!("{} nodes drawn to {}", plan.len(), path.display()));
        }
        None => output.data(&text)?,
    }
    Ok(Exit::Fine)
}
