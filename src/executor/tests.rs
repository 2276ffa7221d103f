//! The shell's records, leases, the store's lock and one batch, and the wiring: without a cluster.

use std::ops::ControlFlow;

use super::checkpoint::{Place, Remote};
use super::lease::Leases;
use super::store::{Commit, RocksStore};
use super::synced::Synced;
use super::tables::{self, Entry, PartitionKey, Position};
use super::wiring::Wiring;
use crate::dataflow::PartitionId;
use crate::diag::SourceMap;
use crate::plan::Plan;
use crate::state::Store;
use crate::topology::{Cluster, Topology};
use crate::types::EventTime;
use crate::wire::Version;
use crate::{model, plan, syntax};

#[test]
fn records_of_the_shell_come_back_as_they_were_written() {
    let key = PartitionKey {
        source: "flights".into(),
        cluster: "west-1".into(),
        topic: "ops.flights".into(),
        partition: -1,
    };
    assert_eq!(PartitionKey::from_bytes(&key.to_bytes()), Some(key));
    let position = Position {
        id: PartitionId(7),
        next: i64::MAX,
        first: 0,
        log_start: 3,
        end: -1,
        end_ms: 9,
        first_ms: -1,
    };
    assert_eq!(Position::from_bytes(&position.to_bytes()), Some(position));
    for payload in [None, Some(Vec::new()), Some(b"{}".to_vec())] {
        let version = Version { lease: 1, start: 2, seq: 3 };
        let entry = Entry { publish: 5, version, as_of: EventTime(-1), key: b"a\0b".to_vec(), payload };
        assert_eq!(Entry::from_bytes(&entry.to_bytes()), Some(entry));
    }
    assert_eq!(Entry::from_bytes(b"short"), None);
    assert_eq!(PartitionKey::from_bytes(b"p"), None);
}

#[test]
fn a_commit_writes_both_halves_and_each_reads_only_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let store = RocksStore::open(dir.path()).unwrap();
    let mut commit = Commit::default();
    commit.engine.put(b"a".to_vec(), b"engine".to_vec());
    commit.shell.put(b"a".to_vec(), b"shell".to_vec());
    commit.engine.put(b"b".to_vec(), b"gone".to_vec());
    commit.engine.delete(b"b".to_vec());
    store.commit(commit).unwrap();
    assert_eq!(store.get(b"a").unwrap().as_deref(), Some(&b"engine"[..]));
    assert_eq!(store.shell_get(b"a").unwrap().as_deref(), Some(&b"shell"[..]));
    let mut seen = Vec::new();
    let mut visit = |key: &[u8], _: &[u8]| {
        seen.push(key.to_vec());
        ControlFlow::Continue(())
    };
    store.scan(b"a", b"c", &mut visit).unwrap();
    assert_eq!(seen, [b"a".to_vec()]);
}

#[test]
fn a_state_directory_that_is_in_use_is_refused_with_its_holder() {
    let dir = tempfile::tempdir().unwrap();
    let first = RocksStore::open(dir.path()).unwrap();
    let refused = RocksStore::open(dir.path()).err().expect("one at a time");
    assert_eq!(refused.code().as_str(), "E0901");
    assert!(refused.to_string().contains(&format!("process {}", std::process::id())), "{refused}");
    drop(first);
    RocksStore::open(dir.path()).expect("free again");
}

#[test]
fn a_store_that_lacks_its_last_synced_write_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = RocksStore::open(dir.path()).unwrap();
    for key in 0..3_u8 {
        let mut commit = Commit::default();
        commit.shell.put(vec![key], vec![7; 100]);
        store.commit(commit).unwrap();
    }
    drop(store);
    let entries = std::fs::read_dir(dir.path().join("db")).unwrap().map(|entry| entry.unwrap().path());
    let is_log = |path: &std::path::PathBuf| path.extension().is_some_and(|extension| extension == "log");
    let log = entries.into_iter().filter(is_log).max_by_key(|path| path.metadata().unwrap().len()).unwrap();
    let size = log.metadata().unwrap().len();
    std::fs::File::options().write(true).open(&log).unwrap().set_len(size - 50).unwrap();
    let refused = RocksStore::open(dir.path()).err().expect("something is gone");
    assert_eq!(refused.code().as_str(), "E0945", "{refused}");
    assert!(refused.to_string().contains("had been synced"), "{refused}");
}

