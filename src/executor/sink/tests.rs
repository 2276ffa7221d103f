//! Routing inside a group, and what the outbox keeps.

use super::handle::Handle;
use super::outbox::{self, Outbox};
use super::route::Routes;
use super::strays::{StrayKey, Strays};
use crate::dataflow::Publication;
use crate::executor::clock::Moment;
use crate::executor::store::{Commit, RocksStore};
use crate::executor::tables::Entry;
use crate::executor::wiring::PublishWiring;
use crate::plan::{NodeId, PublishMode};
use crate::types::{DataType, EventTime, Field, Value};
use crate::wire::Version;

fn any(_: usize) -> bool {
    true
}

#[test]
fn a_row_goes_home_and_elsewhere_only_while_home_is_down() {
    let mut routes = Routes::new(3);
    assert_eq!(routes.home(4), 1);
    assert_eq!(routes.choose(1, &any, 0), Some(1));
    assert!(routes.failed(1, 0));
    assert!(!routes.failed(1, 1), "known already");
    assert_eq!(routes.choose(1, &any, 10_000), Some(2), "an up cluster is not risked for a retry");
    assert_eq!(routes.choose(0, &any, 10_000), Some(0));
    assert!(routes.may_try(1, 10_000) && routes.may_try(1, 10_000), "to ask changes nothing");
    routes.sent(1);
    assert!(!routes.may_try(1, 10_000), "one row at a time");
    assert!(routes.delivered(1));
    assert_eq!(routes.choose(1, &any, 10_000), Some(1));
}

#[test]
fn a_group_that_is_down_is_tried_with_one_row_at_growing_intervals() {
    let mut routes = Routes::new(2);
    routes.failed(0, 0);
    routes.failed(1, 0);
    assert_eq!(routes.choose(0, &any, 499), None);
    assert_eq!(routes.choose(0, &any, 500), Some(0));
    routes.sent(0);
    assert_eq!(routes.choose(0, &any, 500), Some(1));
    routes.sent(1);
    assert_eq!(routes.choose(0, &any, 500), None);
    assert!(!routes.failed(0, 500), "it had not come back");
    assert_eq!(routes.choose(0, &any, 1_499), None);
    assert_eq!(routes.choose(0, &any, 1_500), Some(0));
}

#[test]
fn a_cluster_without_the_topic_takes_no_row() {
    let routes = Routes::new(2);
    assert_eq!(routes.choose(0, &|cluster| cluster == 1, 0), Some(1));
    assert_eq!(routes.choose(0, &|_| false, 0), None);
}

fn publish(mode: PublishMode) -> PublishWiring {
    PublishWiring {
        node: NodeId(3),
        number: 0,
        topic: "t".into(),
        group: "g".into(),
        mode,
        key: vec![DataType::String],
        fields: vec![Field::new("n", DataType::Int, false)],
        fingerprint: "f".into(),
    }
}

fn row(key: &str, seq: u64) -> Publication {
    Publication {
        node: NodeId(3),
        key: vec![Value::string(key)],
        row: Some(vec![Value::Int(i64::try_from(seq).unwrap())]),
        as_of: EventTime(0),
        version: Version { lease: 1, start: 1, seq },
    }
}

fn append(outbox: &mut Outbox, publish: &PublishWiring, rows: &[Publication], store: &RocksStore) {
    let mut commit = Commit::default();
    outbox.append(std::slice::from_ref(publish), rows, store, &mut commit.shell).unwrap();
    store.commit(commit).unwrap();
}

fn waiting(store: &RocksStore) -> Vec<(u64, String, u64)> {
    let entries = outbox::read(store, 0, u64::MAX, 100).unwrap();
    let text = |key: Vec<u8>| String::from_utf8(key).unwrap();
    entries.into_iter().map(|(sequence, e)| (sequence, text(e.key), e.version.seq)).collect()
}

#[test]
fn as_latest_keeps_the_newest_row_of_each_key_also_within_one_step() {
    let dir = tempfile::tempdir().unwrap();
    let store = RocksStore::open(dir.path()).unwrap();
    let (publish, mut outbox) = (publish(PublishMode::Latest), Outbox::open(&store).unwrap());
    append(&mut outbox, &publish, &[row("a", 1), row("b", 2), row("a", 3)], &store);
    append(&mut outbox, &publish, &[row("b", 4)], &store);
    assert_eq!(waiting(&store), [(2, "a".into(), 3), (3, "b".into(), 4)]);
    assert_eq!(Outbox::open(&store).unwrap().next(), 4);
}

#[test]
fn as_events_keeps_every_row() {
    let dir = tempfile::tempdir().unwrap();
    let store = RocksStore::open(dir.path()).unwrap();
    let (publish, mut outbox) = (publish(PublishMode::Events), Outbox::open(&store).unwrap());
    append(&mut outbox, &publish, &[row("a", 1), row("a", 2)], &store);
    assert_eq!(waiting(&store).len(), 2);
}

