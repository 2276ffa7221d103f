//! A standby keeps the newest checkpoint in its state directory and waits. `windrow takeover` leaves a request
//! in that directory; the standby takes the next lease, goes live, and removes the request.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::{Pid, test_kill_process};

use super::checkpoint::{self, Manifest, Remote};
use super::job::{Begin, Job};
use super::run::{Ended, run};
use super::store::{self, DATABASE};
use super::{Error, lease_watch};

/// In a standby's directory: its process.
const STANDBY: &str = "standby";
/// In a standby's directory: somebody wants it to take over.
const REQUEST: &str = "takeover";
/// How often it looks for a newer checkpoint, and for the request.
const LOOK: Duration = lease_watch::EVERY;
const NAP: Duration = Duration::from_millis(50);

/// What came of asking for a takeover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Nobody uses that directory.
    Nobody,
    /// The standby is live.
    TookOver,
}

/// Keeps the newest checkpoint at hand until it is told to take over, then runs. `None`: it was told to stop
/// before.
///
/// # Errors
/// When the directory has a state or is in use; once it runs, as [`run`].
pub fn stand_by(job: &Job) -> Result<Option<Ended>, Error> {
    let lock = store::lock(&job.state)?;
    if job.state.join(DATABASE).exists() {
        return Err(Error::NotEmpty { dir: job.state.clone() });
    }
    let (standby, request) = (job.state.join(STANDBY), job.state.join(REQUEST));
    remove(&request)?;
    std::fs::write(&standby, std::process::id().to_string()).map_err(Error::io(&standby))?;
    let remote = Remote::open(&job.checkpoints)?;
    tracing::info!(place = %remote.place(), "standby");
    let asked = wait(job, &remote, &request);
    remove(&standby)?;
    if !asked {
        return Ok(None);
    }
    tracing::info!("asked to take over");
    // The run takes it again: nobody who respects a standby's directory is in between.
    drop(lock);
    run(&Job { begin: Begin::TakeOver, ..job.clone() }).map(Some)
}

/// Returns whether it is to take over.
fn wait(job: &Job, remote: &Remote, request: &Path) -> bool {
    let (mut have, mut look_at) = (None, Instant::now());
    loop {
        if job.stop.load(std::sync::atomic::Ordering::Relaxed) {
            return false;
        }
        if request.exists() {
            return true;
        }
        if Instant::now() >= look_at {
            if let Err(error) = look(job, remote, &mut have) {
                tracing::warn!("{}: {error}", error.code().as_str());
            }
            look_at = Instant::now() + LOOK;
        }
        std::thread::sleep(NAP);
    }
}

/// Brings a newer checkpoint, if there is one.
fn look(job: &Job, remote: &Remote, have: &mut Option<(u64, u64)>) -> Result<(), Error> {
    let Some(manifest) = checkpoint::newest(remote, &job.plan.deployment)? else { return Ok(()) };
    let Manifest { lease, epoch, .. } = manifest;
    if have.is_some_and(|have| have >= (lease, epoch)) {
        return Ok(());
    }
    let bytes = checkpoint::complete(remote, &manifest, &job.state)?;
    *have = Some((lease, epoch));
    tracing::info!(epoch, of_lease = lease, bytes, "the newest checkpoint is here");
    Ok(())
}

/// The state directory has a lease of its own: whoever asked for that is answered.
pub(super) fn answer(state: &Path) -> Result<(), Error> {
    remove(&state.join(REQUEST))
}

/// Asks the standby on a directory to take over, and waits until it has.
///
/// # Errors
/// When the directory is in use by a run, or the standby does not answer in time.
pub fn ask(state: &Path, within: Duration) -> Result<Asked, Error> {
    match store::lock(state) {
        Ok(_) => return Ok(Asked::Nobody),
        Err(Error::StateInUse { .. }) if state.join(STANDBY).exists() => {}
        Err(error) => return Err(error),
    }
    let pid = standby_of(state);
    let request = state.join(REQUEST);
    std::fs::write(&request, "").map_err(Error::io(&request))?;
    let began = Instant::now();
    while request.exists() {
        let is_there = pid.is_none_or(|pid| test_kill_process(pid).is_ok());
        if began.elapsed() > within || !is_there {
            remove(&request)?;
            return Err(Error::StandbyFailed { dir: state.to_path_buf() });
        }
        std::thread::sleep(NAP);
    }
    Ok(Asked::TookOver)
}

fn standby_of(state: &Path) -> Option<Pid> {
    let path: PathBuf = state.join(STANDBY);
    Pid::from_raw(std::fs::read_to_string(path).ok()?.trim().parse().ok()?)
}

fn remove(path: &Path) -> Result<(), Error> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io(path)(error)),
        _ => Ok(()),
    }
}
