//! The command line: one file per subcommand. The only place that prints or exits.
//!
//! A subcommand is a file with `pub(crate) struct Args` and `run(&Args, &mut Output)`; it is wired in
//! at the two places marked below. Owns clap.
#![allow(
    clippy::disallowed_methods,
    reason = "the command line reads files and the environment for the rest"
)]

#[cfg(feature = "executor")]
mod backfill;
mod check;
#[cfg(feature = "executor")]
pub mod cluster;
mod compile;
mod convert;
#[cfg(feature = "executor")]
mod demo;
#[cfg(feature = "executor")]
mod deployed;
#[cfg(feature = "executor")]
mod dlq;
#[cfg(feature = "executor")]
mod execute;
#[cfg(feature = "executor")]
mod executed;
mod exit;
mod explain;
mod files;
mod flink;
mod fmt;
mod functions;
mod graph;
mod load;
mod models;
mod modules;
mod output;
mod preview;
mod read;
#[cfg(feature = "executor")]
mod run;
mod schema;
mod sites;
mod sql;
#[cfg(feature = "executor")]
mod status;
#[cfg(feature = "executor")]
mod tail;
#[cfg(feature = "executor")]
mod takeover;
mod test;
mod topology;
mod verify;

use std::ffi::OsString;

use clap::{Parser, Subcommand};

#[cfg(feature = "executor")]
use crate::diag::{Code, Diagnostic};

pub use exit::Exit;
pub(crate) use exit::Failure;
pub(crate) use output::Output;

/// windrow: says once what a feature is, and computes it everywhere.
#[derive(Parser)]
#[command(name = "windrow", version, arg_required_else_help = true, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check all definitions and show every problem
    Check(check::Args),
    /// Write the jobs of a project's deployments for another engine
    Compile(compile::Args),
    /// Turn YAML definitions into the DSL, comments kept
    Convert(convert::Args),
    /// Explain a definition or the code of a problem
    Explain(explain::Args),
    /// List the functions and aggregates, or show one of them
    Functions(functions::Args),
    /// Lay definition files out in the one way, comments kept
    Fmt(fmt::Args),
    /// Draw the plan of a project or a deployment
    Graph(graph::Args),
    /// Print the JSON Schema of YAML files, for editors
    Schema(schema::Args),
    /// Run a definition on files and show its rows
    Preview(preview::Args),
    /// Run a deployment: from Kafka, through its state, to every region
    #[cfg(feature = "executor")]
    Run(run::Args),
    /// Make a state directory the active one of its deployment, from the newest checkpoint
    #[cfg(feature = "executor")]
    Takeover(takeover::Args),
    /// Build a deployment's state from what the clusters keep; `run` goes on from it
    #[cfg(feature = "executor")]
    Backfill(backfill::Args),
    /// Show a published topic as its readers see it
    #[cfg(feature = "executor")]
    Tail(tail::Args),
    /// Check a topology, find topics and clusters in it, drain clusters
    Topology(topology::Args),
    /// Show how a deployment's run does, or did: watermarks, clusters, regions, ledger
    #[cfg(feature = "executor")]
    Status(status::Args),
    /// Records that could not be decoded: list, show, send again
    #[cfg(feature = "executor")]
    Dlq(dlq::Args),
    /// Show it all on this machine: two regions, real flights, faults, and a comparison at the end
    #[cfg(feature = "executor")]
    Demo(demo::Args),
    /// Run one embedded Kafka cluster
    #[cfg(feature = "executor")]
    #[command(hide = true)]
    Cluster(cluster::Args),
    /// Run one scenario of `verify`
    #[cfg(feature = "executor")]
    #[command(hide = true)]
    Execute(execute::Args),
    /// Show the rows of a query over files
    Sql(sql::Args),
    /// Run the tests inside definitions
    Test(test::Args),
    /// Compare engines with the oracle on random records
    Verify(verify::Args),
    // Wire a subcommand in here: one variant …
}

impl Command {
    fn run(&self, output: &mut Output) -> Result<Exit, Failure> {
        match self {
            Self::Check(args) => check::run(args, output),
            Self::Compile(args) => compile::run(args, output),
            Self::Convert(args) => convert::run(args, output),
            Self::Explain(args) => explain::run(args, output),
            Self::Functions(args) => functions::run(args, output),
            Self::Fmt(args) => fmt::run(args, output),
            Self::Graph(args) => graph::run(args, output),
            Self::Schema(args) => schema::run(args, output),
            Self::Preview(args) => preview::run(args, output),
            #[cfg(feature = "executor")]
            Self::Run(args) => run::run(args, output),
            #[cfg(feature = "executor")]
            Self::Takeover(args) => takeover::run(args, output),
            #[cfg(feature = "executor")]
            Self::Backfill(args) => backfill::run(args, output),
            #[cfg(feature = "executor")]
            Self::Tail(args) => tail::run(args, output),
            Self::Topology(args) => topology::run(args, output),
            #[cfg(feature = "executor")]
            Self::Status(args) => status::run(args, output),
            #[cfg(feature = "executor")]
            Self::Dlq(args) => dlq::run(args, output),
            #[cfg(feature = "executor")]
            Self::Demo(args) => demo::run(args, output),
            #[cfg(feature = "executor")]
            Self::Cluster(args) => serve(args),
            #[cfg(feature = "executor")]
            Self::Execute(args) => execute::run(args, output),
            Self::Sql(args) => sql::run(args, output),
            Self::Test(args) => test::run(args, output),
            Self::Verify(args) => verify::run(args, output),
            // … and one line here.
        }
    }
}

#[cfg(feature = "executor")]
fn serve(args: &cluster::Args) -> Result<Exit, Failure> {
    let failed =
        |error: cluster::Failed| Failure::world(Diagnostic::without_place(Code::E0913, error.to_string()));
    cluster::run(args.clone()).map(|()| Exit::Fine).map_err(failed)
}

/// Runs the command line `args` (the program's name first) and says how to exit.
pub fn main(args: impl IntoIterator<Item = OsString>) -> Exit {
    let mut output = Output::standard();
    let command = match Cli::try_parse_from(args) {
        Ok(cli) => cli.command,
        Err(error) => {
            // A closed terminal is no reason to fail; help and version are what was asked for.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Fine };
        }
    };
    match command.run(&mut output) {
        Ok(exit) => exit,
        Err(Failure::Coded { exit, diagnostics, sources }) => {
            output.problems(&diagnostics.sorted(), &sources);
            exit
        }
        Err(Failure::OutputClosed) => Exit::Fine,
    }
}
