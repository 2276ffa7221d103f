//! Real brokers of Apache Kafka, for tests that want them: each is a process that `windrow cluster --real`
//! becomes, on loopback and free ports, killed with the test whatever happens.

use std::io::Write as _;

use super::turn::Turn;

/// Waits for the turn of a test that starts real brokers; `None`: they are not wanted, which is said.
pub(crate) fn turn(test: &str) -> Option<Turn> {
    if is_wanted() {
        return Some(Turn::alone(test));
    }
    // Past the test harness, which keeps to itself what a test that passed has printed.
    let _ = writeln!(
        std::io::stderr(),
        "left out: {test} needs real Kafka brokers; tests/run sets them up and WINDROW_TEST_KAFKA=1"
    );
    None
}

fn is_wanted() -> bool {
    std::env::var_os("WINDROW_TEST_KAFKA").is_some_and(|value| !value.is_empty() && value != "0")
}
