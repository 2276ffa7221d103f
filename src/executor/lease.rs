//! The lease: which state directory of a deployment is the active one (rule R2).
//!
//! Leases are numbered files in the environment's place of checkpoints, put there only if absent. Whoever
//! creates a state directory, restores one or takes over takes the next number; a directory whose number is
//! no longer the newest must not run, because its versions would lose against the newer one's anyway.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Error;
use super::checkpoint::{Pace, Remote};

/// The leases of one deployment.
#[derive(Debug, Clone)]
pub(super) struct Leases {
    remote: Remote,
    folder: String,
    deployment: String,
}

/// What a lease file says, for people.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    deployment: String,
    lease: u64,
    state: String,
    host: String,
    taken_at_ms: i64,
}

impl Leases {
    pub(super) fn new(remote: Remote, deployment: &str) -> Self {
        Self { remote, folder: format!("leases/{deployment}"), deployment: deployment.to_owned() }
    }

    /// The place that they are kept in.
    pub(super) const fn remote(&self) -> &Remote {
        &self.remote
    }

    /// Takes the next number for the state directory `state`.
    pub(super) fn take(&self, state: &Path, now_ms: i64) -> Result<u64, Error> {
        loop {
            let lease = self.newest()? + 1;
            let record = Record {
                deployment: self.deployment.clone(),
                lease,
                state: state.display().to_string(),
                host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
                taken_at_ms: now_ms,
            };
            let text = serde_json::to_vec_pretty(&record).expect("a record of plain fields is JSON");
            if self.remote.put_if_absent(&format!("{}/{lease}.json", self.folder), text)? {
                return Ok(lease);
            }
        }
    }

    /// Fails unless `held` is the newest lease.
    pub(super) fn check(&self, held: u64) -> Result<(), Error> {
        let newest = self.newest()?;
        if newest <= held {
            return Ok(());
        }
        Err(Error::LeaseLost { deployment: self.deployment.clone(), held, newest })
    }

    /// The highest number there is; 0 if there is none.
    fn newest(&self) -> Result<u64, Error> {
        let found = self.remote.list(&self.folder, Pace::Quick)?;
        let numbers = found.iter().filter_map(|found| found.name.strip_suffix(".json")?.parse().ok());
        Ok(numbers.max().unwrap_or(0))
    }
}
