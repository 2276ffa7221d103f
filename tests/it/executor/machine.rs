//! What a machine does to an executor: no room on the disk, a clock that is set.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::soak::judge;
use super::world::World;
use crate::support::cluster::until;
use crate::support::preload::preload;

/// A file system of its own, in memory; gone when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None`: this user may not mount one.
    fn mount(at: PathBuf, mebibytes: u32) -> Option<Self> {
        std::fs::create_dir_all(&at).unwrap();
        let size = format!("size={mebibytes}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&at).status();
        mounted.is_ok_and(|status| status.success()).then_some(Self(at))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// The state's disk fills up; the run ends and says so; there is room again; nothing is missing.
pub(super) fn fill_the_disk(mut world: World, figures: &mut Value) {
    let Some(disk) = SmallDisk::mount(world.state_dir(), 32) else {
        let _ = writeln!(std::io::stderr(), "left out: a_full_disk needs the right to mount a tmpfs");
        return;
    };
    let mut executor = world.run(&[]);
    world.feed(300);
    world.await_consumed(&executor);
    let filler = disk.0.join("filler");
    let mut file = std::fs::File::create(&filler).unwrap();
    let mut bytes = 0;
    // To the last page: what the store has set aside for its log is all it has.
    while let Ok(wrote) = file.write(&[7; 4_096]) {
        bytes += wrote;
    }
    figures["bytes_of_others"] = bytes.into();
    until("the run ends", || {
        if world.fed() < 20_000 {
            world.feed(500);
        }
        executor.has_ended().then_some(())
    });
    let log = executor.log();
    assert!(log.contains("E0909") && log.contains("No space left") && log.contains("make room"), "{log}");
    figures["records_until_it_was_full"] = world.fed().into();
    std::fs::remove_file(&filler).unwrap();
    let executor = world.run(&[]);
    judge(&world, executor, figures);
}

/// The wall clock of the executor is set forth and back, by minutes, while it runs.
pub(super) fn step_the_clock(mut world: World, steps: usize, figures: &mut Value) {
    let step = world.path("clock");
    let set = |ms: i64| {
        // Whole or not at all: it is read at any time.
        let draft = step.with_extension("draft");
        std::fs::write(&draft, ms.to_string()).unwrap();
        std::fs::rename(&draft, &step).unwrap();
    };
    set(0);
    let variable = ("CLOCK_STEP".to_owned(), step.to_str().unwrap().to_owned());
    world.set_variables(vec![preload("clock_step", &world.path("")), variable]);
    let executor = world.run(&[]);
    world.feed(200);
    world.await_consumed(&executor);
    let mut seen = 0;
    for _ in 0..steps {
        let ms = i64::try_from(world.random(1_200_000)).unwrap() - 600_000;
        set(ms);
        world.feed(100);
        world.await_consumed(&executor);
        until("the executor's clock is that", || {
            let at = world.status()["at"].as_i64()?;
            let real = super::world::now_ms();
            ((at - real - ms).abs() < 5_000).then_some(())
        });
        seen += 1;
    }
    set(0);
    figures["clock_steps"] = seen.into();
    judge(&world, executor, figures);
}
