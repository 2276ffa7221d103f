//! RocksDB behind [`crate::state::Store`]: the only owner of `rocksdb`.
//!
//! One database per state directory, with two column families: the engine's records, whose keys it alone
//! decides, and the shell's (positions, outbox, lease). A [`Commit`] writes both in one synced batch, which
//! is what rule R1 rests on: a step is on disk as a whole or not at all.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::path::Path;

use rocksdb::{
    BlockBasedOptions, Cache, ColumnFamily, ColumnFamilyDescriptor, DB, DBCompressionType, Options,
    ReadOptions, WriteOptions,
};

use super::Error;
use crate::state::{Store, StoreError, Visit, WriteBatch};

const ENGINE: &str = "default";
const SHELL: &str = "shell";
/// Memory for writes that are not yet in files, both families together.
const MEMTABLES_BYTES: usize = 128 << 20;
const MEMTABLE_BYTES: usize = 32 << 20;
/// Memory for blocks of files, indexes and filters included.
const CACHE_BYTES: usize = 128 << 20;
/// The log is replayed at start: this bounds how long that takes.
const LOG_BYTES_MAX: u64 = 256 << 20;
const BACKGROUND_JOBS: i32 = 2;
const OPEN_FILES: i32 = 512;
const FILTER_BITS: f64 = 10.0;

/// The state of one deployment on disk. Shared: any thread reads, the step loop commits.
pub struct RocksStore {
    db: DB,
    /// Held for as long as the store is open.
    _lock: File,
}

/// The writes of one step: the engine's and the shell's.
#[derive(Debug, Default)]
pub(super) struct Commit {
    pub(super) engine: WriteBatch,
    pub(super) shell: WriteBatch,
}

impl RocksStore {
    /// Opens the database below `dir`, or creates it.
    ///
    /// # Errors
    /// When another process has the directory, or it cannot be read or written.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(dir).map_err(Error::io(dir))?;
        let lock = lock(dir)?;
        let options = database_options();
        let families = [ENGINE, SHELL].map(|name| ColumnFamilyDescriptor::new(name, family_options()));
        let db = DB::open_cf_descriptors(&options, dir.join("db"), families).map_err(backend)?;
        Ok(Self { db, _lock: lock })
    }

    /// Writes both halves as one batch and waits until it is on disk.
    pub(super) fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        if commit.engine.operations.is_empty() && commit.shell.operations.is_empty() {
            return Ok(());
        }
        let mut batch = rocksdb::WriteBatch::default();
        fill(&mut batch, self.family(ENGINE), commit.engine);
        fill(&mut batch, self.family(SHELL), commit.shell);
        let mut options = WriteOptions::default();
        options.set_sync(true);
        self.db.write_opt(batch, &options).map_err(backend)
    }

    /// A record of the shell's.
    pub(super) fn shell_get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.db.get_cf(self.family(SHELL), key).map_err(backend)
    }

    /// Visits the shell's records `from <= key < to` in order until the visitor breaks.
    pub(super) fn shell_scan(&self, from: &[u8], to: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError> {
        self.scan_family(SHELL, from, to, visit)
    }

    /// Bytes of files and memtables, roughly.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        ["rocksdb.total-sst-files-size", "rocksdb.cur-size-all-mem-tables"]
            .iter()
            .flat_map(|property| [ENGINE, SHELL].map(|family| (property, family)))
            .filter_map(|(property, family)| {
                self.db.property_int_value_cf(self.family(family), *property).ok().flatten()
            })
            .sum()
    }

    fn family(&self, name: &'static str) -> &ColumnFamily {
        self.db.cf_handle(name).expect("both families are opened with the database")
    }

    fn scan_family(
        &self,
        family: &'static str,
        from: &[u8],
        to: &[u8],
        visit: &mut Visit<'_>,
    ) -> Result<(), StoreError> {
        if from >= to {
            return Ok(());
        }
        let mut options = ReadOptions::default();
        options.set_iterate_upper_bound(to);
        let mut cursor = self.db.raw_iterator_cf_opt(self.family(family), options);
        cursor.seek(from);
        while let Some((key, value)) = cursor.item() {
            if visit(key, value).is_break() {
                break;
            }
            cursor.next();
        }
        cursor.status().map_err(backend)
    }
}

impl Store for RocksStore {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.db.get_cf(self.family(ENGINE), key).map_err(backend)
    }

    fn scan(&self, from: &[u8], to: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError> {
        self.scan_family(ENGINE, from, to, visit)
    }
}

fn fill(batch: &mut rocksdb::WriteBatch, family: &ColumnFamily, writes: WriteBatch) {
    for (key, value) in writes.operations {
        match value {
            Some(value) => batch.put_cf(family, key, value),
            None => batch.delete_cf(family, key),
        }
    }
}

/// RocksDB has a lock of its own, but its message names neither the cause nor the holder.
fn lock(dir: &Path) -> Result<File, Error> {
    let path = dir.join("lock");
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(Error::io(&path))?;
    if rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive).is_err() {
        let mut holder = String::new();
        let known = file.read_to_string(&mut holder).is_ok() && !holder.trim().is_empty();
        let holder = if known { format!("process {}", holder.trim()) } else { "another process".to_owned() };
        return Err(Error::StateInUse { dir: dir.to_path_buf(), holder });
    }
    let named =
        file.set_len(0).and_then(|()| file.rewind()).and_then(|()| write!(file, "{}", std::process::id()));
    named.map_err(Error::io(&path))?;
    Ok(file)
}

fn database_options() -> Options {
    let mut options = Options::default();
    options.create_if_missing(true);
    options.create_missing_column_families(true);
    options.set_db_write_buffer_size(MEMTABLES_BYTES);
    options.set_max_total_wal_size(LOG_BYTES_MAX);
    options.set_max_background_jobs(BACKGROUND_JOBS);
    options.set_max_open_files(OPEN_FILES);
    options.set_keep_log_file_num(2);
    options
}

fn family_options() -> Options {
    let mut blocks = BlockBasedOptions::default();
    blocks.set_block_cache(&Cache::new_lru_cache(CACHE_BYTES / 2));
    blocks.set_cache_index_and_filter_blocks(true);
    blocks.set_bloom_filter(FILTER_BITS, false);
    let mut options = Options::default();
    options.set_write_buffer_size(MEMTABLE_BYTES);
    options.set_compression_type(DBCompressionType::Lz4);
    options.set_block_based_table_factory(&blocks);
    options
}

#[expect(clippy::needless_pass_by_value, reason = "the shape `map_err` wants")]
fn backend(error: rocksdb::Error) -> StoreError {
    StoreError::Backend(error.to_string())
}
