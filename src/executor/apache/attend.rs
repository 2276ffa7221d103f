//! The attendant of a broker: a process beside it, whose parent it is.

use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::super::embedded::Topic;
use super::Error;

/// How long a broker may take to serve; a busy machine takes its time.
const READY_WITHIN: Duration = Duration::from_secs(90);
const CALL: Duration = Duration::from_secs(5);
const AGAIN: Duration = Duration::from_millis(50);

/// Waits until the broker on that port serves, with these topics.
///
/// # Errors
/// When it does not in time, or refuses a topic.
pub fn attend(port: u16, topics: &[Topic]) -> Result<(), Error> {
    let started = Instant::now();
    loop {
        let Err(last) = create(port, topics) else { return Ok(()) };
        if started.elapsed() >= READY_WITHIN {
            return Err(Error::Late { port, waited: READY_WITHIN, last: last.to_string() });
        }
        std::thread::sleep(AGAIN);
    }
}

/// An open port is not enough: only a request that was carried out shows that the broker serves.
fn create(port: u16, topics: &[Topic]) -> Result<(), KafkaError> {
    let admin: AdminClient<DefaultClientContext> = ClientConfig::new()
        .set("bootstrap.servers", format!("127.0.0.1:{port}"))
        .set("reconnect.backoff.ms", "20")
        .set("reconnect.backoff.max.ms", "200")
        .set_log_level(RDKafkaLogLevel::Emerg)
        .create()?;
    if topics.is_empty() {
        return admin.inner().fetch_metadata(None, CALL).map(drop);
    }
    let wanted: Vec<_> = topics
        .iter()
        .map(|topic| NewTopic::new(&topic.name, topic.partitions, TopicReplication::Fixed(1)))
        .collect();
    let options = AdminOptions::new().request_timeout(Some(CALL)).operation_timeout(Some(CALL));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| KafkaError::AdminOpCreation(error.to_string()))?;
    for outcome in runtime.block_on(admin.create_topics(&wanted, &options))? {
        match outcome {
            Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((_, code)) => return Err(KafkaError::AdminOp(code)),
        }
    }
    Ok(())
}
