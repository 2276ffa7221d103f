//! `windrow run`: one deployment, from its source topics to every region, until it is told to stop; with
//! `--until`, until everything that the clusters hold now is delivered; with `--standby`, once it is told to
//! take over.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::deployed::{self, Deployed, LogFormat};
use super::{Exit, Failure, Output};
use crate::executor::{self, AcceptedGap, BACKLOG_MAX, Begin, Ended, Job, STATE_MEMORY_MB};
use crate::types::{Duration, EventTime};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    options: Options,
    /// Read what the clusters hold now, publish every key as of this time, and end
    #[arg(long, value_name = "TIME")]
    until: Option<EventTime>,
    /// Where the state directory is empty: go on from the newest checkpoint, if there is one
    #[arg(long)]
    restore: bool,
    /// Where the state directory is empty: begin with what the clusters hold, whatever checkpoints there are
    #[arg(long, conflicts_with = "restore")]
    fresh: bool,
    /// Keep the newest checkpoint in the state directory, and run once `windrow takeover` says so
    #[arg(long, conflicts_with_all = ["restore", "fresh", "until"])]
    standby: bool,
}

/// What runs that go on share.
#[derive(clap::Args)]
pub(super) struct Options {
    #[command(flatten)]
    deployed: Deployed,
    /// Rewrite this file once a second with how the run does, as JSON
    #[arg(long, value_name = "FILE")]
    status: Option<PathBuf>,
    /// Serve /livez, /readyz, /metrics and /status there; port 0 takes one that is free, which the log and the status say
    #[arg(long, value_name = "ADDR:PORT")]
    http: Option<SocketAddr>,
    /// Go on behind offsets that a log has lost, as `windrow status` names them; may be given several times
    #[arg(long, value_name = "CLUSTER/TOPIC/PARTITION@FROM-TO")]
    accept_gap: Vec<AcceptedGap>,
    /// How many rows `as events` may wait for a region that takes none; the oldest are given up
    #[arg(long, value_name = "ROWS", default_value_t = BACKLOG_MAX)]
    backlog_max: u64,
    /// What the state of keys may take in memory, about, in MB; beyond it keys that were not seen for longest are on disk alone
    #[arg(long, value_name = "MB", default_value_t = STATE_MEMORY_MB)]
    state_memory: usize,
    /// How long a cluster that is down holds the watermark, for joins too [default: the joins' `hold_for`, else 5m;
    /// with `--until` at least 5m]
    #[arg(long, value_name = "DURATION")]
    hold_for: Option<Duration>,
    /// How often a checkpoint of the state is sent to the environment's place
    #[arg(long, value_name = "DURATION", default_value = "5m")]
    checkpoint_every: Duration,
    /// How many checkpoints are kept
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..))]
    keep_checkpoints: u16,
    /// How the log on stderr looks
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
}

impl Options {
    pub(super) fn job(&self, output: &mut Output) -> Result<Job, Failure> {
        let mut job = self.deployed.job(output)?;
        job.status.clone_from(&self.status);
        job.accepted_gaps.clone_from(&self.accept_gap);
        job.backlog_max = self.backlog_max;
        job.state_memory_bytes = self.state_memory.saturating_mul(1 << 20);
        job.http = self.http;
        job.hold_for_ms = self.hold_for.map(Duration::ms);
        let every = self.checkpoint_every.ms().unsigned_abs();
        job.checkpoint_every = Some(std::time::Duration::from_millis(every));
        job.checkpoints_kept = usize::from(self.keep_checkpoints);
        Ok(job)
    }

    pub(super) fn start_log(&self) {
        deployed::start_log(self.log_format);
    }
}

pub(crate) fn run(args: &Args, output: &mut Output) -> Result<Exit, Failure> {
    let mut job = args.options.job(output)?;
    job.begin = match (args.restore, args.fresh) {
        (true, _) => Begin::Restore,
        (false, true) => Begin::Fresh,
        (false, false) => Begin::Ask,
    };
    args.options.start_log();
    let ended = match args.until {
        _ if args.standby => executor::stand_by(&job),
        Some(cut) => executor::run_until(&job, cut).map(Some),
        None => executor::run(&job).map(Some),
    };
    let ended = ended.map_err(|error| deployed::failure(&error))?;
    Ok(ended.map_or(Exit::Fine, |ended| say(&ended, output)))
}

/// What a run that ended in order says last.
pub(super) fn say(ended: &Ended, output: &mut Output) -> Exit {
    output.talk(&deployed::ledger_line(&ended.ledger, ended.dead_letters));
    if !ended.behind.is_empty() {
        output.talk(&format!("kept for the next run: rows for {}", ended.behind.join(", ")));
    }
    if ended.interrupted { Exit::Differences } else { Exit::Fine }
}
