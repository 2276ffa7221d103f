//! What a checkpoint is: its files with their hashes, whose state it is, and how far it has read. Pure.
//!
//! A manifest is JSON with the hash of itself on the last line: a flipped bit is found in it as in any file.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The form that this program writes.
const FORMAT: u32 = 1;

/// One checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct Manifest {
    pub(super) format: u32,
    pub(in super::super) deployment: String,
    /// The lease under which it was written.
    pub(in super::super) lease: u64,
    /// Counts the checkpoints of a deployment.
    pub(in super::super) epoch: u64,
    /// For people: by the writer's clock.
    pub(in super::super) written_at_ms: i64,
    /// The store's number of the last write that is in it.
    pub(in super::super) sequence: u64,
    /// Topics and the fingerprints of the rows in them.
    pub(in super::super) plan: Vec<(String, String)>,
    /// The next offsets: source, cluster, topic, partition.
    pub(in super::super) positions: Vec<At>,
    pub(in super::super) files: Vec<File>,
}

/// The next offset of a partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct At {
    pub(in super::super) source: String,
    pub(in super::super) cluster: String,
    pub(in super::super) topic: String,
    pub(in super::super) partition: i32,
    pub(in super::super) next: i64,
}

/// A file of the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct File {
    pub(in super::super) name: String,
    pub(in super::super) bytes: u64,
    pub(in super::super) sha256: String,
}

impl Manifest {
    pub(super) const fn format() -> u32 {
        FORMAT
    }

    /// Sorts by lease, then by epoch: what an older lease writes is never the newest.
    pub(super) fn name(lease: u64, epoch: u64) -> String {
        format!("{lease:010}-{epoch:010}.json")
    }

    /// Lease and epoch of a name.
    pub(super) fn numbers(name: &str) -> Option<(u64, u64)> {
        let (lease, epoch) = name.strip_suffix(".json")?.split_once('-')?;
        Some((lease.parse().ok()?, epoch.parse().ok()?))
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut text = serde_json::to_vec(self).expect("plain fields are JSON");
        let hash = hash_of(&text);
        text.push(b'\n');
        text.extend_from_slice(hash.as_bytes());
        text
    }

    /// Says what is wrong with it.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, String> {
        let at = bytes.iter().rposition(|byte| *byte == b'\n').ok_or("it has no hash on its last line")?;
        let (text, hash) = (&bytes[..at], &bytes[at + 1..]);
        if hash_of(text).as_bytes() != hash {
            return Err("its hash is another than its last line says".to_owned());
        }
        let manifest: Self = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        if manifest.format != FORMAT {
            return Err(format!("it has format {}, and this program reads {FORMAT}", manifest.format));
        }
        let is_plain =
            |file: &File| !file.name.is_empty() && !file.name.contains(['/', '\\']) && file.name != "..";
        if manifest.files.is_empty() || !manifest.files.iter().all(is_plain) {
            return Err("its list of files is not one".to_owned());
        }
        Ok(manifest)
    }
}

/// SHA-256, as text.
pub(in super::super) fn hash_of(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
