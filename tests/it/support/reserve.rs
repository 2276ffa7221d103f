//! Real brokers that a test has done with, for the next test that wants some: starting six takes two cores a
//! quarter of a minute, emptying them a second. They end with the test process.
#![allow(clippy::disallowed_methods, reason = "a test: it has deadlines, and a failure is a panic")]

use std::collections::BTreeMap;
use std::fs::File;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _};

use super::cluster::{Cluster, DEADLINE, until};
use super::proxy::Proxy;

static RESERVE: Mutex<BTreeMap<&'static str, (Cluster, Proxy)>> = Mutex::new(BTreeMap::new());

/// The broker of that name which an earlier test has left, with those topics, `NAME:PARTITIONS`, and nothing else.
pub(crate) fn take(name: &str, topics: &[&str]) -> Option<(Cluster, Proxy)> {
    let (cluster, proxy) = RESERVE.lock().expect("nobody panics with it").remove(name)?;
    empty(&cluster.bootstrap(), topics);
    Some((cluster, proxy))
}

/// Keeps it for another test, if it is what it was when it started.
pub(crate) fn leave(name: &'static str, mut cluster: Cluster, proxy: Proxy) {
    if !proxy.was_used() && cluster.is_as_started() {
        cluster.thaw();
        RESERVE.lock().expect("nobody panics with it").insert(name, (cluster, proxy));
    }
}

/// A folder for a broker that may outlive its test.
pub(crate) fn folder(name: &str) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    static OURS: OnceLock<(PathBuf, File)> = OnceLock::new();
    let (ours, _) = OURS.get_or_init(|| {
        let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("brokers");
        remove_abandoned(&all);
        claim(all.join(std::process::id().to_string()))
    });
    ours.join(format!("{name}-{}", NEXT.fetch_add(1, Ordering::Relaxed)))
}

/// Ours for as long as its lock is held.
fn claim(folder: PathBuf) -> (PathBuf, File) {
    std::fs::create_dir_all(&folder).expect("a folder in the build folder");
    let lock = File::create(folder.join("lock")).expect("a file in our folder");
    lock.try_lock().expect("it is named for this process");
    (folder, lock)
}

/// What processes that have ended have left.
fn remove_abandoned(all: &Path) {
    for entry in std::fs::read_dir(all).into_iter().flatten().flatten() {
        let lock = File::open(entry.path().join("lock"));
        if lock.is_ok_and(|lock| lock.try_lock().is_ok()) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

fn empty(bootstrap: &str, topics: &[&str]) {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap).set("group.id", "reserve");
    let client: BaseConsumer = config.create().expect("a client can be made");
    let admin: AdminClient<DefaultClientContext> = config.create().expect("a client can be made");
    let known = until("a broker that was left answers", || topics_of(&client));
    let known: Vec<_> = known.iter().map(String::as_str).collect();
    // Kafka's client does not ask for nothing.
    if !known.is_empty() {
        for result in wait(admin.delete_topics(&known, &options())).expect("an answer") {
            result.expect("the topic is deleted");
        }
    }
    until("its topics are gone", || topics_of(&client)?.is_empty().then_some(()));
    let groups = client.fetch_group_list(None, DEADLINE).expect("an answer");
    let groups: Vec<_> = groups.groups().iter().map(rdkafka::groups::GroupInfo::name).collect();
    if !groups.is_empty() {
        for result in wait(admin.delete_groups(&groups, &options())).expect("an answer") {
            result.expect("the group is deleted");
        }
    }
    until("its topics are made", || {
        let fresh: Vec<_> = topics.iter().map(|topic| new(topic)).collect();
        let made = wait(admin.create_topics(&fresh, &options())).ok()?;
        made.iter().all(Result::is_ok).then_some(())
    });
}

/// But for the broker's own.
fn topics_of(client: &BaseConsumer) -> Option<Vec<String>> {
    let metadata = client.fetch_metadata(None, DEADLINE).ok()?;
    let names = metadata.topics().iter().map(|topic| topic.name().to_owned());
    Some(names.filter(|name| !name.starts_with("__")).collect())
}

fn new(topic: &str) -> NewTopic<'_> {
    let (name, partitions) = topic.split_once(':').expect("a name and a number");
    NewTopic::new(name, partitions.parse().expect("a number"), TopicReplication::Fixed(1))
}

pub(crate) fn options() -> AdminOptions {
    AdminOptions::new().request_timeout(Some(DEADLINE)).operation_timeout(Some(DEADLINE))
}

pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(future)
}
