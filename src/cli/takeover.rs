//! `windrow takeover`: makes a state directory the active one of its deployment, whatever the old one does. A
//! standby on it goes live; without one, the newest checkpoint is restored and run here.

use super::deployed;
use super::run::Options;
use super::{Exit, Failure, Output};
use crate::executor::{self, Asked, Begin, Job};
use crate::types::Duration;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    options: Options,
    /// How long the standby may take to go live
    #[arg(long, value_name = "DURATION", default_value = "60s")]
    wait: Duration,
    /// Say that whoever was active before never comes back: nothing of it is watched for. Also after the takeover
    #[arg(long)]
    gone: bool,
}

pub(crate) fn run(args: &Args, output: &mut Output) -> Result<Exit, Failure> {
    let mut job = args.options.job(output)?;
    let wait = std::time::Duration::from_millis(args.wait.ms().unsigned_abs());
    match executor::ask(&job.state, wait) {
        Ok(Asked::TookOver) => {
            output.talk(&format!("the standby on `{}` has taken over", job.state.display()));
            if args.gone { say_gone(&job, output) } else { Ok(Exit::Fine) }
        }
        Ok(Asked::Nobody) => {
            (job.begin, job.former_are_gone) = (Begin::TakeOver, args.gone);
            args.options.start_log();
            let ended = executor::run(&job).map_err(|error| deployed::failure(&error))?;
            Ok(super::run::say(&ended, output))
        }
        // It has been taken over: only the word is missing.
        Err(executor::Error::StateInUse { .. }) if args.gone => say_gone(&job, output),
        Err(error) => Err(deployed::failure(&error)),
    }
}

fn say_gone(job: &Job, output: &mut Output) -> Result<Exit, Failure> {
    let gone = executor::say_gone(job).map_err(|error| deployed::failure(&error))?;
    if gone.is_empty() {
        output.talk("nobody is watched for");
    }
    for lease in gone {
        output.talk(&format!("lease {lease} is over"));
    }
    Ok(Exit::Fine)
}
