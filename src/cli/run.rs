//! `windrow run`: one deployment, from its source topics to every region, until it is told to stop; with
//! `--until`, until everything that the clusters hold now is delivered.

use std::path::PathBuf;

use super::deployed::{self, Deployed, LogFormat};
use super::{Exit, Failure, Output};
use crate::executor;
use crate::types::{Duration, EventTime};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    deployed: Deployed,
    /// Read what the clusters hold now, publish every key as of this time, and end
    #[arg(long, value_name = "TIME")]
    until: Option<EventTime>,
    /// Rewrite this file once a second with how the run does, as JSON
    #[arg(long, value_name = "FILE")]
    status: Option<PathBuf>,
    /// How long a cluster that is down holds the watermark [default: the joins' `hold_for`, else 5m]
    #[arg(long, value_name = "DURATION")]
    hold_for: Option<Duration>,
    /// How the log on stderr looks
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
}

pub(crate) fn run(args: &Args, output: &mut Output) -> Result<Exit, Failure> {
    let mut job = args.deployed.job(output)?;
    job.status.clone_from(&args.status);
    job.hold_for_ms = args.hold_for.map(Duration::ms);
    deployed::start_log(args.log_format);
    let ended = match args.until {
        Some(cut) => executor::run_until(&job, cut),
        None => executor::run(&job),
    };
    let ended = ended.map_err(|error| deployed::failure(&error))?;
    output.talk(&deployed::ledger_line(&ended.ledger, ended.dead_letters));
    if !ended.behind.is_empty() {
        output.talk(&format!("kept for the next run: rows for {}", ended.behind.join(", ")));
    }
    Ok(if ended.interrupted { Exit::Differences } else { Exit::Fine })
}
