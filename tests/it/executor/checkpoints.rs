//! Checkpoints, and the way back from them.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use super::world::World;
use crate::support::cluster::until;
use crate::support::objects::{Place, SECRET};
use crate::support::{azurite, moto};

const OFTEN: [&str; 2] = ["--checkpoint-every", "300ms"];

#[test]
fn a_state_that_is_gone_goes_on_from_its_checkpoint() {
    goes_on_from_a_checkpoint(World::start());
}

#[test]
fn a_state_that_is_gone_goes_on_from_a_bucket() {
    if let Some(place) = moto::start("a_state_that_is_gone_goes_on_from_a_bucket") {
        goes_on_from_objects(&place);
    }
}

#[test]
fn a_state_that_is_gone_goes_on_from_a_container_of_azure() {
    if let Some(place) = azurite::start("a_state_that_is_gone_goes_on_from_a_container_of_azure") {
        goes_on_from_objects(&place);
    }
}

fn goes_on_from_objects(place: &Place) {
    let mut world = World::start();
    world.keep_checkpoints_in(&place.url, place.variables.clone());
    goes_on_from_a_checkpoint(world);
}

fn goes_on_from_a_checkpoint(mut world: World) {
    world.feed(400);
    let mut executor = world.run(&OFTEN);
    world.await_consumed(&executor);
    let made = world.await_checkpoints(&mut executor, 1)["made"].as_u64().unwrap();
    world.feed(100);
    world.await_consumed(&executor);
    let later = world.await_checkpoints(&mut executor, made + 2);
    let count = |name: &str| later[name].as_u64().unwrap();
    assert!(count("files_sent") < count("files"), "what has not changed is not sent again: {later}");
    executor.kill();
    assert!(!executor.log().contains(SECRET), "{}", executor.log());
    world.lose_state();
    let (code, log) = world.try_finish(&[]);
    assert_eq!(code, Some(2), "{log}");
    assert!(log.contains("E0941") && log.contains("--restore") && log.contains("--fresh"), "{log}");
    world.feed(100);
    let mut executor = world.run(&["--restore"]);
    world.await_consumed(&executor);
    assert!(executor.log().contains("the state is that of a checkpoint"), "{}", executor.log());
    until("every key is put out once", || executor.log().contains("every key").then_some(()));
    assert_eq!(world.status()["lease"], 2);
    world.settle(&mut executor);
    assert_eq!(world.status()["ledger"]["sources"]["purchases"]["consumed"], world.fed());
    for cluster in ["west-3", "west-4", "east-3"] {
        assert_eq!(world.overtaken_in(cluster), 0, "{cluster}");
    }
}

/// Runs until there are some checkpoints; then the state is gone.
fn with_checkpoints() -> World {
    let mut world = World::start();
    world.feed(400);
    let mut executor = world.run(&OFTEN);
    world.await_consumed(&executor);
    let made = world.await_checkpoints(&mut executor, 1)["made"].as_u64().unwrap();
    world.feed(100);
    world.await_consumed(&executor);
    world.await_checkpoints(&mut executor, made + 2);
    executor.kill();
    world.lose_state();
    world
}

#[test]
fn a_checkpoint_whose_bytes_have_changed_is_refused_by_name() {
    let world = with_checkpoints();
    let refused = |name: &str| {
        let (code, log) = world.try_finish(&["--restore"]);
        assert_eq!(code, Some(3), "{log}");
        assert!(
            log.contains("E0943") && log.contains(name) && log.contains("remove the newest manifest"),
            "{log}"
        );
        assert!(!world.state_dir().join("db").exists(), "nothing of it is taken over");
    };
    let newest = world.kept("checkpoints/main").pop().unwrap();
    let text = std::fs::read_to_string(&newest).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    let biggest =
        manifest["files"].as_array().unwrap().iter().max_by_key(|file| file["bytes"].as_u64()).unwrap();
    let name = biggest["sha256"].as_str().unwrap().to_owned();
    let file = world.path("project/checkpoints/files/main").join(&name);
    let bytes = std::fs::read(&file).unwrap();
    let mut bent = bytes.clone();
    bent[bytes.len() / 2] ^= 1;
    std::fs::write(&file, &bent).unwrap();
    refused(&name);
    std::fs::remove_file(&file).unwrap();
    refused(&name);
    std::fs::write(&file, &bytes).unwrap();
    std::fs::write(&newest, &text[..text.len() - 70]).unwrap();
    refused(newest.file_name().unwrap().to_str().unwrap());
    // The one before it counts then.
    std::fs::remove_file(&newest).unwrap();
    let mut executor = world.run(&["--restore"]);
    world.settle(&mut executor);
}

