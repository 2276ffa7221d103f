//! `windrow topology drain CLUSTER`: first it is written down that nobody writes there any more; then the run
//! proves, partition by partition, that nothing of the cluster is left to be read; then it may be retired.

use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::{Value, json};

use super::super::load::load;
use super::super::output::write_file;
use super::super::status::From;
use super::super::{Exit, Failure, Output, files};
use super::{Format, edit, unknown};
use crate::diag::{Code, Diagnostic};
use crate::topology::{ClusterState, Topology};
use crate::types::Duration;

const LOOK_EVERY: std::time::Duration = std::time::Duration::from_millis(500);

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The cluster
    cluster: String,
    /// The project's folder
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The environment, as named in windrow.yaml
    #[arg(long, short, value_name = "NAME")]
    env: String,
    #[command(flatten)]
    from: From,
    /// How long to wait for the proof
    #[arg(long, value_name = "DURATION", default_value = "0s")]
    wait: Duration,
    /// Once it is proven, write `state: retired`
    #[arg(long)]
    retire: bool,
    /// How to show the proof
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(args: &Args, output: &mut Output) -> Result<Exit, Failure> {
    let project = load(&args.path)?.sound(output)?;
    let (environment, topology) = project.environment(&args.env)?;
    let file = files::below(&project.root, &environment.topology);
    let Some(cluster) = topology.cluster(&args.cluster) else {
        return Err(unknown(&args.cluster, "cluster", topology, std::iter::empty()));
    };
    if cluster.state == ClusterState::Active {
        write(&file, topology, &args.cluster, ClusterState::Draining, output)?;
    }
    let proof = wait(args)?;
    show(&proof, args, output)?;
    let is_proven = proof["proven"] == true;
    if is_proven && args.retire && cluster.state != ClusterState::Retired {
        let now = load(&args.path)?.sound(output)?;
        let (_, topology) = now.environment(&args.env)?;
        write(&file, topology, &args.cluster, ClusterState::Retired, output)?;
    }
    Ok(if is_proven { Exit::Fine } else { Exit::Differences })
}

/// Writes the state down, unless it would leave nobody to write to.
fn write(
    file: &Path,
    topology: &Topology,
    cluster: &str,
    state: ClusterState,
    output: &mut Output,
) -> Result<(), Failure> {
    let mut next = topology.clone();
    next.generation += 1;
    next.clusters.iter_mut().filter(|known| known.name == cluster).for_each(|known| known.state = state);
    topology.may_become(&next).map_err(|refusal| {
        let hint = "add a cluster to the group first";
        Failure::usage(Diagnostic::without_place(refusal.code(), refusal.to_string()).hint(hint))
    })?;
    let text = std::fs::read_to_string(file).map_err(|error| files::unreadable(file, &error))?;
    let edited = edit::with_state(&text, cluster, state).ok_or_else(|| {
        let message = format!("`{}` was changed meanwhile", file.display());
        Failure::world(Diagnostic::without_place(Code::E0790, message).hint("try again"))
    })?;
    write_file(file, edited)?;
    output.talk(&format!("{cluster} is {} in generation {}", state.name(), next.generation));
    Ok(())
}

/// What the run says of the cluster, once it is proven or the wait is over.
fn wait(args: &Args) -> Result<Value, Failure> {
    let began = Instant::now();
    let patience = std::time::Duration::from_millis(args.wait.ms().unsigned_abs());
    loop {
        let proof = proof(&args.from.report()?, &args.cluster);
        if proof["proven"] == true || began.elapsed() >= patience {
            return Ok(proof);
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

fn proof(report: &Value, cluster: &str) -> Value {
    let leaving = &report["topology"]["leaving"][cluster];
    let clusters = report["clusters"].as_array().into_iter().flatten();
    let of_cluster = clusters.filter(|known| known["name"] == cluster);
    let partitions: Vec<_> =
        of_cluster.filter_map(|known| known["partitions"].as_array()).flatten().collect();
    // A run that has not heard of it proves nothing, and its keys may be at home there alone.
    let mut sinks = report["sinks"].as_array().into_iter().flatten();
    let is_written = sinks.any(|sink| sink["clusters"].get(cluster).is_some());
    let unproven: Vec<_> = leaving["unproven"].as_array().into_iter().flatten().cloned().collect();
    let is_moving = is_written || report["rebroadcast"] == true;
    let proven = leaving.is_object() && unproven.is_empty() && !is_moving;
    json!({
        "cluster": cluster, "generation": report["topology"]["generation"], "state": leaving["state"],
        "retired": leaving["retired"], "proven": proven, "unproven": unproven, "partitions": partitions,
        "keys_are_moving": is_moving,
    })
}

fn show(proof: &Value, args: &Args, output: &mut Output) -> Result<(), Failure> {
    if args.format == Format::Json {
        return output.data(&format!("{proof}\n"));
    }
    for partition in proof["partitions"].as_array().into_iter().flatten() {
        let line = format!(
            "{}/{}: read up to {} of {}, {}\n",
            partition["topic"].as_str().unwrap_or_default(),
            partition["partition"],
            partition["next"],
            partition["end"],
            partition["state"].as_str().unwrap_or_default()
        );
        output.data(&line)?;
    }
    for missing in proof["unproven"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        output.data(&format!("missing: {missing}\n"))?;
    }
    if !proof["state"].is_string() {
        output.data("missing: the run has not taken the change yet\n")?;
    }
    if proof["keys_are_moving"] == true {
        output.data("missing: keys are still being put out at their new homes\n")?;
    }
    let verdict = if proof["proven"] == true { "nothing of it is left" } else { "not proven yet" };
    output.data(&format!("{}: {verdict}\n", args.cluster))
}