/// Commits writes under keys of one life, opening the directory anew before. Returns the number of the last.
fn commit_as(dir: &std::path::Path, name: &str, writes: u8) -> u64 {
    let store = RocksStore::open(dir).unwrap();
    for key in 0..writes {
        let mut commit = Commit::default();
        commit.shell.put([name.as_bytes(), &[key]].concat(), vec![7; 100]);
        store.commit(commit).unwrap();
    }
    store.sequence()
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

/// The log that is written now.
fn last_log(dir: &std::path::Path) -> std::path::PathBuf {
    let entries = std::fs::read_dir(dir.join("db")).unwrap().map(|entry| entry.unwrap().path());
    let is_log = |path: &std::path::PathBuf| path.extension().is_some_and(|extension| extension == "log");
    entries.into_iter().filter(is_log).max().unwrap()
}

/// RocksDB takes a list of files that ends early for one that was not written further, and goes on from older files
/// with the newest log: what was between is gone, and the last write is there.
#[test]
fn a_list_of_files_that_was_cut_short_is_refused_or_harmless() {
    let dir = tempfile::tempdir().unwrap();
    let whole = dir.path().join("whole");
    let names = ["a", "b", "c", "d"];
    for name in names {
        commit_as(&whole, name, 3);
    }
    let is_list =
        |path: &std::path::PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with("MANIFEST");
    let entries = std::fs::read_dir(whole.join("db")).unwrap().map(|entry| entry.unwrap().path());
    let list = entries.into_iter().find(is_list).unwrap();
    let (size, mut missing) = (list.metadata().unwrap().len(), 0);
    for cut in (0..size).step_by(11).chain([size]) {
        let state = dir.path().join(format!("cut-{cut}"));
        copy(&whole.join("db"), &state.join("db"));
        let cut_short = state.join("db").join(list.file_name().unwrap());
        std::fs::File::options().write(true).open(&cut_short).unwrap().set_len(cut).unwrap();
        match RocksStore::open(&state) {
            Ok(store) => {
                let key = |name: &str| [name.as_bytes(), &[0]].concat();
                let are_there = names.map(|name| store.shell_get(&key(name)).unwrap().is_some());
                assert_eq!(are_there, [true; 4], "{cut} of {size} bytes");
            }
            Err(refused) => {
                assert_eq!(refused.code().as_str(), "E0945", "{refused}");
                missing += usize::from(refused.to_string().contains("writes are missing"));
            }
        }
    }
    assert!(missing > 0, "RocksDB has found all of them itself");
}

/// A directory, and a life that was restored from a copy of it: both went on, with writes of the same numbers in
/// logs of the same name. Then the restored one gets the other's log.
fn with_a_log_of_another_life(dir: &std::path::Path) -> (std::path::PathBuf, std::path::PathBuf) {
    let (first, second) = (dir.join("first"), dir.join("second"));
    let before = commit_as(&first, "before", 3);
    copy(&first.join("db"), &second.join("db"));
    Synced::create(&second.join("db"), before).unwrap();
    commit_as(&first, "first", 5);
    commit_as(&second, "second", 4);
    let (theirs, ours) = (last_log(&first), last_log(&second));
    assert_eq!(theirs.file_name(), ours.file_name());
    std::fs::copy(theirs, ours).unwrap();
    (first, second)
}

#[test]
fn a_log_of_another_life_of_the_directory_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (_, second) = with_a_log_of_another_life(dir.path());
    let refused = RocksStore::open(&second).err().expect("it is another's");
    assert_eq!(refused.code().as_str(), "E0945", "{refused}");
    assert!(refused.to_string().contains("another life"), "{refused}");
}

/// The control: nothing else would notice.
#[test]
fn without_the_number_of_a_life_its_log_would_be_taken() {
    let dir = tempfile::tempdir().unwrap();
    let (first, second) = with_a_log_of_another_life(dir.path());
    std::fs::copy(first.join("db/SYNCED"), second.join("db/SYNCED")).unwrap();
    let store = RocksStore::open(&second).expect("nothing is missing");
    assert!(store.shell_get(b"first\x04").unwrap().is_some());
    assert_eq!(store.shell_get(b"second\x00").unwrap(), None);
}

#[test]
fn a_directory_of_before_lives_had_numbers_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let line = format!("{:020}", 0);
    std::fs::create_dir_all(dir.path().join("db")).unwrap();
    let sum = crc32c::crc32c(line.as_bytes());
    std::fs::write(dir.path().join("db/SYNCED"), format!("{line} {sum:08x}\n")).unwrap();
    commit_as(dir.path(), "a", 2);
    let store = RocksStore::open(dir.path()).unwrap();
    assert_eq!(store.shell_get(b"a\x01").unwrap(), Some(vec![7; 100]));
}

fn remote(folder: &std::path::Path) -> Remote {
    Remote::open(&Place::Folder(folder.to_path_buf())).unwrap()
}

