//! `windrow takeover`: makes a state directory the active one of its deployment, whatever the old one does. A
//! standby on it goes live; without one, the newest checkpoint is restored and run here.

use super::deployed;
use super::run::Options;
use super::{Exit, Failure, Output};
use crate::executor::{self, Asked, Begin};
use crate::types::Duration;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    options: Options,
    /// How long the standby may take to go live
    #[arg(long, value_name = "DURATION", default_value = "60s")]
    wait: Duration,
}

pub(crate) fn run(args: &Args, output: &mut Output) -> Result<Exit, Failure> {
    let mut job = args.options.job(output)?;
    let wait = std::time::Duration::from_millis(args.wait.ms().unsigned_abs());
    match executor::ask(&job.state, wait).map_err(|error| deployed::failure(&error))? {
        Asked::TookOver => {
            output.talk(&format!("the standby on `{}` has taken over", job.state.display()));
            Ok(Exit::Fine)
        }
        Asked::Nobody => {
            job.begin = Begin::TakeOver;
            args.options.start_log();
            let ended = executor::run(&job).map_err(|error| deployed::failure(&error))?;
            Ok(super::run::say(&ended, output))
        }
    }
}
