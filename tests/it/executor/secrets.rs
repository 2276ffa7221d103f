//! Clusters that want to know who comes, and that nothing says the password: neither of what is written nor of
//! what is said.

use std::path::Path;

use super::operation::{get, pages_of};
use super::rights::what_is_not_allowed_is_said_and_waited_for;
use super::world::{Login, World, place};
use crate::support::binary::windrow;
use crate::support::cluster::{Cluster, free_port, until};
use crate::support::rights::ASKS;
use crate::support::secure::Secure;

/// A password that stands nowhere by chance.
const CANARY: &str = "c4nary-7Qx9-in-the-coal-mine";

/// Another one, which is nobody's.
const WRONG: &str = "wr0ng-5Kd2-of-nobody";

/// Whether any file below a folder holds the canary.
fn holds_canary(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(holds_canary(&path));
        } else if std::fs::read(&path)
            .is_ok_and(|bytes| bytes.windows(CANARY.len()).any(|part| part == CANARY.as_bytes()))
        {
            found.push(path);
        }
    }
    found
}

fn assert_silent(what: &str, text: &str) {
    assert!(!text.contains(CANARY), "{what} says the password: {text}");
}

#[test]
fn a_secret_is_in_nothing_that_is_said_or_written() {
    let mut world = World::start();
    let secret = world.path("secret");
    std::fs::write(&secret, format!("{CANARY}\n")).unwrap();
    let reference = format!("${{file:{}}}", secret.display());
    for cluster in ["west-1", "west-3"] {
        world.set_property(cluster, "sasl.password", &reference);
    }
    let mut executor = world.run(&["--http", "127.0.0.1:0", "--log-format", "json"]);
    world.feed(100);
    world.await_consumed(&executor);
    let address = pages_of(&executor);
    for page in ["/status", "/metrics", "/readyz"] {
        assert_silent(page, &get(&address, page).1);
    }
    // The same clients refuse what the secret now is, in a property that they check.
    world.reshape(|topology| {
        place(topology, "west-1").properties.insert("security.protocol".to_owned(), reference.clone());
    });
    world.await_refusal("E0908");
    let refused = world.status()["topology"]["refused"].to_string();
    assert_silent("a refusal", &refused);
    let (project, topology) = (world.path("project"), world.path("project/topology.yaml"));
    let (project, topology) = (project.to_str().unwrap(), topology.to_str().unwrap());
    for args in [
        &["topology", "check", topology, "--live"][..],
        &["topology", "where", "west-1", project, "--env", "local", "--format", "json"],
        &["tail", "features.user_spend", project, "--env", "local", "--until-end"],
        &["explain", "user_spend", project],
        &["check", project],
    ] {
        let run = windrow(args);
        assert_silent(args[0], &format!("{}{}", run.stdout, run.stderr));
    }
    executor.kill();
    let (code, log) = world.try_finish(&[]);
    assert!(code == Some(3) && log.contains("E0908"), "{log}");
    std::fs::remove_file(&secret).unwrap();
    let (code, log) = world.try_finish(&[]);
    assert!(
        code == Some(3) && log.contains("E0908") && log.contains("cannot be read"),
        "the file is named: {log}"
    );
    assert_eq!(
        holds_canary(&world.path("")),
        [""; 0].map(std::path::PathBuf::from),
        "logs, statuses and states"
    );
}

#[test]
fn tls_and_sasl_let_in_who_knows_the_password_and_nobody_else_on_apache_kafka() {
    let test = "tls_and_sasl_let_in_who_knows_the_password_and_nobody_else_on_apache_kafka";
    lets_in_who_knows_the_password(test, "PLAIN");
}

#[test]
fn scram_sha_256_lets_in_who_knows_the_password_and_nobody_else_on_apache_kafka() {
    let test = "scram_sha_256_lets_in_who_knows_the_password_and_nobody_else_on_apache_kafka";
    lets_in_who_knows_the_password(test, "SCRAM-SHA-256");
}

#[test]
fn scram_sha_512_lets_in_who_knows_the_password_and_nobody_else_on_apache_kafka() {
    let test = "scram_sha_512_lets_in_who_knows_the_password_and_nobody_else_on_apache_kafka";
    lets_in_who_knows_the_password(test, "SCRAM-SHA-512");
}

fn lets_in_who_knows_the_password(test: &str, mechanism: &str) {
    let Some(turn) = crate::support::kafka::turn(test) else { return };
    let scratch = crate::support::Scratch::new();
    let secure = Secure::new(scratch.path());
    let port = free_port();
    let topics = ["shop.purchases:2", "features.user_spend:3"];
    let mut more = secure.asking(port, mechanism, CANARY);
    more.extend(ASKS.iter().flat_map(|line| ["--setting".to_owned(), (*line).to_owned()]));
    let broker = Cluster::start_with(&scratch.path().join("broker"), &topics, more);
    let mut world = World::start_beside(turn);
    world.feed_at(&broker.bootstrap(), 200);
    let secret = world.path("secret");
    std::fs::write(&secret, CANARY).unwrap();
    world.only_secure(&Login { port, mechanism, certificate: &secure.certificate, secret: &secret });
    let mut executor = world.run(&["--log-format", "json"]);
    world.await_consumed(&executor);
    if mechanism == "PLAIN" {
        what_is_not_allowed_is_said_and_waited_for(&mut world, &broker.bootstrap(), &executor);
    }
    assert!(executor.stop(), "{}", executor.log());
    world.finish();
    let right = world.tail(&["--verify"]);
    assert!(right.code == Some(0) && right.stdout.lines().count() > 20, "{}{}", right.stdout, right.stderr);
    // The control: another password, or no certificate, and nothing is read.
    std::fs::write(&secret, WRONG).unwrap();
    let check = |world: &World| {
        let topology = world.path("project/topology.yaml");
        windrow(&["topology", "check", topology.to_str().unwrap(), "--live"])
    };
    let refused = check(&world);
    assert!(refused.code == Some(4) && refused.stderr.contains("E0711"), "{}", refused.stderr);
    for said in ["west-1 refuses us", "west-3 refuses us", &format!("${{file:{}}}", secret.display())] {
        assert!(refused.stderr.contains(said), "no `{said}` in {}", refused.stderr);
    }
    assert!(!refused.stderr.contains(WRONG), "{}", refused.stderr);
    let executor = world.run(&[]);
    until("the run says who refuses", || {
        let trouble = world.status()["clusters"][0]["trouble"].as_str()?.to_owned();
        (trouble.contains("E0971") && trouble.contains("west-1 refuses us")).then_some(())
    });
    assert!(!executor.log().contains(WRONG), "{}", executor.log());
    drop(executor);
    std::fs::write(&secret, CANARY).unwrap();
    assert_eq!(check(&world).code, Some(0));
    std::fs::write(&secure.certificate, "").unwrap();
    let refused = check(&world);
    assert!(refused.code == Some(4), "{}", refused.stderr);
    let project = world.path("project");
    assert_eq!(holds_canary(&project), [""; 0].map(std::path::PathBuf::from));
}
