//! The files of a job, and the manifest that says what they are.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::plan::{Plan, fingerprint};

use super::modules::Files;
use super::uses::Uses;

/// The manifest's place in a bundle: a folder that has one is a bundle.
pub const MANIFEST: &str = "manifest.json";

/// Rises when the layout of bundles changes.
const FORMAT: u32 = 1;

/// The files of a bundle by path, with `/` between folders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bundle {
    pub files: BTreeMap<String, File>,
    /// The project's own, byte for byte.
    pub copies: Files,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub text: String,
    pub executable: bool,
}

/// What a bundle is: of which plan, and which bytes.
#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    format: u32,
    deployment: String,
    target: String,
    /// The fingerprint of the whole plan.
    plan: String,
    /// Where it was compiled for a topology.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    topology: Option<Uses>,
    /// The fingerprint of each node, by its name.
    nodes: BTreeMap<String, String>,
    /// SHA-256 of each file but this one.
    files: BTreeMap<String, String>,
}

impl Bundle {
    /// Adds a file; a path is used once.
    pub(super) fn add(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.put(path.into(), File { text: text.into(), executable: false });
    }

    pub(super) fn add_executable(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.put(path.into(), File { text: text.into(), executable: true });
    }

    /// Adds a file of the project.
    pub(super) fn copy(&mut self, path: String, bytes: Vec<u8>) {
        let before = self.copies.insert(path, bytes);
        assert!(before.is_none(), "two files of a bundle have one path");
    }

    /// Every file's path and bytes, in order.
    pub fn bytes(&self) -> BTreeMap<&str, &[u8]> {
        let texts = self.files.iter().map(|(path, file)| (path.as_str(), file.text.as_bytes()));
        texts.chain(self.copies.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))).collect()
    }

    fn put(&mut self, path: String, file: File) {
        let before = self.files.insert(path, file);
        assert!(before.is_none(), "two files of a bundle have one path");
    }

    /// Adds the manifest: the last file, for it tells of all others.
    pub(super) fn seal(mut self, plan: &Plan, target: &str, topology: Option<Uses>) -> Self {
        let nodes = plan.topological().into_iter().map(|id| plan.node(id));
        let manifest = Manifest {
            format: FORMAT,
            deployment: plan.deployment.clone(),
            target: target.to_owned(),
            plan: fingerprint::of_plan(plan),
            topology,
            nodes: nodes.map(|node| (node.name.clone(), node.fingerprint.clone())).collect(),
            files: self.bytes().into_iter().map(|(path, bytes)| (path.to_owned(), sha256(bytes))).collect(),
        };
        self.add(MANIFEST, json(&manifest));
        self
    }
}

/// What a manifest tells about its bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    pub deployment: String,
    /// What it is made of besides the definitions; `None`: of no topology.
    pub topology: Option<Uses>,
}

/// Reads the manifest of a bundle, of this version or another; `None`: the text is none.
#[must_use]
pub fn about(manifest: &str) -> Option<About> {
    let Manifest { deployment, topology, .. } = serde_json::from_str(manifest).ok()?;
    Some(About { deployment, topology })
}

/// A file of JSON; maps are ordered.
pub(super) fn json(value: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(value).expect("maps with text keys always serialize");
    format!("{text}\n")
}

/// A hash of files, their names and their bytes, for those whose path is wanted.
pub(super) fn of_files(bundle: &Bundle, is_wanted: impl Fn(&str) -> bool) -> String {
    of_bytes(bundle.bytes().into_iter().filter(|(path, _)| is_wanted(path)))
}

/// The same of paths and bytes.
pub(super) fn of_bytes<'f>(files: impl Iterator<Item = (&'f str, &'f [u8])>) -> String {
    let lines = files.map(|(path, bytes)| format!("{}  {path}\n", sha256(bytes)));
    sha256(lines.collect::<String>().as_bytes())
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