#[test]
fn old_checkpoints_go_and_with_them_what_only_they_named() {
    let mut world = World::start();
    let run = |world: &mut World, made| {
        let mut executor = world.run(&["--checkpoint-every", "200ms", "--keep-checkpoints", "2"]);
        for at_least in 1..=made {
            world.feed(100);
            world.await_checkpoints(&mut executor, at_least);
        }
        assert!(executor.stop(), "{}", executor.log());
    };
    run(&mut world, 5);
    assert_eq!(world.kept("checkpoints/main").len(), 2, "two are kept");
    let long_ago = SystemTime::now() - Duration::from_secs(3_600);
    for path in world.kept("files/main") {
        std::fs::File::options().write(true).open(path).unwrap().set_modified(long_ago).unwrap();
    }
    let before: BTreeSet<_> = world.kept("files/main").into_iter().collect();
    run(&mut world, 4);
    let mut named = BTreeSet::new();
    for manifest in world.kept("checkpoints/main") {
        let text = std::fs::read_to_string(manifest).unwrap();
        let manifest: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        let files = manifest["files"].as_array().unwrap().clone();
        named.extend(files.iter().map(|file| file["sha256"].as_str().unwrap().to_owned()));
    }
    let there: BTreeSet<_> = world.kept("files/main").into_iter().collect();
    let name = |path: &std::path::PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    let unnamed = before.iter().filter(|path| there.contains(*path) && !named.contains(&name(path))).count();
    assert_eq!(unnamed, 0, "old files that nobody names are gone");
    assert!(before.len() > before.intersection(&there).count(), "some were only the old ones'");
    assert!(named.iter().all(|name| there.iter().any(|path| path.ends_with(name))), "nothing named is gone");
}

/// The bucket stops answering for a while: nobody publishes unseen, and nobody ends.
#[test]
fn a_bucket_that_does_not_answer_stops_sending_and_nothing_else() {
    if let Some(place) = moto::start("a_bucket_that_does_not_answer_stops_sending_and_nothing_else") {
        sends_nothing_without_an_answer(&place);
    }
}

#[test]
fn a_container_that_does_not_answer_stops_sending_and_nothing_else() {
    if let Some(place) = azurite::start("a_container_that_does_not_answer_stops_sending_and_nothing_else") {
        sends_nothing_without_an_answer(&place);
    }
}

fn sends_nothing_without_an_answer(place: &Place) {
    use rustix::process::Signal;
    let mut world = World::start();
    world.keep_checkpoints_in(&place.url, place.variables.clone());
    let mut executor = world.run(&OFTEN);
    world.feed(100);
    world.await_consumed(&executor);
    place.server.signal(Signal::STOP);
    until("it is said", || executor.log().contains("the lease cannot be looked at").then_some(()));
    std::thread::sleep(Duration::from_secs(6));
    world.feed(100);
    world.await_consumed(&executor);
    let backlogs = || -> u64 {
        let sinks = world.status()["sinks"].as_array().cloned().unwrap_or_default();
        sinks.iter().filter_map(|sink| sink["backlog"].as_u64()).sum()
    };
    until("rows wait", || (backlogs() > 0).then_some(()));
    place.server.signal(Signal::CONT);
    until("rows have gone", || (backlogs() == 0).then_some(()));
    world.settle(&mut executor);
}
