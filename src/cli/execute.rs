//! `windrow execute` (hidden): one bounded run of one scenario of `windrow verify`, which starts a process of it
//! for each run, so that killing one is real.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::process::{Signal, set_parent_process_death_signal};

use super::deployed::{self, LogFormat};
use super::load::load;
use super::verify::sabotage;
use super::{Exit, Failure, Output};
use crate::diag::{Code, Diagnostic};
use crate::executor::{self, Job, Place};
use crate::topology::{Cluster, Topology};
use crate::types::EventTime;
use crate::verify::{self, Options};

/// What a run finds in its folder, and leaves there.
pub(super) const CLUSTERS: &str = "clusters.json";
pub(super) const STATE: &str = "state";
pub(super) const LEASES: &str = "leases";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The project's folder, or one definition file
    path: PathBuf,
    /// The definition
    #[arg(long)]
    of: String,
    /// The number of the scenario
    #[arg(long)]
    number: u64,
    #[arg(long)]
    seed: u64,
    #[arg(long)]
    sabotage: Option<String>,
    /// Threads that compute
    #[arg(long, default_value_t = 1)]
    shards: usize,
    /// Where the clusters are listed; state and leases are kept here
    #[arg(long)]
    dir: PathBuf,
}

pub(crate) fn run(args: &Args, output: &mut Output) -> Result<Exit, Failure> {
    // Whoever started it reads what it puts out: alone it is of no use.
    let _ = set_parent_process_death_signal(Some(Signal::KILL));
    let loaded = load(&args.path)?.sound(output)?;
    let sabotage = args.sabotage.as_deref().map(sabotage).transpose()?;
    let options = Options { seed: args.seed, sabotage, ..Options::default() };
    let execution = verify::execution(&loaded.model, &args.of, args.number, &options).map_err(failed)?;
    let topology = topology(&args.dir.join(CLUSTERS)).map_err(|error| failed(error.to_string()))?;
    let place = Place::Folder(args.dir.join(LEASES));
    let mut job = Job::new(execution.plan, topology, place, args.dir.join(STATE));
    job.shards = args.shards;
    job.caller = Some(Arc::clone(&loaded.caller));
    // Poison is dealt out at random: no share of it is too much.
    job.max_bad_percent = 100.0;
    job.from = Some(EventTime(0));
    deployed::start_log(LogFormat::Text);
    let ended = executor::run_until(&job, execution.cut).map_err(|error| deployed::failure(&error))?;
    Ok(super::run::say(&ended, output))
}

fn failed(message: String) -> Failure {
    Failure::world(Diagnostic::without_place(Code::E0980, message))
}

/// Regions, groups, names and addresses, a list for each cluster.
fn topology(path: &Path) -> std::io::Result<Topology> {
    let listed: Vec<[String; 4]> = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let clusters = listed.into_iter().map(|[region, group, name, bootstrap]| Cluster {
        region,
        group,
        name,
        bootstrap,
        ..Cluster::default()
    });
    Ok(Topology { generation: 1, clusters: clusters.collect(), ..Topology::default() })
}
