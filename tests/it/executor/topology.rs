//! Edits of the topology while a run goes on: what is right is applied, what is wrong changes nothing and is
//! said, and the rows stay the oracle's.

use windrow::topology::{ClusterState, Topology};

use super::world::{Executor, World, place};
use crate::support::binary::windrow;
use crate::support::cluster::until;

fn cluster_of<'s>(status: &'s serde_json::Value, name: &str) -> Option<&'s serde_json::Value> {
    status["clusters"].as_array()?.iter().find(|cluster| cluster["name"] == name)
}

/// West's third ingest cluster, as it is listed when it is.
fn is_listed(world: &World, name: &str) -> bool {
    cluster_of(&world.status(), name).is_some()
}

#[test]
fn clusters_come_move_and_go_while_records_flow() {
    let mut world = World::start();
    world.reshape(|topology| topology.clusters.retain(|cluster| cluster.name != "west-2"));
    let mut executor = world.run(&[]);
    world.feed_cluster("west-1", 200);
    world.await_shape(&executor);
    assert!(!is_listed(&world, "west-2"));
    // One more, that holds records already.
    world.feed_cluster("west-2", 300);
    let lacking = world.topology_text();
    world.restore("west-2");
    world.await_shape(&executor);
    world.await_consumed(&executor);
    // Its brokers move: the same log behind another address.
    world.move_away("west-2");
    world.await_shape(&executor);
    world.feed(200);
    world.await_consumed(&executor);
    // Back to a file of old: it is refused, and nothing changes.
    world.put_topology(&lacking);
    world.await_refusal("E0707");
    world.feed(100);
    world.await_consumed(&executor);
    assert!(is_listed(&world, "west-2"));
    world.write_topology(&|_| true);
    world.await_shape(&executor);
    world.settle(&mut executor);
    assert_eq!(world.status()["ledger"]["sources"]["purchases"]["consumed"], world.fed());
}

#[test]
fn an_edit_while_history_is_read_is_applied_when_that_is_over() {
    let mut world = World::start();
    world.reshape(|topology| topology.clusters.retain(|cluster| cluster.name != "west-2"));
    world.feed_cluster("west-1", 50);
    // History waits for it.
    world.cluster("west-1").freeze();
    let mut executor = world.run(&[]);
    until("history is being read", || (world.status()["mode"] == "history").then_some(()));
    world.restore("west-2");
    world.cluster("west-1").thaw();
    world.await_shape(&executor);
    world.feed_cluster("west-2", 50);
    world.settle(&mut executor);
    assert_eq!(world.status()["ledger"]["sources"]["purchases"]["consumed"], world.fed());
}

#[test]
fn a_cluster_is_retired_only_once_nothing_of_it_can_be_missed() {
    let mut world = World::start();
    let mut executor = world.run(&[]);
    world.feed(200);
    world.await_consumed(&executor);
    let state = world.path("state").display().to_string();
    let drain = |world: &World, more: &[&str]| {
        world.topology_command(&[&["drain", "west-2", "--state", &state][..], more].concat())
    };
    // Frozen: nobody can know what it holds.
    world.cluster("west-2").freeze();
    until("west-2 is down", || (cluster_of(&world.status(), "west-2")?["status"] == "down").then_some(()));
    let asked = drain(&world, &[]);
    assert_eq!(asked.code, Some(4), "{}{}", asked.stdout, asked.stderr);
    assert!(asked.stderr.contains("west-2 is draining in generation 2"), "{}", asked.stderr);
    world.adopt(|topology| {
        topology.generation = 2;
        place(topology, "west-2").state = ClusterState::Draining;
    });
    world.await_shape(&executor);
    world.set_state("west-2", ClusterState::Retired);
    world.await_shape(&executor);
    world.feed_cluster("west-1", 100);
    world.await_consumed(&executor);
    let leaving = |world: &World| world.status()["topology"]["leaving"]["west-2"].clone();
    let shown = leaving(&world);
    assert!(
        shown["retired"] == false && shown["unproven"].as_array().is_some_and(|all| !all.is_empty()),
        "{shown}"
    );
    let asked = drain(&world, &[]);
    assert!(asked.code == Some(4) && asked.stdout.contains("not proven yet"), "{}", asked.stdout);
    world.cluster("west-2").thaw();
    until("west-2 is retired", || (leaving(&world)["retired"] == true).then_some(()));
    assert!(!is_listed(&world, "west-2"));
    let asked = drain(&world, &["--format", "json"]);
    assert!(
        asked.code == Some(0) && asked.stdout.contains("\"proven\":true"),
        "{}{}",
        asked.stdout,
        asked.stderr
    );
    // Gone for good, and then back: it is read on from where it was left.
    world.reshape(|topology| topology.clusters.retain(|cluster| cluster.name != "west-2"));
    world.await_shape(&executor);
    assert_eq!(world.status()["missing"], serde_json::json!([]), "nobody misses what was read to its end");
    world.feed_cluster("west-1", 100);
    world.await_consumed(&executor);
    world.restore("west-2");
    world.await_shape(&executor);
    world.feed_cluster("west-2", 100);
    world.settle(&mut executor);
    assert_eq!(world.status()["ledger"]["sources"]["purchases"]["consumed"], world.fed());
}

