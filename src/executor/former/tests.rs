//! Which keys are put out again, and who is watched for.

use super::Former;
use super::suspects::Suspects;
use crate::executor::checkpoint::{Place, Remote};
use crate::executor::lease::{Leases, SaidBy};
use crate::executor::tables::PublishedKey;

fn key(name: &str) -> PublishedKey {
    (3, name.as_bytes().to_vec())
}

fn due(suspects: &mut Suspects, now_ms: i64) -> Vec<PublishedKey> {
    suspects.due(100, now_ms)
}

#[test]
fn a_key_is_put_out_again_until_a_row_of_this_lease_follows() {
    let mut suspects = Suspects::default();
    suspects.add(key("a"), 0, 7);
    suspects.add(key("b"), 1, 3);
    assert_eq!(due(&mut suspects, 0), [key("a"), key("b")]);
    assert_eq!(due(&mut suspects, 1_000), [], "they are on their way");
    suspects.clear(&key("a"));
    assert_eq!(suspects.len(), 1);
    suspects.add(key("b"), 1, 5);
    assert_eq!(due(&mut suspects, 2_000), [key("b")], "what was put out may stand before it");
    assert_eq!(due(&mut suspects, 40_000), [key("b")], "it has not come");
    suspects.clear(&key("b"));
    assert_eq!((due(&mut suspects, 90_000), suspects.len()), (Vec::new(), 0));
}

#[test]
fn another_reader_begins_before_what_is_still_open() {
    let mut suspects = Suspects::default();
    suspects.add(key("a"), 0, 7);
    suspects.add(key("b"), 0, 5);
    suspects.add((4, b"c".to_vec()), 0, 1);
    assert_eq!(suspects.needed_from(3, 0), Some(5));
    assert_eq!(suspects.needed_from(3, 1), None);
    suspects.clear(&key("b"));
    assert_eq!(suspects.needed_from(3, 0), Some(7));
}

#[test]
fn more_keys_than_memory_is_for_are_all_keys() {
    let mut suspects = Suspects::default();
    for number in 0..10_000 {
        suspects.add(key(&number.to_string()), 0, number);
    }
    assert!(!suspects.take_too_many());
    suspects.add(key("one more"), 0, 10_000);
    assert!(suspects.take_too_many() && !suspects.take_too_many());
    assert_eq!(suspects.len(), 0);
}

#[test]
fn who_has_signed_off_is_not_watched_for() {
    let dir = tempfile::tempdir().unwrap();
    let leases = Leases::new(Remote::open(&Place::Folder(dir.path().to_path_buf())).unwrap(), "prod");
    let watched = |lease| Former::before(lease, &leases.look().unwrap(), 5).map(|former| former.leases);
    for lease in 1..=3 {
        assert_eq!(leases.take("s".as_ref(), 0).unwrap(), lease);
    }
    assert_eq!((watched(1), watched(3)), (None, Some(vec![1, 2])));
    leases.sign_off(1, SaidBy::Holder, 0).unwrap();
    assert_eq!(watched(3), Some(vec![2]));
    leases.sign_off(2, SaidBy::Operator, 0).unwrap();
    assert_eq!(watched(3), None);
    // Whoever runs again has taken it back before.
    leases.take_back(1).unwrap();
    leases.take_back(1).unwrap();
    assert_eq!(watched(3), Some(vec![1]));
    assert_eq!(leases.take("s".as_ref(), 0).unwrap(), 4, "a word is no lease");
}
