//! What an administrator of real brokers says of what users may, and how much, by Kafka's own client: ours has no
//! such requests.

use std::path::PathBuf;
use std::process::Command;

use super::secure::USER;
use super::{cache, root};

/// Settings of a broker that asks whether those who log in may do what they want. All may, until it is denied.
pub(crate) const ASKS: [&str; 3] = [
    "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "allow.everyone.if.no.acl.found=true",
    // Whoever comes without a login: the broker itself, and tests.
    "super.users=User:ANONYMOUS",
];

/// From now on those who log in may not do that with a topic: `READ`, `WRITE`, `ALL`.
pub(crate) fn deny(bootstrap: &str, operation: &str, topic: &str) {
    ask(bootstrap, &["deny", operation, topic, USER]);
}

/// They may again.
pub(crate) fn allow(bootstrap: &str, operation: &str, topic: &str) {
    ask(bootstrap, &["allow", operation, topic, USER]);
}

/// So many bytes per second may be produced, by all producers of windrow together; 0: any number.
pub(crate) fn quota(bootstrap: &str, bytes_per_s: u32) {
    ask(bootstrap, &["quota", "windrow", &bytes_per_s.to_string()]);
}

fn ask(bootstrap: &str, what: &[&str]) {
    let named = std::env::var_os("WINDROW_KAFKA").map(PathBuf::from);
    let kafka = named.or_else(|| Some(cache()?.join("kafka"))).expect("brokers have been started from there");
    let asked = Command::new("java")
        .args(["-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp"])
        .arg(kafka.join("libs/*"))
        .arg(root().join("tests/java/kafka/Rights.java"))
        .arg(bootstrap)
        .args(what)
        .output()
        .expect("Java is there, as brokers are");
    assert!(asked.status.success(), "{what:?}: {}", String::from_utf8_lossy(&asked.stderr));
}
