//! Makes one checkpoint: hard links of the store's files as of one batch, then what the place lacks of them,
//! then the manifest. A checkpoint is there when its manifest is.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::super::clock::now_ms;
use super::super::lease::Leases;
use super::super::sink::corrupt_record;
use super::super::store::RocksStore;
use super::super::tables::{self, PartitionKey, Position};
use super::super::{Error, fault};
use super::manifest::{self, At, File, Manifest};
use super::remote::{Pace, Remote};

/// Links of the files, in the state directory: links do not leave a file system.
const LINKS: &str = "checkpoint";
/// What no manifest names is left alone for this long: somebody else may be about to name it.
const GRACE: Duration = Duration::from_secs(600);

/// Makes checkpoints of one state.
pub(super) struct Writer {
    pub(super) remote: Remote,
    pub(super) store: Arc<RocksStore>,
    pub(super) leases: Leases,
    pub(super) lease: u64,
    pub(super) state: PathBuf,
    pub(super) deployment: String,
    pub(super) plan: Vec<(String, String)>,
    /// How many are kept.
    pub(super) keep: usize,
    /// Hashes of files that never change, by name.
    pub(super) hashes: BTreeMap<String, File>,
}

/// What one checkpoint cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in super::super) struct Made {
    pub(in super::super) epoch: u64,
    pub(in super::super) files: usize,
    pub(in super::super) bytes: u64,
    pub(in super::super) files_sent: usize,
    pub(in super::super) bytes_sent: u64,
}

/// The folder of a deployment's manifests.
pub(super) fn manifests(deployment: &str) -> String {
    format!("checkpoints/{deployment}")
}

/// The folder of a deployment's files.
pub(super) fn files(deployment: &str) -> String {
    format!("files/{deployment}")
}

impl Writer {
    /// Makes a checkpoint and removes the ones that are too many.
    pub(super) fn write(&mut self) -> Result<Made, Error> {
        let links = self.state.join(LINKS);
        remove_folder(&links)?;
        self.store.link(&links)?;
        fault::point("checkpoint_linked");
        let mut sent = Made::default();
        let manifest = self.send(&links, &mut sent)?;
        fault::point("checkpoint_files_put");
        // Whoever lost the lease while files were on their way names nothing more.
        self.leases.check(self.lease)?;
        sent.epoch = self.name(manifest)?;
        fault::point("checkpoint_manifest_put");
        self.prune()?;
        remove_folder(&links)?;
        Ok(sent)
    }

    /// Sends the files that the place lacks.
    fn send(&mut self, links: &Path, sent: &mut Made) -> Result<Manifest, Error> {
        let folder = files(&self.deployment);
        let listed = self.remote.list(&folder, Pace::Bulk)?;
        let mut there: BTreeSet<String> = listed.into_iter().map(|found| found.name).collect();
        let mut all = Vec::new();
        for name in names(links)? {
            let file = self.file(links, &name, &mut there, sent)?;
            sent.files += 1;
            sent.bytes += file.bytes;
            all.push(file);
        }
        let copy = RocksStore::open_copy(links)?;
        Ok(Manifest {
            format: Manifest::format(),
            deployment: self.deployment.clone(),
            lease: self.lease,
            epoch: 0,
            written_at_ms: now_ms(),
            sequence: copy.sequence(),
            plan: self.plan.clone(),
            positions: positions(&copy)?,
            files: all,
        })
    }

    fn file(
        &mut self,
        links: &Path,
        name: &str,
        there: &mut BTreeSet<String>,
        sent: &mut Made,
    ) -> Result<File, Error> {
        if let Some(known) = self.hashes.get(name).filter(|known| there.contains(&known.sha256)) {
            return Ok(known.clone());
        }
        let path = links.join(name);
        let bytes = std::fs::read(&path).map_err(Error::io(&path))?;
        let (size, sha256) = (bytes.len() as u64, manifest::hash_of(&bytes));
        if there.insert(sha256.clone()) {
            self.remote.put(&format!("{}/{sha256}", files(&self.deployment)), bytes, Pace::Bulk)?;
            sent.files_sent += 1;
            sent.bytes_sent += size;
        }
        let file = File { name: name.to_owned(), bytes: size, sha256 };
        if Path::new(name).extension().is_some_and(|extension| extension == "sst") {
            self.hashes.insert(name.to_owned(), file.clone());
        }
        Ok(file)
    }

    /// Puts the manifest under the next epoch.
    fn name(&self, mut manifest: Manifest) -> Result<u64, Error> {
        let folder = manifests(&self.deployment);
        loop {
            let known = self.remote.list(&folder, Pace::Bulk)?;
            let epochs = known.iter().filter_map(|found| Some(Manifest::numbers(&found.name)?.1));
            manifest.epoch = epochs.max().unwrap_or(0) + 1;
            let name = format!("{folder}/{}", Manifest::name(self.lease, manifest.epoch));
            if self.remote.put_if_absent(&name, manifest.encode())? {
                return Ok(manifest.epoch);
            }
        }
    }

    /// Removes the oldest manifests, then files that none of the others names.
    fn prune(&self) -> Result<(), Error> {
        let folder = manifests(&self.deployment);
        let mut known = self.remote.list(&folder, Pace::Bulk)?;
        known.retain(|found| Manifest::numbers(&found.name).is_some());
        let surplus = known.len().saturating_sub(self.keep.max(1));
        for found in known.drain(..surplus) {
            self.remote.delete(&format!("{folder}/{}", found.name))?;
        }
        let Some(newest) = known.iter().map(|found| found.changed).max() else { return Ok(()) };
        let mut named = BTreeSet::new();
        for found in &known {
            let Some(bytes) = self.remote.get(&format!("{folder}/{}", found.name))? else { return Ok(()) };
            // Nobody knows what a damaged one names.
            let Ok(manifest) = Manifest::decode(&bytes) else { return Ok(()) };
            named.extend(manifest.files.into_iter().map(|file| file.sha256));
        }
        let folder = files(&self.deployment);
        for found in self.remote.list(&folder, Pace::Bulk)? {
            let age = newest.duration_since(found.changed).unwrap_or_default();
            if age >= GRACE && !named.contains(&found.name) {
                self.remote.delete(&format!("{folder}/{}", found.name))?;
            }
        }
        Ok(())
    }
}

/// The names of the files that make a store; its own log and lock are none of them.
fn names(links: &Path) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(links).map_err(Error::io(links))? {
        let name = entry.map_err(Error::io(links))?.file_name().to_string_lossy().into_owned();
        if !name.starts_with("LOG") && name != "LOCK" {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

fn positions(copy: &RocksStore) -> Result<Vec<At>, Error> {
    let (mut all, mut corrupt) = (Vec::new(), None);
    let (from, to) = tables::positions();
    copy.shell_scan(&from, &to, &mut |key, value| {
        let Some((key, position)) = PartitionKey::from_bytes(key).zip(Position::from_bytes(value)) else {
            corrupt = Some(corrupt_record(key));
            return ControlFlow::Break(());
        };
        let PartitionKey { source, cluster, topic, partition } = key;
        all.push(At { source, cluster, topic, partition, next: position.next });
        ControlFlow::Continue(())
    })?;
    corrupt.map_or(Ok(all), |corrupt| Err(corrupt.into()))
}

pub(super) fn remove_folder(folder: &Path) -> Result<(), Error> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io(folder)(error)),
        _ => Ok(()),
    }
}
