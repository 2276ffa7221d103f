//! `windrow topology`: whether a topology file is right, where a topic or cluster is, and the way of a cluster
//! out of it.

mod check;
mod diff;
#[cfg(feature = "executor")]
mod drain;
#[cfg(feature = "executor")]
mod edit;
mod find;

use std::path::Path;

use super::read::Reader;
use super::{Exit, Failure, Output, files};
use crate::diag::{Code, Diagnostic, nearest};
use crate::topology::{Cluster, Topology};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Check a topology file; with `--live`, also whether every cluster answers
    Check(check::Args),
    /// Show what another topology has otherwise, and which Flink jobs that touches
    Diff(diff::Args),
    /// Show the clusters that have a topic, or where a cluster is
    Where(find::Args),
    /// Drain a cluster: write it down, and show what of it is still to be read
    #[cfg(feature = "executor")]
    Drain(drain::Args),
}

/// How to show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One object per line
    Json,
}

pub(crate) fn run(args: &Args, output: &mut Output) -> Result<Exit, Failure> {
    match &args.action {
        Action::Check(args) => check::run(args, output),
        Action::Diff(args) => diff::run(args, output),
        Action::Where(args) => find::run(args, output),
        #[cfg(feature = "executor")]
        Action::Drain(args) => drain::run(args, output),
    }
}

/// The topology in a file that has no mistakes, with the reader, which knows its warnings.
fn read(file: &Path) -> Result<(Topology, Reader), Failure> {
    if let Err(error) = std::fs::metadata(file) {
        return Err(files::unreadable(file, &error));
    }
    let mut reader = Reader::default();
    match reader.topology(file)? {
        Some(topology) => Ok((topology, reader)),
        None => Err(Failure::definitions(reader.problems, reader.sources)),
    }
}

fn unknown<'a>(
    name: &str,
    what: &str,
    topology: &'a Topology,
    more: impl Iterator<Item = &'a str>,
) -> Failure {
    let names = topology.clusters.iter().map(|cluster| cluster.name.as_str());
    let known: Vec<_> = names.chain(more).collect();
    let hint = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are: {}", known.join(", ")),
    };
    let message = format!("the topology has no {what} `{name}`");
    Failure::usage(Diagnostic::without_place(Code::E0712, message).hint(hint))
}

/// A cluster as one object.
fn object(cluster: &Cluster) -> serde_json::Value {
    let Cluster { region, group, name, bootstrap, state, .. } = cluster;
    serde_json::json!({
        "region": region, "group": group, "cluster": name, "state": state.name(), "bootstrap": bootstrap,
    })
}

/// The same for people.
fn line(cluster: &Cluster) -> String {
    let Cluster { region, group, name, bootstrap, state, .. } = cluster;
    format!("{region}/{group}/{name}  {}  {bootstrap}", state.name())
}
