//! Random damage to a state directory: it is refused with the file named, or harmless.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::world::{World, copy, files};

/// What may happen to files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Damage {
    Flip,
    Truncate,
    Delete,
    Swap,
    /// As it was before, in the same life of the directory.
    Stale,
    /// As it was before the directory was restored.
    Earlier,
}

const DAMAGES: [Damage; 6] =
    [Damage::Flip, Damage::Truncate, Damage::Delete, Damage::Swap, Damage::Stale, Damage::Earlier];

/// Runs long enough that there are files of every kind: checkpoints bring memory into files. Copies the state
/// of half-way to `before`.
fn grow(world: &mut World, before: &Path) {
    for round in 0..4 {
        let mut executor = world.run(&["--checkpoint-every", "150ms"]);
        for made in 1..=2 {
            world.feed(300);
            world.await_consumed(&executor);
            world.await_checkpoints(&mut executor, made);
        }
        world.feed(100);
        world.await_consumed(&executor);
        executor.kill();
        if round == 1 {
            copy(&world.state_dir(), before);
        }
    }
}

/// What came of damages, by kind.
#[derive(Default)]
struct Outcomes {
    refused: BTreeMap<String, u32>,
    harmless: BTreeMap<String, u32>,
}

/// Does `times` damages, each to a state that is right, one after the other.
pub(super) fn damage_a_state(world: &mut World, times: usize, figures: &mut Value) {
    let (before, earlier) = (world.path("before"), world.path("earlier"));
    grow(world, &before);
    // Another life begins here, after one that went further than its last checkpoint.
    copy(&world.state_dir(), &earlier);
    remedy(world, "a state that was lost");
    std::fs::remove_dir_all(&before).unwrap();
    copy(&world.state_dir(), &before);
    let mut outcomes = Outcomes::default();
    let mut lease = 2;
    for round in 0..times {
        let damage = DAMAGES[round % DAMAGES.len()];
        let what = strike(world, damage, if damage == Damage::Earlier { &earlier } else { &before });
        let kind = format!("{damage:?}").to_lowercase();
        // Whatever is wrong in the state comes to light in rows that it is part of.
        world.feed(120);
        world.later();
        let (code, log) = world.try_finish(&["--fresh"]);
        assert!(!log.contains("panicked"), "{what}: {log}");
        if code == Some(0) {
            *outcomes.harmless.entry(kind).or_insert(0) += 1;
        } else {
            assert_refused(world, code, &log, &what);
            *outcomes.refused.entry(kind).or_insert(0) += 1;
            std::fs::remove_dir_all(&earlier).unwrap();
            copy(&world.state_dir(), &earlier);
            remedy(world, &what);
            lease += 1;
        }
        assert_right(world, lease, &what);
        // A stale file is one of the same directory: what the remedy has made is another.
        if code != Some(0) || round % 3 == 2 {
            std::fs::remove_dir_all(&before).unwrap();
            copy(&world.state_dir(), &before);
        }
    }
    let count = |all: &BTreeMap<String, u32>| all.values().sum::<u32>();
    figures["damages"] = times.into();
    figures["refused"] = count(&outcomes.refused).into();
    figures["harmless"] = count(&outcomes.harmless).into();
    figures["refused_by_kind"] = json!(outcomes.refused);
    figures["harmless_by_kind"] = json!(outcomes.harmless);
    figures["silent_differences"] = 0.into();
    assert!(count(&outcomes.refused) > 0, "nothing was found: the damage did not bite: {figures}");
}

/// Rows and ledger are those of all records, and it did not begin anew.
fn assert_right(world: &World, lease: u64, what: &str) {
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| world.assert_rows_are_right()));
    assert!(result.is_ok(), "{what}: rows differ");
    let status = world.status();
    let consumed = &status["ledger"]["sources"]["purchases"]["consumed"];
    assert_eq!((consumed, &status["lease"]), (&world.fed().into(), &lease.into()), "{what}: {status}");
}

fn assert_refused(world: &World, code: Option<i32>, log: &str, what: &str) {
    assert_eq!(code, Some(3), "{what}: {log}");
    assert!(log.contains("E0945"), "{what}: {log}");
    assert!(log.contains(world.state_dir().to_str().unwrap()), "{what}: no file is named: {log}");
    assert!(log.contains("hint: ") && log.contains("--restore"), "{what}: no remedy: {log}");
}

/// As the hint says.
fn remedy(world: &World, what: &str) {
    world.lose_state();
    let (code, log) = world.try_finish(&["--restore"]);
    assert_eq!(code, Some(0), "after {what}: {log}");
}

/// Damages one file, or two; says which.
fn strike(world: &mut World, damage: Damage, before: &Path) -> String {
    let random = |world: &mut World, below: usize| {
        usize::try_from(world.random(u64::try_from(below.max(1)).unwrap())).unwrap()
    };
    let dir = world.state_dir();
    // Its own log says nothing that anybody reads.
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    let all: Vec<_> =
        files(&dir.join("db")).into_iter().filter(|path| !name(path).starts_with("LOG")).collect();
    let file = all[random(world, all.len())].clone();
    let bytes = std::fs::read(&file).unwrap();
    match damage {
        Damage::Flip => {
            let (at, bit) = (random(world, bytes.len()), random(world, 8));
            let mut bent = bytes.clone();
            if let Some(byte) = bent.get_mut(at) {
                *byte ^= 1 << bit;
            }
            std::fs::write(&file, bent).unwrap();
            format!("bit {bit} of byte {at} of {} in {}", bytes.len(), file.display())
        }
        Damage::Truncate => {
            let to = random(world, bytes.len());
            std::fs::write(&file, &bytes[..to]).unwrap();
            format!("{} cut from {} to {to}", file.display(), bytes.len())
        }
        Damage::Delete => {
            std::fs::remove_file(&file).unwrap();
            format!("{} removed", file.display())
        }
        Damage::Swap => {
            let like: Vec<_> = all.iter().filter(|other| other.extension() == file.extension()).collect();
            let other = like[random(world, like.len())].clone();
            let others = std::fs::read(&other).unwrap();
            std::fs::write(&other, &bytes).unwrap();
            std::fs::write(&file, others).unwrap();
            format!("{} and {} swapped", file.display(), other.display())
        }
        Damage::Stale | Damage::Earlier => {
            let olds = files(&before.join("db"));
            let both: Vec<_> = olds.iter().filter(|old| !name(old).starts_with("LOG")).collect();
            let old = both[random(world, both.len())];
            std::fs::copy(old, dir.join("db").join(name(old))).unwrap();
            format!("{} as it was", name(old))
        }
    }
}
