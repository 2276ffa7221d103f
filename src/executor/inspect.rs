//! Asks clusters what they hold, all at once: nobody waits for one that does not answer longer than for all.

use std::time::Duration;

use rdkafka::consumer::Consumer;

use super::kafka::{self, Refusal};
use crate::topology::Cluster;

const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// What a cluster said.
#[derive(Debug, Clone)]
pub struct Answer {
    pub brokers: usize,
    /// Topics and how many partitions they have, in order of their names.
    pub topics: Vec<(String, usize)>,
}

/// One answer for each cluster, or why there is none.
#[must_use]
pub fn inspect(clusters: &[&Cluster]) -> Vec<Result<Answer, String>> {
    std::thread::scope(|scope| {
        let asked: Vec<_> = clusters.iter().map(|cluster| scope.spawn(|| ask(cluster))).collect();
        let heard = |thread: std::thread::ScopedJoinHandle<'_, _>| {
            thread.join().unwrap_or_else(|_| Err("the client panicked".to_owned()))
        };
        asked.into_iter().map(heard).collect()
    })
}

fn ask(cluster: &Cluster) -> Result<Answer, String> {
    let consumer = kafka::consumer(cluster, "windrow-check").map_err(|error| error.to_string())?;
    let metadata = consumer.fetch_metadata(None, ANSWER_WITHIN).map_err(|error| {
        // The client says of its own accord why nobody answers.
        let mut heard = std::iter::from_fn(|| consumer.poll(Duration::ZERO)).filter_map(Result::err);
        let refusal = heard.find_map(|error| error.rdkafka_error_code().and_then(Refusal::of));
        refusal.map_or_else(|| error.to_string(), |refusal| refusal.said(cluster, "ask what it has"))
    })?;
    let mut topics: Vec<_> =
        metadata.topics().iter().map(|topic| (topic.name().to_owned(), topic.partitions().len())).collect();
    topics.sort_unstable();
    Ok(Answer { brokers: metadata.brokers().len(), topics })
}
