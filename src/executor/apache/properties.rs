//! The broker's settings. Pure.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::broker::Ports;

/// What all brokers share: one of everything, little memory, quick to come back after a kill, and no record is
/// deleted because its own time is long ago.
const COMMON: &str = "\
process.roles=broker,controller
node.id=1
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL
auto.create.topics.enable=false
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
num.network.threads=1
num.io.threads=2
num.recovery.threads.per.data.dir=1
log.cleaner.threads=1
log.cleaner.dedupe.buffer.size=2097152
log.index.size.max.bytes=1048576
message.max.bytes=8388608
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
log.retention.ms=-1
log.initial.task.delay.ms=500
log.retention.check.interval.ms=1000
log.segment.delete.delay.ms=1000
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
";

/// The text of `server.properties`. Such a file expands nothing; a backslash begins an escape.
pub(super) fn text(data: &Path, Ports { broker, advertised, secure }: Ports, controller: u16) -> String {
    let data = data.display().to_string().replace('\\', "\\\\");
    let secure = secure.map_or_else(String::new, |port| format!(",SECURE://127.0.0.1:{port}"));
    format!(
        "{COMMON}controller.quorum.voters=1@127.0.0.1:{controller}\n\
         listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}{secure}\n\
         advertised.listeners=PLAINTEXT://127.0.0.1:{advertised}{secure}\n\
         log.dirs={data}\n"
    )
}

/// A cluster id as Kafka wants it: a UUID as 22 characters. None begins with `-`, which would be an option on
/// a command line.
pub(super) fn cluster_id(mut random: [u8; 16]) -> String {
    random[0] &= 0x7f;
    URL_SAFE_NO_PAD.encode(random)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_id_is_a_uuid_of_22_characters_and_no_option() {
        for byte in 0..=u8::MAX {
            let id = cluster_id([byte; 16]);
            assert_eq!(id.len(), 22);
            assert!(!id.starts_with('-'), "{id}");
            // The last character has four bits to spare; they must be zero for the UUID to be readable.
            assert!(URL_SAFE_NO_PAD.decode(&id).is_ok_and(|bytes| bytes.len() == 16), "{id}");
        }
    }

    #[test]
    fn a_broker_listens_on_loopback_alone() {
        let text = text(Path::new("/data"), Ports { broker: 1, advertised: 1, secure: None }, 2);
        let addresses: Vec<_> = text.split(['/', '@', ',']).filter(|part| part.contains(':')).collect();
        let places: Vec<_> = addresses.iter().filter(|part| part.contains("127.0.0.1:")).collect();
        assert_eq!(places.len(), 4, "{addresses:?}");
        assert!(!text.contains("0.0.0.0") && text.contains("log.dirs=/data\n"), "{text}");
    }
}