#[test]
fn a_serving_cluster_that_is_drained_gets_nothing_more_and_its_keys_move() {
    let mut world = World::start();
    let mut executor = world.run(&[]);
    world.feed(300);
    world.await_consumed(&executor);
    world.set_state("west-4", ClusterState::Draining);
    world.await_shape(&executor);
    until("west is written without west-4, and every key has moved", || {
        let status = world.status();
        let west = status["sinks"].as_array()?.iter().find(|sink| sink["region"] == "west")?;
        (west["clusters"].get("west-4").is_none() && status["rebroadcast"] == false && west["backlog"] == 0)
            .then_some(())
    });
    let (home, all) = (world.view_of_cluster("west-3"), world.view_of_region("west"));
    assert!(all.keys().all(|key| home.contains_key(key)), "west-3 alone has every key of the region");
    let before = world.view_of_cluster("west-4");
    world.feed(300);
    world.await_consumed(&executor);
    until("west-3 is up to date", || (world.status()["sinks"][1]["backlog"] == 0).then_some(()));
    assert_eq!(world.view_of_cluster("west-4"), before, "a drained cluster gets no row");
    world.set_state("west-4", ClusterState::Active);
    world.await_shape(&executor);
    world.settle(&mut executor);
}

#[test]
fn files_that_are_wrong_change_nothing_and_say_why() {
    let mut world = World::start();
    let mut executor = world.run(&[]);
    world.feed(100);
    world.await_consumed(&executor);
    let right = world.topology_text().replace("generation: 1\n", "generation: 2\n");
    let without = |name: &str| -> String {
        right
            .lines()
            .filter(|line| !line.contains(&format!(" {name}:")))
            .map(|line| format!("{line}\n"))
            .collect()
    };
    let bad = [
        (right.replace("generation: 2", "generation: 1").replace("east-1", "east-9"), "E0707"),
        (right.replace("generation: 2", "generation: 0"), "E0707"),
        (without("west-2"), "E0708: west-2"),
        (right[..right.len() - 9].to_owned(), "E0713"),
        (right.replace("regions:", "regoins:"), "E0"),
        (
            right.replace("west-1: {bootstrap: \"127.0.0.1:", "west-1: {bootstrap: \"127.0.0.1:x"),
            "E0704: line",
        ),
        (right.replace("state: active", "state: draining"), "E0710"),
        (right.replace("west-1: {", "west-1: {state: idle, bootstrap: \"h:1\"}\n        west-5: {"), "E0706"),
        (right.replace("properties: {}", "properties: {no.such.thing: \"1\"}"), "E0908"),
    ];
    for (at, (text, word)) in bad.iter().enumerate() {
        world.put_topology(text);
        until(&format!("{word}: the file is refused"), || {
            (world.status()["topology"]["refused_files"] == at + 1).then_some(())
        });
        world.await_refusal(word);
        let status = world.status();
        assert_eq!(status["topology"]["generation"], 1, "{word}");
        assert_eq!(status["clusters"].as_array().unwrap().len(), 3, "{word}");
        world.feed(20);
        world.await_consumed(&executor);
    }
    std::fs::remove_file(world.path("project/topology.yaml")).unwrap();
    world.await_refusal("cannot be read");
    world.write_topology(&|_| true);
    world.await_shape(&executor);
    world.settle(&mut executor);
}