#[test]
fn only_the_newest_lease_may_run() {
    let dir = tempfile::tempdir().unwrap();
    let leases = Leases::new(remote(dir.path()), "prod");
    assert_eq!(leases.take("a".as_ref(), 0).unwrap(), 1);
    leases.check(1).unwrap();
    assert_eq!(Leases::new(remote(dir.path()), "other").take("b".as_ref(), 0).unwrap(), 1);
    assert_eq!(leases.take("c".as_ref(), 0).unwrap(), 2);
    let lost = leases.check(1).unwrap_err();
    assert_eq!((lost.code().as_str(), lost.exit_code()), ("E0903", 3));
    leases.check(2).unwrap();
}

#[test]
fn a_lease_is_taken_by_one_of_many() {
    let dir = tempfile::tempdir().unwrap();
    let taken: Vec<u64> = std::thread::scope(|scope| {
        let take = || Leases::new(remote(dir.path()), "prod").take("s".as_ref(), 0).unwrap();
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(take)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut sorted = taken.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (1..=8).collect::<Vec<_>>(), "{taken:?}");
}

/// A count of one source, published.
fn plan_of_a_count() -> Plan {
    let mut sources = SourceMap::default();
    let text = "source s { topic t in ingest format json schema { k string id string ts timestamp_ms } \
                event_time ts event_id id }\n\
                group_by g { from s key k n = count() over 1h publish out to serving }\n";
    let definitions = sources.add("s.wr", text);
    let project = sources.add("windrow.yaml", "name: p\ndeployments:\n  d: [g]\n");
    let (ast, problems) = syntax::parse(&sources, definitions);
    assert!(problems.is_empty(), "{problems:?}");
    let (project, problems) = syntax::parse_project(&sources, project);
    assert!(problems.is_empty(), "{problems:?}");
    let (model, problems) = model::resolve(&[ast], Some(&project));
    assert!(!problems.has_errors(), "{problems:?}");
    plan::lower(&model, &model.deployments[0])
}

#[test]
fn a_group_without_a_cluster_is_refused_with_what_needs_it() {
    let plan = plan_of_a_count();
    let cluster = |group: &str| Cluster {
        region: "west".into(),
        group: group.into(),
        name: format!("west-{group}"),
        bootstrap: "127.0.0.1:1".into(),
        ..Cluster::default()
    };
    let mut topology =
        Topology { generation: 1, retention_ms: 1, clusters: vec![cluster("ingest")], ..Topology::default() };
    let refused = Wiring::new(&plan, &topology).unwrap_err();
    assert_eq!((refused.code().as_str(), refused.exit_code()), ("E0904", 1));
    assert_eq!(refused.to_string(), "no region has a group `serving`, which `publish out` needs");
    topology.clusters.push(cluster("serving"));
    assert_eq!(Wiring::new(&plan, &topology).unwrap().sinks.len(), 1);
    topology.clusters.remove(0);
    let refused = Wiring::new(&plan, &topology).unwrap_err();
    assert_eq!(refused.to_string(), "no region has a group `ingest`, which `source s` needs");
}

#[test]
fn a_debt_is_read_back_as_it_was_written() {
    let version = Version { lease: 1, start: 2, seq: 3 };
    let entry = Entry { publish: 5, version, as_of: EventTime(4), key: b"a\0b".to_vec(), payload: None };
    let key = tables::stray_key("west/serving", "west-3", 5, &entry.key, 6);
    let (from, to) = tables::strays("west/serving");
    assert!(from < key && key < to);
    assert!(!(from..to).contains(&tables::stray_key("west/serving2", "west-3", 5, &entry.key, 6)));
    assert_eq!(tables::stray_of("west/serving", &key), Some(("west-3", 6)));
    assert_eq!(tables::stray_from_bytes(&tables::stray_to_bytes(7, &entry)), Some((7, entry)));
}

#[test]
fn a_publish_keeps_its_number_when_others_come_and_go() {
    let cluster = |group: &str| Cluster {
        region: "west".into(),
        group: group.into(),
        name: format!("west-{group}"),
        bootstrap: "127.0.0.1:1".into(),
        ..Cluster::default()
    };
    let clusters = vec![cluster("ingest"), cluster("serving")];
    let topology = Topology { generation: 1, retention_ms: 1, clusters, ..Topology::default() };
    let mut wiring = Wiring::new(&plan_of_a_count(), &topology).unwrap();
    let mut known = vec![("serving".to_owned(), "gone".to_owned())];
    assert!(wiring.number(&mut known));
    assert_eq!((wiring.publishes[0].number, known.len()), (1, 2));
    assert!(!wiring.number(&mut known), "it is known now");
    assert_eq!(wiring.publishes[0].number, 1);
}
