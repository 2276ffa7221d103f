//! What subcommands that run a deployment share: PATH, deployment, environment and state on the command
//! line, and the executor's failures as coded problems.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::exit::Exit;
use super::files::below;
use super::load::load;
use super::{Failure, Output, modules};
use crate::dataflow::Ledger;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity, SourceMap};
use crate::executor::{Error, Job, MAX_BAD_PERCENT, Place, TopologyFile, on_signal};
use crate::model::Checkpoints;
use crate::topology::Topology;
use crate::{model, plan, syntax};

/// Which deployment, where.
#[derive(Debug, clap::Args)]
pub(crate) struct Deployed {
    /// The project's folder
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The deployment, as named in windrow.yaml
    #[arg(long, short, value_name = "NAME")]
    deployment: String,
    /// The environment, as named in windrow.yaml
    #[arg(long, short, value_name = "NAME")]
    env: String,
    /// The folder of its state; created if missing, one process at a time
    #[arg(long, value_name = "DIR")]
    state: PathBuf,
    /// Threads that compute; values do not depend on it [default: the machine's cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    shards: Option<u16>,
    /// How many percent of a partition's records may be dead letters within a minute; more stop the partition
    #[arg(long, value_name = "PERCENT", default_value_t = MAX_BAD_PERCENT)]
    max_bad: f64,
}

/// How the log looks.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum LogFormat {
    /// A line per event, for people
    Text,
    /// A JSON object per line
    Json,
}

impl Deployed {
    /// Reads the project and catches signals.
    pub(crate) fn job(&self, output: &mut Output) -> Result<Job, Failure> {
        let loaded = load(&self.path)?.sound(output)?;
        let deployment = loaded.deployment(&self.deployment)?;
        let (environment, topology) = loaded.environment(&self.env)?;
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let plan = loaded.runnable(plan::optimize(plan::lower(&loaded.model, deployment)))?;
        let checkpoints = place(&loaded.root, &environment.checkpoints);
        let mut job = Job::new(plan, topology.clone(), checkpoints, self.state.clone());
        let path = below(&loaded.root, &environment.topology);
        job.topology_file = Some(TopologyFile { path, parse: Arc::new(read_topology) });
        job.shards = self.shards.map_or_else(cores, usize::from);
        job.max_bad_percent = self.max_bad;
        job.caller = Some(Arc::clone(&loaded.caller));
        let models = modules::codes(&loaded.root, modules::called(&job.plan)).into_iter();
        job.models = models.filter_map(|(function, code)| Some((function, code?))).collect();
        job.stop = stop_flag()?;
        Ok(job)
    }
}

fn place(root: &Path, checkpoints: &Checkpoints) -> Place {
    match checkpoints.clone() {
        Checkpoints::Folder(folder) => Place::Folder(root.join(folder)),
        Checkpoints::S3 { bucket, prefix } => Place::S3 { bucket, prefix },
        Checkpoints::Azure { container, prefix } => Place::Azure { container, prefix },
    }
}

/// A topology from its text, or its first mistake in a line.
fn read_topology(text: &str) -> Result<Topology, String> {
    let mut sources = SourceMap::default();
    let file = sources.add("topology.yaml", text);
    let (written, mut problems) = syntax::parse_topology(&sources, file);
    let (topology, more) = model::resolve_topology(&written);
    problems.extend(more);
    let problems = problems.sorted();
    let Some(first) = problems.iter().find(|problem| problem.severity == Severity::Error) else {
        return Ok(topology);
    };
    let place = first.span.map_or_else(String::new, |span| {
        let at = sources.position(span.file, span.start);
        format!("line {}, column {}: ", at.line, at.column)
    });
    Err(format!("{}: {place}{}", first.code, first.message))
}

/// A flag that SIGTERM and SIGINT set.
pub(crate) fn stop_flag() -> Result<Arc<AtomicBool>, Failure> {
    on_signal().map_err(|error| {
        Failure::world(Diagnostic::without_place(Code::E0911, format!("cannot catch signals: {error}")))
    })
}

/// Where a run's log goes: stderr. `RUST_LOG` chooses more or less of it.
pub(crate) fn start_log(format: LogFormat) {
    // librdkafka repeats itself with every attempt at a dead broker; windrow says itself what is down.
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info,librdkafka=off,rdkafka=off"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    // Already set is as good: a process has one log.
    let _ = match format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().try_init(),
    };
}

/// A failed run, with its code and exit.
pub(crate) fn failure(error: &Error) -> Failure {
    let mut diagnostics = Diagnostics::default();
    diagnostics.push(error.diagnostic());
    let exit = match error.exit_code() {
        1 => Exit::Definitions,
        2 => Exit::Usage,
        _ => Exit::World,
    };
    Failure::Coded { exit, diagnostics, sources: Box::default() }
}

/// The ledger in one line.
pub(crate) fn ledger_line(ledger: &Ledger, dead_letters: u64) -> String {
    let sources = ledger.sources.iter().map(|(name, counts)| {
        format!(
            "{name}: {} records, {} decoded, {} dead letters",
            counts.consumed, counts.decoded, counts.dead_lettered
        )
    });
    let mut lines: Vec<_> = sources.collect();
    let of = |count: fn(&crate::dataflow::NodeLedger) -> u64| -> u64 {
        ledger.nodes.iter().map(|(_, counts)| count(counts)).sum()
    };
    let rest = [
        ("duplicates", of(|node| node.duplicate)),
        ("expired", of(|node| node.expired)),
        ("null keys", of(|node| node.null_key)),
        ("missed by joins", of(|node| node.missed)),
        ("model calls that failed", ledger.calls.iter().map(|(_, calls)| calls.failed).sum()),
        ("dead letters kept in the state", dead_letters),
    ];
    lines.extend(rest.iter().filter(|(_, count)| *count > 0).map(|(what, count)| format!("{what}: {count}")));
    lines.join("; ")
}
