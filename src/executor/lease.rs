//! The lease: which state directory of a deployment is the active one (rule R2).
//!
//! Leases are numbered files in the environment's checkpoint folder, put there only if absent. Whoever
//! creates a state directory takes the next number; a directory whose number is no longer the newest must
//! not run, because its versions would lose against the newer one's anyway.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use super::Error;

/// Numbers this process's drafts: two takers never write one file.
static DRAFTS: AtomicU64 = AtomicU64::new(0);

/// The leases of one deployment.
#[derive(Debug, Clone)]
pub(super) struct Leases {
    folder: PathBuf,
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
    pub(super) fn new(checkpoints: &Path, deployment: &str) -> Self {
        let folder = checkpoints.join("leases").join(deployment);
        Self { folder, deployment: deployment.to_owned() }
    }

    /// Takes the next number for the state directory `state`.
    pub(super) fn take(&self, state: &Path, now_ms: i64) -> Result<u64, Error> {
        fs::create_dir_all(&self.folder).map_err(Error::io(&self.folder))?;
        loop {
            let lease = self.newest()? + 1;
            let record = Record {
                deployment: self.deployment.clone(),
                lease,
                state: state.display().to_string(),
                host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
                taken_at_ms: now_ms,
            };
            if self.put_if_absent(&record)? {
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
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(Error::io(&self.folder)(error)),
        };
        let mut newest = 0;
        for entry in entries {
            let name = entry.map_err(Error::io(&self.folder))?.file_name();
            let number = name.to_str().and_then(|name| name.strip_suffix(".json")?.parse().ok());
            newest = newest.max(number.unwrap_or(0));
        }
        Ok(newest)
    }

    /// Puts the whole file under its name, or nothing: a link fails where the name exists.
    fn put_if_absent(&self, record: &Record) -> Result<bool, Error> {
        let path = self.folder.join(format!("{}.json", record.lease));
        let draft = DRAFTS.fetch_add(1, Ordering::Relaxed);
        let draft = self.folder.join(format!("{}.{}-{draft}.draft", record.lease, std::process::id()));
        let text = serde_json::to_vec_pretty(record).expect("a record of plain fields is JSON");
        let written = fs::File::create(&draft).and_then(|mut file| {
            file.write_all(&text)?;
            file.sync_all()
        });
        written.map_err(Error::io(&draft))?;
        let linked = fs::hard_link(&draft, &path);
        fs::remove_file(&draft).map_err(Error::io(&draft))?;
        match linked {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(Error::io(&path)(error)),
        }
    }
}