#[test]
fn what_every_region_has_is_removed_and_the_sequence_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let store = RocksStore::open(dir.path()).unwrap();
    let (publish, mut outbox) = (publish(PublishMode::Latest), Outbox::open(&store).unwrap());
    append(&mut outbox, &publish, &[row("a", 1), row("b", 2)], &store);
    let mut commit = Commit::default();
    outbox.prune(1, &store, &mut commit.shell).unwrap();
    store.commit(commit).unwrap();
    assert_eq!(waiting(&store), [(1, "b".into(), 2)]);
    let mut outbox = Outbox::open(&store).unwrap();
    append(&mut outbox, &publish, &[row("a", 3)], &store);
    assert_eq!(waiting(&store), [(1, "b".into(), 2), (2, "a".into(), 3)]);
}

fn stray(seq: u64) -> (StrayKey, Entry) {
    let version = Version { lease: 1, start: 1, seq };
    let entry = Entry { publish: 0, version, as_of: EventTime(0), key: b"a".to_vec(), payload: None };
    ((0, b"a".to_vec(), 0), entry)
}

fn take(strays: &mut Strays, home: usize) -> Option<(StrayKey, u64, Entry)> {
    strays.take(home, |_| true)
}

#[test]
fn strays_of_a_topic_that_is_missing_keep_no_others_from_going_home() {
    let mut strays = Strays::new(1);
    for publish in [3, 1, 2] {
        strays.add(0, (publish, b"a".to_vec(), 0), 7, stray(7).1);
    }
    let publishes: Vec<_> = std::iter::from_fn(|| strays.take(0, |publish| publish != 1))
        .map(|((publish, ..), ..)| publish)
        .collect();
    assert_eq!(publishes, [2, 3]);
    assert!(strays.is_waiting(0) && take(&mut strays, 0).is_some());
}

#[test]
fn a_stray_goes_home_once() {
    let (mut strays, (key, entry)) = (Strays::new(2), stray(1));
    strays.add(1, key.clone(), 1, entry);
    assert!(strays.is_waiting(1) && !strays.is_waiting(0));
    let (_, sequence, entry) = take(&mut strays, 1).unwrap();
    assert!(!strays.is_waiting(1));
    strays.failed(1, key.clone(), sequence, entry);
    let (_, sequence, entry) = take(&mut strays, 1).expect("it waits again");
    strays.arrived(1, &key, sequence);
    strays.failed(1, key, sequence, entry);
    assert!(!strays.is_waiting(1), "it is there");
}

#[test]
fn a_stray_never_goes_home_after_a_newer_row_of_its_key() {
    let (mut strays, (key, old)) = (Strays::new(1), stray(1));
    // The newer row goes home itself, while the old one waits.
    strays.add(0, key.clone(), 1, old.clone());
    strays.replaced(0, &key);
    assert!(!strays.is_waiting(0));
    // The same, while the old one flies and then fails.
    strays.add(0, key.clone(), 1, old.clone());
    take(&mut strays, 0).unwrap();
    strays.replaced(0, &key);
    strays.failed(0, key.clone(), 1, old.clone());
    assert!(!strays.is_waiting(0));
    // The newer one strays too, while the old one flies: its outcome says nothing of the newer one.
    strays.add(0, key.clone(), 1, old.clone());
    take(&mut strays, 0).unwrap();
    strays.add(0, key.clone(), 2, stray(2).1);
    strays.failed(0, key.clone(), 1, old);
    strays.arrived(0, &key, 1);
    assert_eq!(take(&mut strays, 0).map(|(_, sequence, entry)| (sequence, entry.version.seq)), Some((2, 2)));
}

#[test]
fn nobody_publishes_on_an_old_look_at_the_lease() {
    let at = |wall_ms, boot_ms| Moment { wall_ms, boot_ms };
    let handle = Handle::new(0, 0, at(10_000, 100));
    assert!(handle.is_vouched(at(10_000, 100)) && handle.is_vouched(at(15_000, 5_100)));
    assert!(!handle.is_vouched(at(15_001, 5_101)), "it was paused");
    assert!(!handle.is_vouched(at(10_100, 5_101)), "it was paused, and the clock was set back");
    assert!(!handle.is_vouched(at(15_001, 200)), "its machine was paused");
    assert!(!handle.is_vouched(at(4_999, 100)), "the clock was set back");
    handle.vouch(at(20_000, 10_100));
    assert!(handle.is_vouched(at(20_001, 10_101)));
}

#[test]
fn what_a_home_is_owed_is_told_to_the_state_until_it_has_it() {
    let (mut strays, (key, entry)) = (Strays::new(1), stray(1));
    let told = |strays: &mut Strays| -> Vec<Option<u64>> {
        strays.changes().into_iter().map(|(_, _, row)| row.map(|(sequence, _)| sequence)).collect()
    };
    strays.add(0, key.clone(), 1, entry.clone());
    let (_, sequence, entry) = take(&mut strays, 0).unwrap();
    strays.failed(0, key.clone(), sequence, entry);
    assert_eq!(told(&mut strays), [Some(1)], "a failed try changes nothing");
    let (_, sequence, _) = take(&mut strays, 0).unwrap();
    strays.arrived(0, &key, sequence);
    assert_eq!(told(&mut strays), [None]);
    strays.hold(0, key.clone(), 2, stray(2).1);
    assert!(!strays.is_waiting(0), "something older may still come");
    strays.release(0);
    assert!(strays.is_waiting(0));
    strays.replaced(0, &key);
    strays.replaced(0, &key);
    assert_eq!(told(&mut strays), [Some(2), None]);
}
