//! One executor is frozen, another takes over, the first one is thawed.

use std::time::Instant;

use rustix::process::Signal;
use serde_json::Value;

use super::world::{Executor, World};
use crate::support::binary::{Run, windrow};
use crate::support::cluster::until;

const OFTEN: [&str; 2] = ["--checkpoint-every", "300ms"];
const FED: [&str; 3] = ["west-3", "west-4", "east-3"];

/// `windrow takeover`, for a standby on the state directory that is used now.
fn take_over(world: &World, more: &[&str]) -> Run {
    let (project, state) = (world.path("project"), world.state_dir());
    let mut args = vec!["takeover", project.to_str().unwrap(), "--deployment", "main", "--env", "local"];
    args.extend(["--state", state.to_str().unwrap()]);
    args.extend(more);
    windrow(&args)
}

/// A standby that has the newest checkpoint.
fn standby(world: &mut World) -> Executor {
    world.use_state("standby-state");
    let mut standby = world.run(&["--standby", OFTEN[0], OFTEN[1]]);
    until("the standby has a checkpoint", || {
        assert!(!standby.has_ended(), "{}", standby.log());
        standby.log().contains("the newest checkpoint is here").then_some(())
    });
    standby
}

/// In `figures`: how long it took, and what the old one still sent.
pub(super) fn a_frozen_executor_that_another_took_over_from_changes_nothing(
    mut world: World,
    figures: &mut Value,
) {
    let mut old = world.run(&OFTEN);
    world.feed(300);
    world.await_consumed(&old);
    world.await_checkpoints(&mut old, 2);
    let mut new = standby(&mut world);
    // Rows are on their way when it freezes.
    world.feed(300);
    old.freeze();
    world.feed(100);
    let began = Instant::now();
    let taken = take_over(&world, &[]);
    assert_eq!(taken.code, Some(0), "{}", taken.stderr);
    assert!(taken.stderr.contains("has taken over"), "{}", taken.stderr);
    figures["seconds_to_take_over"] = began.elapsed().as_secs_f64().into();
    until("every key is put out once", || {
        assert!(!new.has_ended(), "{}", new.log());
        new.log().contains("every key").then_some(())
    });
    figures["seconds_to_every_key"] = began.elapsed().as_secs_f64().into();
    world.await_consumed(&new);
    assert_eq!(world.status()["lease"], 2);
    let sent = |world: &World| FED.iter().map(|cluster| world.records_of_lease(cluster, 1)).sum::<usize>();
    let before = sent(&world);
    assert!(before > 0, "the old one has sent rows");
    old.signal(Signal::CONT);
    until("the old one sees the newer lease", || old.has_ended().then_some(()));
    assert!(old.log().contains("E0903"), "{}", old.log());
    figures["rows_of_the_old_one_after_it"] = (sent(&world) - before).into();
    // A reader of a compacted topic has what is last in the log.
    for cluster in FED {
        assert_eq!(world.overtaken_in(cluster), 0, "{cluster}");
    }
    world.feed(100);
    world.settle(&mut new);
    assert_eq!(world.status()["ledger"]["sources"]["purchases"]["consumed"], world.fed());
    for cluster in FED {
        assert_eq!(world.overtaken_in(cluster), 0, "{cluster}");
    }
    assert!(figures["seconds_to_every_key"].as_f64().unwrap() <= 60.0, "{figures}");
}

#[test]
fn a_standby_asks_for_a_directory_of_its_own_and_says_why_it_cannot_take_over() {
    let mut world = World::start();
    let none = take_over(&world, &[]);
    assert!(none.code == Some(3) && none.stderr.contains("E0942"), "{}", none.stderr);
    let mut old = world.run(&OFTEN);
    world.feed(100);
    world.await_consumed(&old);
    world.await_checkpoints(&mut old, 1);
    let in_use = take_over(&world, &[]);
    assert!(in_use.code == Some(3) && in_use.stderr.contains("E0901"), "{}", in_use.stderr);
    old.kill();
    let mut on_a_state = world.run(&["--standby"]);
    assert!(!on_a_state.wait() && on_a_state.log().contains("E0947"), "{}", on_a_state.log());
    let mut new = standby(&mut world);
    new.freeze();
    let frozen = take_over(&world, &["--wait", "1s"]);
    assert!(frozen.code == Some(3) && frozen.stderr.contains("E0946"), "{}", frozen.stderr);
    new.signal(Signal::CONT);
    assert!(new.stop(), "a standby ends in order: {}", new.log());
    // Nobody is on it: it is restored and run by the command itself.
    let restored = world.run_as("takeover", &[]);
    until("it is live", || restored.log().contains(" live ").then_some(()));
    drop(restored);
    world.finish();
    world.assert_rows_are_right();
}

#[test]
fn a_bucket_that_nobody_serves_is_named() {
    let mut world = World::start();
    let variables = [("AWS_ENDPOINT", "http://127.0.0.1:9"), ("AWS_ALLOW_HTTP", "true"), ("AWS_REGION", "x")];
    let secret = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", crate::support::moto::SECRET)];
    let all = variables.iter().chain(&secret).map(|(name, value)| ((*name).into(), (*value).into()));
    world.keep_checkpoints_in("s3://features/windrow", all.collect());
    let (code, log) = world.try_finish(&[]);
    assert_eq!(code, Some(3), "{log}");
    assert!(
        log.contains("E0944") && log.contains("s3://features/windrow") && log.contains("refused"),
        "{log}"
    );
    assert!(!log.contains(crate::support::moto::SECRET), "{log}");
}