#[test]
fn a_restart_refuses_an_older_topology_than_one_that_ran() {
    let mut world = World::start();
    let old = world.topology_text();
    world.reshape(|_| {});
    world.feed(50);
    world.finish();
    world.put_topology(&old);
    let (code, log) = world.try_finish(&[]);
    assert!(code == Some(1) && log.contains("E0707") && log.contains("generation 2"), "{log}");
}

#[test]
fn the_command_line_checks_finds_and_names_what_there_is_not() {
    let mut world = World::start();
    let file = world.path("project/topology.yaml").display().to_string();
    let live = windrow(&["topology", "check", &file, "--live"]);
    assert_eq!(live.code, Some(0), "{}", live.stderr);
    assert_eq!(live.stdout.matches("answers: 1 brokers").count(), 6, "{}", live.stdout);
    world.cluster("east-1").kill();
    let live = windrow(&["topology", "check", &file, "--live", "--format", "json"]);
    assert!(live.code == Some(4) && live.stderr.contains("E0711: east-1"), "{}", live.stderr);
    assert_eq!(windrow(&["topology", "check", &file]).code, Some(0), "the text is right all the same");
    let topic = world.topology_command(&["where", "shop.purchases"]);
    assert_eq!(topic.stdout.lines().count(), 3, "{}", topic.stdout);
    assert!(
        topic.stdout.contains("west/ingest/west-2  active")
            && topic.stdout.contains("read by source purchases")
    );
    let cluster = world.topology_command(&["where", "east-3"]);
    assert!(cluster.stdout.contains("published by group_by user_spend"), "{}", cluster.stdout);
    let unknown = world.topology_command(&["where", "east-33"]);
    assert!(
        unknown.code == Some(2)
            && unknown.stderr.contains("E0712")
            && unknown.stderr.contains("did you mean `east-3`")
    );
    let state = world.path("state").display().to_string();
    let last = world.topology_command(&["drain", "east-3", "--state", &state]);
    assert!(last.code == Some(2) && last.stderr.contains("E0710"), "{}", last.stderr);
}

/// What 200 edits in a row must not do, a fifth of them wrong: see `soak.rs`.
pub(super) fn edit(world: &mut World, executor: &Executor, round: u64) -> bool {
    let choice = world.random(5);
    if choice == 0 {
        let text = world.topology_text().replace("generation:", "generation: 99999\ngeneration:");
        let half = &text[..text.len() / 2];
        world.put_topology(if round.is_multiple_of(2) { &text } else { half });
        world.await_refusal("E0");
        world.write_topology(&|_| true);
        world.await_shape(executor);
        return false;
    }
    let name = ["west-1", "west-2", "west-3", "west-4"][usize::try_from(world.random(4)).unwrap()];
    let moved = world.another_way_to(name);
    world.reshape(|topology: &mut Topology| match choice {
        1 | 2 => {
            let beside = name.replace(
                ['1', '2', '3', '4'],
                match name {
                    "west-1" => "2",
                    "west-2" => "1",
                    "west-3" => "4",
                    _ => "3",
                },
            );
            place(topology, &beside).state = ClusterState::Active;
            let state = &mut place(topology, name).state;
            *state =
                if *state == ClusterState::Active { ClusterState::Draining } else { ClusterState::Active };
        }
        _ => place(topology, name).bootstrap = moved,
    });
    world.await_shape(executor);
    true
}
