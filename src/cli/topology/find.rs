//! `windrow topology where TOPIC|CLUSTER`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::super::load::load;
use super::super::{Exit, Failure, Output};
use super::{Format, line, object, unknown};
use crate::model::Model;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// A cluster of the topology, or a topic that a definition reads or publishes
    name: String,
    /// The project's folder
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The environment, as named in windrow.yaml
    #[arg(long, short, value_name = "NAME")]
    env: String,
    /// How to show it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// A definition that has to do with a topic.
struct Use {
    topic: String,
    group: String,
    /// Like `read by source purchases`.
    by: String,
}

pub(super) fn run(args: &Args, output: &mut Output) -> Result<Exit, Failure> {
    let project = load(&args.path)?.sound(output)?;
    let (_, topology) = project.environment(&args.env)?;
    let uses = uses(&project.model);
    let of_topic: Vec<_> = uses.iter().filter(|used| used.topic == args.name).collect();
    let groups: BTreeSet<_> = of_topic.iter().map(|used| used.group.as_str()).collect();
    let is_meant = |cluster: &crate::topology::Cluster| {
        cluster.name == args.name || groups.contains(cluster.group.as_str())
    };
    let found: Vec<_> = topology.clusters.iter().filter(|cluster| is_meant(cluster)).collect();
    if found.is_empty() {
        let topics = uses.iter().map(|used| used.topic.as_str());
        return Err(unknown(&args.name, "cluster or topic", topology, topics));
    }
    for cluster in found {
        // Of a cluster all that is there, of a topic what it is there for.
        let here = uses
            .iter()
            .filter(|used| used.group == cluster.group && (of_topic.is_empty() || used.topic == args.name));
        let here: Vec<_> = here.map(|used| format!("{} {}", used.topic, used.by)).collect();
        match args.format {
            Format::Text => output.data(&format!("{}  {}\n", line(cluster), here.join(", ")))?,
            Format::Json => {
                let mut shown = object(cluster);
                shown["topics"] = here.into();
                output.data(&format!("{shown}\n"))?;
            }
        }
    }
    Ok(Exit::Fine)
}

fn uses(model: &Model) -> Vec<Use> {
    let mut uses = Vec::new();
    let mut add = |topic: &str, group: &str, by: String| {
        uses.push(Use { topic: topic.to_owned(), group: group.to_owned(), by });
    };
    for source in &model.sources {
        add(&source.topic, &source.group, format!("read by source {}", source.name));
    }
    for table in &model.tables {
        add(&table.topic, &table.group, format!("read by table {}", table.name));
    }
    for group_by in &model.group_bys {
        if let Some(publish) = &group_by.publish {
            add(&publish.topic, &publish.group, format!("published by group_by {}", group_by.name));
        }
    }
    for join in &model.joins {
        if let Some(publish) = &join.publish {
            add(&publish.topic, &publish.group, format!("published by join {}", join.name));
        }
    }
    uses
}
