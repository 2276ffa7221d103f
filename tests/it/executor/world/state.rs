//! State directories and checkpoints of a world.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::{Executor, PROJECT, World, until};

impl World {
    /// Keeps leases and checkpoints in another place, with variables for every process.
    pub(crate) fn keep_checkpoints_in(&mut self, place: &str, variables: Vec<(String, String)>) {
        self.scratch.file(
            "project/windrow.yaml",
            PROJECT.replace("checkpoints: checkpoints", &format!("checkpoints: \"{place}\"")),
        );
        self.variables = variables;
    }

    /// What processes are given from now on.
    pub(crate) fn set_variables(&mut self, variables: Vec<(String, String)>) {
        self.variables = variables;
    }

    /// Uses that state directory from now on, with a status file of its own.
    pub(crate) fn use_state(&mut self, name: &'static str) {
        self.state = name;
    }

    /// Where that state directory is.
    pub(crate) fn state_dir(&self) -> PathBuf {
        self.path(self.state)
    }

    /// Moves the instant at which everything is compared.
    pub(crate) fn later(&mut self) {
        self.q += 1_000;
    }

    /// Another subcommand that runs a deployment, in the background.
    pub(crate) fn run_as(&self, subcommand: &str, more: &[&str]) -> Executor {
        self.spawn(subcommand, more)
    }

    /// Waits until so many checkpoints were made by this run, and shows the last.
    pub(crate) fn await_checkpoints(&self, executor: &mut Executor, made: u64) -> Json {
        until(&format!("{made} checkpoints"), || {
            assert!(!executor.has_ended(), "it ended: {}", executor.log());
            let checkpoint = self.status()["checkpoint"].clone();
            (checkpoint["made"].as_u64()? >= made).then_some(checkpoint)
        })
    }

    /// The state directory is gone.
    pub(crate) fn lose_state(&self) {
        std::fs::remove_dir_all(self.state_dir()).unwrap();
    }

    /// The files right below a folder of the place of checkpoints, by name.
    pub(crate) fn kept(&self, folder: &str) -> Vec<PathBuf> {
        files(&self.path("project/checkpoints").join(folder))
    }
}

/// The files right below a folder, by name.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

/// Copies a folder with everything in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            std::fs::copy(&path, &to).unwrap();
        }
    }
}
