//! Power cuts: the state directory as it is on disk when whatever was not synced is lost. See
//! `support/power_cut.c` for how that is known.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{AtFlags, CWD, StatxFlags, statx};
use serde_json::Value;

use super::soak::judge;
use super::world::{World, files};
use crate::support::preload::preload;

/// The disk under a state directory.
struct Disk {
    dir: PathBuf,
    kept: PathBuf,
    preload: (String, String),
}

impl Disk {
    fn under(world: &World) -> Self {
        let (dir, kept) = (world.state_dir(), world.path("disk"));
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::create_dir_all(&kept).unwrap();
        Self { preload: preload("power_cut", &world.path("")), dir, kept }
    }

    /// For a process whose disk it is; a lying one syncs nothing.
    fn variables(&self, lies: bool) -> Vec<(String, String)> {
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        let mut all = vec![
            self.preload.clone(),
            ("POWER_CUT_DIR".to_owned(), text(&self.dir)),
            ("POWER_CUT_DISK".to_owned(), text(&self.kept)),
        ];
        if lies {
            all.push(("POWER_CUT_LIE".to_owned(), "1".to_owned()));
        }
        all
    }

    /// The power comes back: the directory is what was synced. Returns how many files and bytes of it are lost.
    fn cut(&self) -> (usize, u64) {
        let before = self.sizes();
        let rebuilt = self.dir.with_extension("rebuilt");
        self.rebuild(&key_of(&self.dir), &rebuilt);
        std::fs::remove_dir_all(&self.dir).unwrap();
        std::fs::rename(&rebuilt, &self.dir).unwrap();
        for path in files(&self.kept) {
            std::fs::remove_file(path).unwrap();
        }
        let after = self.sizes();
        let lost =
            before.iter().map(|(name, size)| size.saturating_sub(after.get(name).copied().unwrap_or(0)));
        let lost: Vec<_> = lost.filter(|bytes| *bytes > 0).collect();
        (lost.len(), lost.iter().sum())
    }

    fn rebuild(&self, key: &str, into: &Path) {
        std::fs::create_dir(into).unwrap();
        let names = std::fs::read_to_string(self.kept.join(key)).unwrap_or_default();
        for (key, name) in names.lines().filter_map(|line| line.split_once(' ')) {
            let path = into.join(name);
            if key.starts_with("d-") {
                self.rebuild(key, &path);
            } else {
                std::fs::write(path, std::fs::read(self.kept.join(key)).unwrap_or_default()).unwrap();
            }
        }
    }

    /// Files of the database; its own log is nobody's loss.
    fn sizes(&self) -> BTreeMap<PathBuf, u64> {
        let database = self.dir.join("db");
        let all = if database.exists() { files(&database) } else { Vec::new() };
        let counts = all.into_iter().filter(|path| !path.to_str().unwrap().contains("LOG"));
        counts.map(|path| (path.clone(), path.metadata().unwrap().len())).collect()
    }
}

/// As the library names a folder.
fn key_of(dir: &Path) -> String {
    let about = statx(CWD, dir, AtFlags::empty(), StatxFlags::INO | StatxFlags::BTIME).unwrap();
    format!("d-{}-{}{:09}", about.stx_ino, about.stx_btime.tv_sec, about.stx_btime.tv_nsec)
}

/// Runs and loses power, again and again.
pub(super) fn lose_power(mut world: World, cuts: usize, figures: &mut Value) {
    let disk = Disk::under(&world);
    world.set_variables(disk.variables(false));
    let (mut files_lost, mut bytes_lost, mut bitten) = (0, 0, 0);
    for _ in 0..cuts {
        let mut executor = world.run(&["--checkpoint-every", "500ms"]);
        let wait = Duration::from_millis(300 + world.random(1_500));
        let began = Instant::now();
        while began.elapsed() < wait {
            world.feed(20);
        }
        executor.kill();
        let (files, bytes) = disk.cut();
        files_lost += files;
        bytes_lost += bytes;
        bitten += usize::from(files > 0);
    }
    figures["power_cuts"] = cuts.into();
    figures["cuts_that_lost_something"] = bitten.into();
    figures["files_lost_or_shortened"] = files_lost.into();
    figures["bytes_lost"] = bytes_lost.into();
    let executor = world.run(&[]);
    judge(&world, executor, figures);
    assert_eq!(figures["versions_with_two_payloads"], 0, "{figures}");
    figures["violations"] = 0.into();
}

/// The same on a disk that says it has synced and has not: versions are used twice, which must be seen.
pub(super) fn lose_power_on_a_disk_that_lies(mut world: World, figures: &mut Value) {
    let disk = Disk::under(&world);
    let mut executor = world.run(&[]);
    world.feed(200);
    world.await_consumed(&executor);
    assert!(executor.stop(), "{}", executor.log());
    world.set_variables(disk.variables(true));
    let mut conflicts = 0;
    // Whether a version is used twice is left to chance, as what a cut hits is.
    for round in 1..=30 {
        let mut executor = world.run(&[]);
        world.feed(200);
        world.await_consumed(&executor);
        crate::support::cluster::until("rows are delivered", || {
            let sinks = world.status()["sinks"].as_array()?.clone();
            let backlog = sinks.iter().filter_map(|sink| sink["backlog"].as_u64()).sum::<u64>();
            (backlog == 0).then_some(())
        });
        executor.kill();
        let (_, bytes) = disk.cut();
        assert!(bytes > 0, "a lying disk loses what was written");
        conflicts = world.view().conflicts;
        figures["control_cuts"] = round.into();
        if conflicts > 0 {
            break;
        }
    }
    figures["control_versions_with_two_payloads"] = conflicts.into();
    assert!(conflicts > 0, "without sync nothing was violated: the cuts do not bite");
}
