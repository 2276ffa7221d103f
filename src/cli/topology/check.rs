//! `windrow topology check FILE [--live]`.

use std::path::PathBuf;

use serde_json::json;

use super::super::{Exit, Failure, Output};
use super::{Format, line, object, read};
use crate::diag::Code;
use crate::topology::{Cluster, ClusterState};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The topology file
    file: PathBuf,
    /// Also ask every cluster that is not retired for its topics
    #[cfg(feature = "executor")]
    #[arg(long)]
    live: bool,
    /// How to show it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(args: &Args, output: &mut Output) -> Result<Exit, Failure> {
    let (topology, reader) = read(&args.file)?;
    output.problems(&reader.problems.sorted(), &reader.sources);
    let (generation, regions) = (topology.generation, topology.regions().len());
    output
        .talk(&format!("generation {generation}: {} clusters in {regions} regions", topology.clusters.len()));
    let asked: Vec<_> =
        topology.clusters.iter().filter(|cluster| cluster.state != ClusterState::Retired).collect();
    let answers = answers(args, &asked);
    let mut exit = Exit::Fine;
    for (at, cluster) in asked.iter().enumerate() {
        let mut shown = object(cluster);
        let said = match answers.get(at) {
            None => String::new(),
            Some(Ok((brokers, topics))) => {
                shown["brokers"] = (*brokers).into();
                shown["topics"] = topics.iter().map(|(topic, count)| json!([topic, count])).collect();
                format!("  answers: {brokers} brokers, {} topics", topics.len())
            }
            Some(Err(why)) => {
                exit = Exit::Differences;
                shown["error"] = why.as_str().into();
                output.talk(&format!("{}: {} does not answer: {why}", Code::E0711, cluster.name));
                format!("  no answer: {why}")
            }
        };
        match args.format {
            Format::Text => output.data(&format!("{}{said}\n", line(cluster)))?,
            Format::Json => output.data(&format!("{shown}\n"))?,
        }
    }
    Ok(exit)
}

/// How many brokers and which topics, each with its partitions, or why nobody answers.
type Answer = Result<(usize, Vec<(String, usize)>), String>;

#[cfg(feature = "executor")]
fn answers(args: &Args, asked: &[&Cluster]) -> Vec<Answer> {
    let answers = if args.live { crate::executor::inspect(asked) } else { Vec::new() };
    answers.into_iter().map(|answer| answer.map(|answer| (answer.brokers, answer.topics))).collect()
}

/// Without Kafka's client nobody is asked.
#[cfg(not(feature = "executor"))]
const fn answers(_: &Args, _: &[&Cluster]) -> Vec<Answer> {
    Vec::new()
}
