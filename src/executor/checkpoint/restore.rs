//! Brings a checkpoint back: every file is held against its hash before it counts, and the state directory
//! has the store as a whole or not at all.
//!
//! The order: files into a folder of their own; a new lease; a note of the lease; the folder becomes the
//! store by one rename. A run that finds the note makes the lease the store's, and every key is put out once:
//! readers may have rows that were computed after the checkpoint, which the new lease's replace.

use std::collections::BTreeSet;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::super::clock::now_ms;
use super::super::job::Job;
use super::super::lease::Leases;
use super::super::store::DATABASE;
use super::super::synced::Synced;
use super::super::{Error, fault};
use super::folder::{sync_folder, write_synced};
use super::manifest::{self, Manifest};
use super::remote::{Pace, Remote};
use super::write::{files, manifests};

/// Where files are gathered until they are complete.
const INCOMING: &str = "incoming";
const NOTE: &str = "restored.json";

/// What a run that finds a restored store must know.
#[derive(Debug, Serialize, Deserialize)]
pub(in super::super) struct Note {
    pub(in super::super) lease: u64,
    pub(in super::super) epoch: u64,
}

/// The newest checkpoint of a deployment.
pub(in super::super) fn newest(remote: &Remote, deployment: &str) -> Result<Option<Manifest>, Error> {
    let folder = manifests(deployment);
    let known = remote.list(&folder, Pace::Bulk)?;
    let newest = known.iter().filter_map(|found| Some((Manifest::numbers(&found.name)?, &found.name))).max();
    let Some((_, name)) = newest else { return Ok(None) };
    let name = format!("{folder}/{name}");
    let damaged =
        |why: String| Error::DamagedCheckpoint { place: remote.place().to_string(), name: name.clone(), why };
    let bytes = remote.get(&name)?.ok_or_else(|| damaged("it is gone".to_owned()))?;
    Manifest::decode(&bytes).map(Some).map_err(damaged)
}

/// Brings the files of a checkpoint into the state directory, as far as they are not there. Returns how many
/// bytes came.
pub(in super::super) fn complete(remote: &Remote, manifest: &Manifest, state: &Path) -> Result<u64, Error> {
    let incoming = state.join(INCOMING);
    std::fs::create_dir_all(&incoming).map_err(Error::io(&incoming))?;
    let wanted: BTreeSet<_> = manifest.files.iter().map(|file| file.name.as_str()).collect();
    for entry in std::fs::read_dir(&incoming).map_err(Error::io(&incoming))? {
        let path = entry.map_err(Error::io(&incoming))?.path();
        if !path.file_name().and_then(|name| name.to_str()).is_some_and(|name| wanted.contains(name)) {
            std::fs::remove_file(&path).map_err(Error::io(&path))?;
        }
    }
    let mut bytes = 0;
    for file in &manifest.files {
        let path = incoming.join(&file.name);
        if !is_whole(&path, file) {
            bytes += fetch(remote, manifest, file, &path)?;
        }
    }
    sync_folder(&incoming).map_err(Error::io(&incoming))?;
    Ok(bytes)
}

fn is_whole(path: &Path, file: &manifest::File) -> bool {
    let is_long = std::fs::metadata(path).is_ok_and(|about| about.len() == file.bytes);
    is_long && std::fs::read(path).is_ok_and(|bytes| manifest::hash_of(&bytes) == file.sha256)
}

fn fetch(remote: &Remote, manifest: &Manifest, file: &manifest::File, path: &Path) -> Result<u64, Error> {
    let name = format!("{}/{}", files(&manifest.deployment), file.sha256);
    let damaged = |why: String| {
        let why = format!("{why}; it is {} of epoch {}", file.name, manifest.epoch);
        Error::DamagedCheckpoint { place: remote.place().to_string(), name: name.clone(), why }
    };
    let bytes = remote.get(&name)?.ok_or_else(|| damaged("it is gone".to_owned()))?;
    if bytes.len() as u64 != file.bytes || manifest::hash_of(&bytes) != file.sha256 {
        return Err(damaged("its content has another hash than its name says".to_owned()));
    }
    write_synced(path, &bytes).map_err(Error::io(path))?;
    Ok(file.bytes)
}

/// Makes a checkpoint the state, under a new lease.
pub(in super::super) fn restore(
    job: &Job,
    remote: &Remote,
    leases: &Leases,
    manifest: &Manifest,
) -> Result<(), Error> {
    let bytes = complete(remote, manifest, &job.state)?;
    fault::point("restore_fetched");
    let lease = leases.take(&job.state, now_ms())?;
    let note = Note { lease, epoch: manifest.epoch };
    let path = job.state.join(NOTE);
    let text = serde_json::to_vec(&note).expect("plain fields are JSON");
    write_synced(&path, &text).map_err(Error::io(&path))?;
    fault::point("restore_noted");
    Synced::create(&job.state.join(INCOMING), manifest.sequence)?;
    let database = job.state.join(DATABASE);
    std::fs::rename(job.state.join(INCOMING), &database).map_err(Error::io(&database))?;
    sync_folder(&job.state).map_err(Error::io(&job.state))?;
    fault::point("restore_renamed");
    let (epoch, of_lease) = (manifest.epoch, manifest.lease);
    tracing::info!(epoch, of_lease, lease, bytes, place = %remote.place(), "the state is that of a checkpoint");
    Ok(())
}

/// The note of a restored store that no run has taken up yet.
pub(in super::super) fn note(state: &Path) -> Result<Option<Note>, Error> {
    let path = state.join(NOTE);
    match std::fs::read(&path) {
        Ok(text) => {
            let damaged = |error: serde_json::Error| Error::DamagedState {
                path: path.clone(),
                what: error.to_string(),
            };
            serde_json::from_slice(&text).map(Some).map_err(damaged)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io(&path)(error)),
    }
}

/// The note has been taken up.
pub(in super::super) fn forget_note(state: &Path) -> Result<(), Error> {
    let path = state.join(NOTE);
    std::fs::remove_file(&path).and_then(|()| sync_folder(state)).map_err(Error::io(&path))
}
