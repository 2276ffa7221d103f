//! Clusters that want to know who comes, and that nothing says the password: neither of what is written nor of
//! what is said.

use std::path::Path;
use std::process::Command;

use super::operation::{get, pages_of};
use super::world::{World, place};
use crate::support::binary::windrow;
use crate::support::cluster::Broker;

/// A password that stands nowhere by chance.
const CANARY: &str = "c4nary-7Qx9-in-the-coal-mine";

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

/// A key and a certificate for loopback, each in a file.
fn certificate(folder: &Path) -> (std::path::PathBuf, std::path::PathBuf) {
    let (key, certificate) = (folder.join("key.pem"), folder.join("certificate.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"])
        .args(["-addext", "subjectAltName=IP:127.0.0.1", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    (key, certificate)
}

#[test]
fn tls_and_sasl_let_in_who_knows_the_password_and_nobody_else_on_apache_kafka() {
    let test = "tls_and_sasl_let_in_who_knows_the_password_and_nobody_else_on_apache_kafka";
    let Some(turn) = crate::support::kafka::turn(test) else { return };
    let scratch = crate::support::Scratch::new();
    let (key, certificate) = certificate(scratch.path());
    let pem = scratch.path().join("both.pem");
    let both = [std::fs::read(&key).unwrap(), std::fs::read(&certificate).unwrap()].concat();
    std::fs::write(&pem, both).unwrap();
    let settings = [
        "listener.name.secure.sasl.enabled.mechanisms=PLAIN".to_owned(),
        format!(
            "listener.name.secure.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule \
             required user_windrow=\"{CANARY}\";"
        ),
        "listener.name.secure.ssl.keystore.type=PEM".to_owned(),
        format!("listener.name.secure.ssl.keystore.location={}", pem.display()),
    ];
    let topics = ["shop.purchases:2", "features.user_spend:3"];
    let (broker, port) = crate::support::cluster::Cluster::start_secure(
        Broker::Apache,
        &scratch.path().join("broker"),
        &topics,
        &settings,
    );
    let mut world = World::start_beside(turn);
    world.feed_at(&broker.bootstrap(), 200);
    let secret = world.path("secret");
    std::fs::write(&secret, CANARY).unwrap();
    world.only_secure(&format!("127.0.0.1:{port}"), &certificate, &secret);
    let mut executor = world.run(&["--log-format", "json"]);
    world.await_consumed(&executor);
    assert!(executor.stop(), "{}", executor.log());
    world.finish();
    let right = world.tail(&["--verify"]);
    assert!(right.code == Some(0) && right.stdout.lines().count() > 20, "{}{}", right.stdout, right.stderr);
    // The control: another password, or no certificate, and nothing is read.
    std::fs::write(&secret, "something else").unwrap();
    let check = |world: &World| {
        let topology = world.path("project/topology.yaml");
        windrow(&["topology", "check", topology.to_str().unwrap(), "--live"])
    };
    let refused = check(&world);
    assert!(refused.code == Some(4) && refused.stderr.contains("E0711"), "{}", refused.stderr);
    std::fs::write(&secret, CANARY).unwrap();
    assert_eq!(check(&world).code, Some(0));
    std::fs::write(&certificate, "").unwrap();
    let refused = check(&world);
    assert!(refused.code == Some(4), "{}", refused.stderr);
    let project = world.path("project");
    assert_eq!(holds_canary(&project), [""; 0].map(std::path::PathBuf::from));
}
