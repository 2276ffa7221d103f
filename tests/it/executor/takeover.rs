//! One executor is frozen, another takes over, the first one is thawed.

use std::time::Instant;

use rustix::process::Signal;
use serde_json::{Value, json};

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

/// A request with rows is longer than this, one without is shorter.
const ROWS_BYTES: u64 = 500;

/// The old executor freezes while rows of it are on their way, and stay there until it is thawed; the new one
/// takes over with those arguments, and `meanwhile` is done before the thaw. Returns the new one. In `figures`: how long
/// it took, and what came of the old one after it.
fn thaw_after_a_takeover(
    world: &mut World,
    args: &[&str],
    meanwhile: impl FnOnce(&World, &mut Executor),
    figures: &mut Value,
) -> Executor {
    let mut old = world.run(&OFTEN);
    world.feed(300);
    world.await_consumed(&old);
    world.await_checkpoints(&mut old, 2);
    let mut new = standby(world);
    for cluster in FED {
        world.network(cluster).hold();
    }
    // Few: nothing may be given up on before it freezes.
    world.feed(30);
    until("rows are on their way", || {
        FED.iter().all(|cluster| world.network(cluster).held_bytes() > ROWS_BYTES).then_some(())
    });
    old.freeze();
    for cluster in FED {
        world.network(cluster).pass();
    }
    world.feed(100);
    let began = Instant::now();
    let taken = take_over(world, args);
    assert_eq!(taken.code, Some(0), "{}", taken.stderr);
    assert!(taken.stderr.contains("has taken over"), "{}", taken.stderr);
    figures["seconds_to_take_over"] = began.elapsed().as_secs_f64().into();
    until("every key is put out once", || {
        assert!(!new.has_ended(), "{}", new.log());
        new.log().contains("every key").then_some(())
    });
    figures["seconds_to_every_key"] = began.elapsed().as_secs_f64().into();
    world.await_consumed(&new);
    until("everything is delivered", || {
        let sinks = world.status()["sinks"].as_array().cloned()?;
        sinks.iter().all(|sink| sink["backlog"] == 0).then_some(())
    });
    assert_eq!(world.status()["lease"], 2);
    meanwhile(world, &mut new);
    let sent = || FED.iter().map(|cluster| world.records_of_lease(cluster, 1)).sum::<usize>();
    let before = sent();
    assert!(before > 0, "the old one has sent rows");
    for cluster in FED {
        world.network(cluster).release();
    }
    old.signal(Signal::CONT);
    until("the old one sees the newer lease", || old.has_ended().then_some(()));
    assert!(old.log().contains("E0903"), "{}", old.log());
    let came = until("rows of the old one have come", || Some(sent() - before).filter(|came| *came > 0));
    figures["rows_of_the_old_one_after_it"] = came.into();
    new
}

/// Waits until nobody is watched for any more, and returns what was shown last.
fn await_the_end_of_the_watch(world: &World, new: &mut Executor) -> Value {
    let mut shown = Value::Null;
    until("nothing more can come of the old one", || {
        assert!(!new.has_ended(), "{}", new.log());
        let status = world.status();
        if status["former"].is_object() {
            shown = status["former"].clone();
        }
        (status["former"].is_null() && new.log().contains("nothing more can come")).then_some(())
    });
    shown
}

pub(super) fn a_frozen_executor_that_another_took_over_from_changes_nothing(
    mut world: World,
    figures: &mut Value,
) {
    let watches = |world: &World, _: &mut Executor| {
        let former = world.status()["former"].clone();
        assert_eq!((&former["leases"], &former["signed_off"]), (&json!([1]), &json!(false)), "{former}");
    };
    let mut new = thaw_after_a_takeover(&mut world, &[], watches, figures);
    let shown = await_the_end_of_the_watch(&world, &mut new);
    for name in ["rows", "keys_again"] {
        assert!(shown[name].as_u64().unwrap() > 0, "the fault has not bitten: {shown}");
        figures[name] = shown[name].clone();
    }
    // A reader of a compacted topic has what is last in the log.
    for cluster in FED {
        assert_eq!(world.overtaken_in(cluster), 0, "{cluster}: {}", new.log());
    }
    world.feed(100);
    world.settle(&mut new);
    assert_eq!(world.status()["ledger"]["sources"]["purchases"]["consumed"], world.fed());
    for cluster in FED {
        assert_eq!(world.overtaken_in(cluster), 0, "{cluster}");
    }
    let words = world.kept("leases/main");
    let has_signed_off = |lease: u64| words.iter().any(|path| path.ends_with(format!("{lease}.over")));
    assert!(has_signed_off(1) && has_signed_off(2), "whoever ends says so: {words:?}");
    assert!(figures["seconds_to_every_key"].as_f64().unwrap() <= 60.0, "{figures}");
}

/// The new one is killed while it watches, and goes on with that when it is started again; a cluster that does not
/// answer then is waited for.
#[test]
fn a_watch_outlives_its_run_and_waits_for_the_dead() {
    let (mut world, mut figures) = (World::start(), json!({}));
    let mut new = thaw_after_a_takeover(&mut world, &[], |_, _| {}, &mut figures);
    new.kill();
    world.cluster("west-4").freeze();
    let mut again = world.run(&OFTEN);
    let is_silent = || {
        let former = world.status()["former"].clone();
        let silent = former["clusters"]["west-4"].as_str()?.contains("not answering");
        (silent && former["signed_off"] == true).then_some(former)
    };
    let former = until("west-4 is waited for", is_silent);
    assert_eq!(former["leases"], json!([1]), "{former}");
    world.cluster("west-4").thaw();
    await_the_end_of_the_watch(&world, &mut again);
    for cluster in FED {
        assert_eq!(world.overtaken_in(cluster), 0, "{cluster}: {}", again.log());
    }
    world.settle(&mut again);
}

/// The control: nobody watches, because an operator has said that the old one is gone. It is not.
#[test]
fn a_frozen_executor_that_was_said_to_be_gone_leaves_old_rows_behind() {
    let (mut world, mut figures) = (World::start(), json!({}));
    let ends = |world: &World, new: &mut Executor| drop(await_the_end_of_the_watch(world, new));
    let new = thaw_after_a_takeover(&mut world, &["--gone"], ends, &mut figures);
    let overtaken: usize = FED.iter().map(|cluster| world.overtaken_in(cluster)).sum();
    assert!(overtaken > 0, "{figures}");
    drop(new);
    world.finish();
    world.assert_rows_are_right();
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
    let secret = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", crate::support::objects::SECRET)];
    let all = variables.iter().chain(&secret).map(|(name, value)| ((*name).into(), (*value).into()));
    world.keep_checkpoints_in("s3://features/windrow", all.collect());
    let (code, log) = world.try_finish(&[]);
    assert_eq!(code, Some(3), "{log}");
    assert!(
        log.contains("E0944") && log.contains("s3://features/windrow") && log.contains("refused"),
        "{log}"
    );
    assert!(!log.contains(crate::support::objects::SECRET), "{log}");
}
