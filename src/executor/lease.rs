//! The lease: which state directory of a deployment is the active one (rule R2).
//!
//! Leases are numbered files in the environment's place of checkpoints, put there only if absent. Whoever
//! creates a state directory, restores one or takes over takes the next number; a directory whose number is
//! no longer the newest must not run, because its versions would lose against the newer one's anyway.
//!
//! Beside a lease may stand the word that it is over: nothing of it is queued in any client, and nothing will be
//! before its holder takes that word back. A holder gives it when it ends, whatever for; an operator for one
//! whose machine is gone. Without it the next holder watches for what may still come of it: see `former/`.

use std::collections::BTreeSet;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Error;
use super::checkpoint::{Pace, Remote};

/// What the name of the word that a lease is over ends with.
const OVER: &str = ".over";

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

/// What the word that a lease is over says, for people.
#[derive(Debug, Serialize)]
struct Over {
    lease: u64,
    said_by: SaidBy,
    at_ms: i64,
}

/// Who knows that a lease is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SaidBy {
    Holder,
    Operator,
}

/// The leases of a deployment, as one look has seen them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Known {
    all: BTreeSet<u64>,
    over: BTreeSet<u64>,
}

impl Known {
    /// The highest number there is; 0 if there is none.
    pub(super) fn newest(&self) -> u64 {
        self.all.last().copied().unwrap_or(0)
    }

    pub(super) fn is_over(&self, lease: u64) -> bool {
        self.over.contains(&lease)
    }

    /// Leases before that one of which something may still come.
    pub(super) fn open_before(&self, lease: u64) -> Vec<u64> {
        self.all.range(..lease).filter(|former| !self.is_over(**former)).copied().collect()
    }
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
            let lease = self.look()?.newest() + 1;
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
    pub(super) fn check(&self, held: u64) -> Result<Known, Error> {
        let known = self.look()?;
        let newest = known.newest();
        if newest <= held {
            return Ok(known);
        }
        Err(Error::LeaseLost { deployment: self.deployment.clone(), held, newest })
    }

    /// All leases.
    pub(super) fn look(&self) -> Result<Known, Error> {
        let found = self.remote.list(&self.folder, Pace::Quick)?;
        let numbers = |suffix: &str| {
            found.iter().filter_map(|found| found.name.strip_suffix(suffix)?.parse().ok()).collect()
        };
        Ok(Known { all: numbers(".json"), over: numbers(OVER) })
    }

    /// Says that a lease is over.
    pub(super) fn sign_off(&self, lease: u64, said_by: SaidBy, now_ms: i64) -> Result<(), Error> {
        let text = serde_json::to_vec_pretty(&Over { lease, said_by, at_ms: now_ms });
        self.remote.put(&self.over(lease), text.expect("plain fields are JSON"), Pace::Quick)
    }

    /// Takes that back. Whoever does looks at the leases afterwards, and whoever takes a lease looks for the word
    /// afterwards: so one of two who do both at once sees the other.
    pub(super) fn take_back(&self, lease: u64) -> Result<(), Error> {
        self.remote.delete(&self.over(lease))
    }

    fn over(&self, lease: u64) -> String {
        format!("{}/{lease}{OVER}", self.folder)
    }
}
