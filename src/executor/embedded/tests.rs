//! The log without the network: torn files, and batches that come twice.

use std::path::Path;

use super::batch;
use super::partition::{Partition, Refused};

const PLAIN: i64 = -1;

/// A sound batch of records that nobody decodes here.
fn batch(producer: i64, epoch: i16, first_sequence: i32, records: i32) -> Vec<u8> {
    let payload = vec![7; 10 * usize::try_from(records).unwrap()];
    let mut checked = Vec::new();
    checked.extend(0_i16.to_be_bytes()); // attributes
    checked.extend((records - 1).to_be_bytes());
    checked.extend(1_000_i64.to_be_bytes()); // base timestamp
    checked.extend((1_000 + i64::from(records)).to_be_bytes()); // max timestamp
    checked.extend(producer.to_be_bytes());
    checked.extend(epoch.to_be_bytes());
    checked.extend(first_sequence.to_be_bytes());
    checked.extend(records.to_be_bytes());
    checked.extend(payload);
    let mut bytes = Vec::new();
    bytes.extend(0_i64.to_be_bytes()); // base offset: the log's business
    bytes.extend((i32::try_from(checked.len()).unwrap() + 9).to_be_bytes());
    bytes.extend((-1_i32).to_be_bytes()); // leader epoch
    bytes.push(2); // magic
    bytes.extend(crc32c::crc32c(&checked).to_be_bytes());
    bytes.extend(checked);
    bytes
}

fn open(path: &Path) -> Partition {
    Partition::open(path, 0).unwrap()
}

/// Writes batches of 1, 2, 3 records and returns where each ends in the file.
fn three_batches(path: &Path) -> Vec<usize> {
    let mut partition = open(path);
    let mut end = 0;
    let ends = (1..=3).map(|records| {
        let bytes = batch(PLAIN, -1, -1, records);
        partition.append(&bytes).unwrap();
        end += bytes.len();
        end
    });
    ends.collect()
}

#[test]
fn a_file_cut_anywhere_keeps_its_whole_batches_and_can_be_written_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("0.log");
    let ends = three_batches(&path);
    let whole = std::fs::read(&path).unwrap();
    for cut in 0..=whole.len() {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let batches = ends.iter().filter(|end| **end <= cut).count();
        let next_offset = [0, 1, 3, 6][batches];
        assert_eq!(open(&path).next_offset(), next_offset, "cut at {cut}");
        assert_eq!(open(&path).append(&batch(PLAIN, -1, -1, 4)).unwrap(), next_offset);
        assert_eq!(open(&path).next_offset(), next_offset + 4);
    }
}

#[test]
fn a_batch_with_a_wrong_byte_ends_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("0.log");
    let ends = three_batches(&path);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[ends[0] + batch::HEADER_BYTES + 3] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(open(&path).next_offset(), 1);
}

#[test]
fn reads_begin_with_the_batch_that_holds_the_offset_and_end_at_the_limit() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("0.log");
    let ends = three_batches(&path);
    let partition = open(&path);
    let read =
        |offset, bytes_max, at_least_one| partition.read(offset, bytes_max, at_least_one).unwrap().len();
    assert_eq!(read(0, usize::MAX, false), ends[2]);
    assert_eq!(read(2, usize::MAX, false), ends[2] - ends[0]);
    assert_eq!(read(0, ends[1] + 1, false), ends[1]);
    assert_eq!(read(0, 1, false), 0);
    assert_eq!(read(0, 1, true), ends[0]);
    assert_eq!(read(6, usize::MAX, true), 0);
}

#[test]
fn a_batch_sent_twice_is_written_once_also_after_the_log_was_opened_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("0.log");
    let mut partition = open(&path);
    assert_eq!(partition.append(&batch(9, 0, 0, 5)).unwrap(), 0);
    assert_eq!(partition.append(&batch(9, 0, 5, 5)).unwrap(), 5);
    drop(partition);
    let mut partition = open(&path);
    assert_eq!(partition.append(&batch(9, 0, 0, 5)).unwrap(), 0);
    assert_eq!(partition.append(&batch(9, 0, 5, 5)).unwrap(), 5);
    assert_eq!(partition.append(&batch(9, 0, 10, 1)).unwrap(), 10);
    assert_eq!(partition.next_offset(), 11);
}

#[test]
fn a_producer_cannot_skip_a_batch_or_come_back_after_it_was_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let mut partition = open(&dir.path().join("0.log"));
    partition.append(&batch(9, 0, 0, 5)).unwrap();
    assert!(matches!(partition.append(&batch(9, 0, 7, 1)), Err(Refused::Gap)));
    assert!(matches!(partition.append(&batch(9, 1, 3, 1)), Err(Refused::Gap)));
    assert_eq!(partition.append(&batch(9, 1, 0, 1)).unwrap(), 5);
    assert!(matches!(partition.append(&batch(9, 0, 5, 1)), Err(Refused::Fenced)));
}

#[test]
fn sequences_go_on_at_zero_after_the_largest() {
    let dir = tempfile::tempdir().unwrap();
    let mut partition = open(&dir.path().join("0.log"));
    partition.append(&batch(9, 0, i32::MAX - 1, 3)).unwrap(); // the last two, then 0
    assert!(matches!(partition.append(&batch(9, 0, 2, 1)), Err(Refused::Gap)));
    assert_eq!(partition.append(&batch(9, 0, 1, 1)).unwrap(), 3);
}

#[test]
fn bytes_that_are_no_whole_batch_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut partition = open(&dir.path().join("0.log"));
    let good = batch(PLAIN, -1, -1, 2);
    let two = [good.clone(), good.clone()].concat();
    for bad in [&[][..], &good[..good.len() - 1], &good[..20], &two] {
        assert!(matches!(partition.append(bad), Err(Refused::Corrupt)));
    }
    let mut transactional = good;
    transactional[22] |= 1 << 4;
    let checksum = crc32c::crc32c(&transactional[21..]);
    transactional[17..21].copy_from_slice(&checksum.to_be_bytes());
    assert!(matches!(partition.append(&transactional), Err(Refused::Transactional)));
}
