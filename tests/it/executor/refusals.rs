//! What the executor refuses, or fails with, and how it says so.

use super::world::World;
use crate::support::binary::{Run, windrow};
use crate::support::cluster::until;

/// `windrow run` with these arguments beside the project; it must end by itself.
fn run(world: &World, args: &[&str]) -> Run {
    let project = world.path("project");
    let mut all = vec!["run", project.to_str().unwrap()];
    all.extend(args);
    windrow(&all)
}

/// With deployment, environment and a state folder that are right.
fn until_now(world: &World, more: &[&str]) -> Run {
    let state = world.path("state");
    let mut args = vec!["--deployment", "main", "--env", "local", "--state", state.to_str().unwrap()];
    args.extend(more);
    run(world, &args)
}

/// The message names all of this, and the exit code is that.
fn assert_says(run: &Run, code: i32, words: &[&str]) {
    let said = format!("{}{}", run.stdout, run.stderr);
    assert_eq!(run.code, Some(code), "{said}");
    for word in words {
        assert!(said.contains(word), "no `{word}` in: {said}");
    }
}

/// So late that every window is empty: nothing needs to be put out.
const LATER: &str = "2999-01-01T00:00:00Z";

#[test]
fn names_that_the_project_has_not_are_usage_errors_that_list_what_there_is() {
    let world = World::start();
    let state = ["--state", "unused"];
    let deployment = run(&world, &[&["--deployment", "mian", "--env", "local"][..], &state].concat());
    assert_says(&deployment, 2, &["E0690", "mian", "main"]);
    let environment = run(&world, &[&["--deployment", "main", "--env", "prod"][..], &state].concat());
    assert_says(&environment, 2, &["E0691", "prod", "local"]);
}

#[test]
fn a_topology_file_that_is_missing_or_broken_is_reported_with_its_place() {
    let world = World::start();
    let file = world.path("project/topology.yaml");
    std::fs::write(&file, "regions: [").unwrap();
    assert_says(&until_now(&world, &[]), 1, &["error[", "topology.yaml"]);
    std::fs::remove_file(&file).unwrap();
    assert_says(&until_now(&world, &[]), 1, &["error[", "topology.yaml"]);
}

#[test]
fn a_group_without_clusters_is_refused() {
    let world = World::start();
    world.write_topology(&|cluster| !["east-3", "west-3", "west-4"].contains(&cluster));
    assert_says(&until_now(&world, &[]), 1, &["E0705", "serving"]);
}

#[test]
fn a_bounded_run_names_the_region_that_did_not_take_its_rows() {
    let mut world = World::start();
    world.feed(50);
    world.cluster("east-3").kill();
    let failed = until_now(&world, &["--until", &world.cut(), "--hold-for", "3s"]);
    assert_says(&failed, 3, &["E0906", "east/serving", "run the same command again"]);
    assert!(!failed.stderr.contains("west/serving,"), "{}", failed.stderr);
    let west = world.view_of_region("west").len();
    world.cluster("east-3").restart();
    assert_says(&until_now(&world, &["--until", &world.cut()]), 0, &["purchases"]);
    assert_eq!(world.view().regions["east"].len(), west, "the kept rows are delivered");
}

#[test]
fn folders_that_cannot_be_used_are_named_with_the_systems_reason() {
    let world = World::start();
    std::fs::write(world.path("state"), "a file").unwrap();
    assert_says(&until_now(&world, &[]), 3, &["E0909", "state", "File exists"]);
    std::fs::remove_file(world.path("state")).unwrap();
    std::fs::write(world.path("project/checkpoints"), "a file").unwrap();
    assert_says(&until_now(&world, &[]), 3, &["E0909", "checkpoints"]);
}

#[test]
fn a_topic_that_a_cluster_has_not_got_is_named() {
    let mut world = World::start();
    world.feed(20);
    let file = world.path("project/purchases.wr");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("shop.purchases", "shop.sales")).unwrap();
    let failed = until_now(&world, &["--until", LATER, "--hold-for", "1s"]);
    assert_says(&failed, 3, &["E0912", "west-1 has no topic shop.sales", "create the topic"]);
    assert!(!failed.stderr.contains("E0905"), "they answer: {}", failed.stderr);
}

#[test]
fn a_topic_of_rows_that_no_cluster_has_is_named_and_its_rows_are_kept() {
    let mut world = World::start();
    world.feed(20);
    let file = world.path("project/purchases.wr");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("features.user_spend", "features.nowhere")).unwrap();
    let failed = until_now(&world, &["--until", &world.cut(), "--hold-for", "2s"]);
    assert_says(&failed, 3, &["E0912", "features.nowhere", "E0906"]);
}

#[test]
fn a_cut_before_what_was_published_is_a_usage_error() {
    let mut world = World::start();
    world.feed(20);
    assert_says(&until_now(&world, &["--until", LATER]), 0, &["purchases"]);
    let early = until_now(&world, &["--until", "2998-01-01T00:00:00Z"]);
    assert_says(&early, 2, &["E0910", "2998-01-01", "2999-01-01", "later `--until`"]);
}

#[test]
fn a_store_that_cannot_write_ends_the_run_and_loses_nothing() {
    let mut world = World::start();
    let mut executor = world.run_with_small_files();
    world.feed(3_000);
    until("the run ends", || executor.has_ended().then_some(()));
    let log = executor.log();
    assert!(log.contains("first start") && log.contains("E0909") && log.contains("too large"), "{log}");
    world.finish();
    world.assert_rows_are_right();
    assert_eq!(world.status()["ledger"]["sources"]["purchases"]["consumed"], world.fed());
}

#[test]
fn a_state_of_another_plan_is_refused() {
    let mut world = World::start();
    world.feed(20);
    assert_says(&until_now(&world, &["--until", LATER]), 0, &["purchases"]);
    let file = world.path("project/purchases.wr");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("over 90m, 24h", "over 95m, 24h")).unwrap();
    assert_says(&until_now(&world, &["--until", LATER]), 3, &["E0902", "another plan", "windrow diff"]);
}

#[test]
fn a_property_that_the_client_does_not_know_is_named() {
    let mut world = World::start();
    world.set_property("west-1", "no.such.thing", "1");
    assert_says(&until_now(&world, &[]), 3, &["E0908", "no.such.thing", "west-1"]);
}
