//! `windrow schema`: JSON Schemas of the YAML files, for editors.

use crate::syntax;

use super::{Exit, Failure, Output};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Of which files
    #[arg(value_enum, default_value_t = Which::Definitions)]
    which: Which,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Which {
    /// Definition files
    Definitions,
    /// windrow.yaml
    Windrow,
    /// Topologies
    Topology,
}

pub(crate) fn run(args: &Args, output: &mut Output) -> Result<Exit, Failure> {
    let schema = match args.which {
        Which::Definitions => syntax::definitions_schema(),
        Which::Windrow => syntax::project_schema(),
        Which::Topology => syntax::topology_schema(),
    };
    output.data(&format!("{schema:#}\n"))?;
    Ok(Exit::Fine)
}
