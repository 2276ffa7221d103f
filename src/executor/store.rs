//! RocksDB behind [`crate::state::Store`]: the only owner of `rocksdb`.
//!
//! One database per state directory, with two column families: the engine's records, whose keys it alone
//! decides, and the shell's (positions, outbox, lease). A [`Commit`] writes both in one synced batch, which
//! is what rule R1 rests on: a step is on disk as a whole or not at all.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rocksdb::checkpoint::Checkpoint;
use rocksdb::{
    BlockBasedOptions, Cache, ColumnFamily, ColumnFamilyDescriptor, DB, DBCompressionType, DBRecoveryMode,
    ErrorKind, Options, ReadOptions, WriteOptions,
};

use super::synced::{Life, Synced};
use super::{Error, chain, tables};
use crate::state::{Store, StoreError, Visit, WriteBatch};

/// The database's folder in a state directory.
pub(super) const DATABASE: &str = "db";
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
    /// How far it is on disk; a copy takes no writes.
    synced: Option<Synced>,
    /// The last batch's link.
    link: Mutex<Option<u64>>,
    /// Held for as long as the store is open; a copy of nobody's has none.
    _lock: Option<Lock>,
}

/// The right to use a state directory, until it is dropped.
pub(super) struct Lock {
    _file: File,
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
        Self::open_locked(dir, lock(dir)?)
    }

    /// The same, in a directory that is ours already.
    pub(super) fn open_locked(dir: &Path, lock: Lock) -> Result<Self, Error> {
        let path = dir.join(DATABASE);
        let (synced, sequence) = Synced::open(&path)?;
        // Only where nothing has been written: else what is missing is lost.
        let options = database_options(sequence == 0)?;
        let db = DB::open_cf_descriptors(&options, &path, families());
        let db = db.map_err(|error| refused(&path, error))?;
        let found = db.latest_sequence_number();
        if found < sequence {
            let what = format!(
                "it ends with write {found}, and write {sequence} had been synced: the end of a log is missing, or \
                 the directory is an older copy"
            );
            return Err(Error::DamagedState { path, what });
        }
        let life = synced.life();
        let mut store = Self { db, synced: Some(synced), link: Mutex::default(), _lock: Some(lock) };
        let link = chain::last([&store.links(ENGINE)?, &store.links(SHELL)?]);
        store.link = Mutex::new(link.map_err(|what| Error::DamagedState { path: path.clone(), what })?);
        if let Some(life) = life.filter(|life| found > life.after)
            && store.shell_get(&life_key())? != Some(life_record(life))
        {
            let what = format!(
                "write {found} is of another life of the directory, which it had before it was created or \
                 restored: a file of that life took another's place"
            );
            return Err(Error::DamagedState { path, what });
        }
        Ok(store)
    }

    /// Opens files that [`Self::link`] has made, to read them.
    pub(super) fn open_copy(files: &Path) -> Result<Self, Error> {
        let options = database_options(false)?;
        let db = DB::open_cf_descriptors_read_only(&options, files, families(), false).map_err(backend)?;
        Ok(Self { db, synced: None, link: Mutex::default(), _lock: None })
    }

    /// Makes a folder of hard links: the store as of one batch. What only memory and the log hold goes into
    /// files before.
    pub(super) fn link(&self, folder: &Path) -> Result<(), Error> {
        let linked = Checkpoint::new(&self.db).and_then(|checkpoint| checkpoint.create_checkpoint(folder));
        Ok(linked.map_err(backend)?)
    }

    /// The number of the last write.
    pub(super) fn sequence(&self) -> u64 {
        self.db.latest_sequence_number()
    }

    /// Writes both halves as one batch and waits until it is on disk.
    pub(super) fn commit(&self, commit: Commit) -> Result<(), Error> {
        if commit.engine.operations.is_empty() && commit.shell.operations.is_empty() {
            return Ok(());
        }
        let mut batch = rocksdb::WriteBatch::default();
        fill(&mut batch, self.family(ENGINE), commit.engine);
        fill(&mut batch, self.family(SHELL), commit.shell);
        if let Some(life) = self.synced.as_ref().and_then(Synced::life) {
            batch.put_cf(self.family(SHELL), life_key(), life_record(life));
        }
        let mut link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        let next = self.db.latest_sequence_number() + 1;
        for family in [ENGINE, SHELL] {
            if let Some(before) = *link {
                batch.delete_cf(self.family(family), chain::key(before));
            }
            batch.put_cf(self.family(family), chain::key(next), []);
        }
        let mut options = WriteOptions::default();
        options.set_sync(true);
        self.db.write_opt(batch, &options).map_err(backend)?;
        *link = Some(next);
        // Only the step loop writes, so the last write is this one.
        self.synced.as_ref().map_or(Ok(()), |synced| synced.set(self.db.latest_sequence_number()))
    }

    /// The links of a family; `None`: one that nobody wrote.
    fn links(&self, family: &'static str) -> Result<Vec<Option<u64>>, StoreError> {
        let ((from, to), mut found) = (chain::range(), Vec::new());
        self.scan_family(family, &from, &to, &mut |key, _| {
            found.push(chain::number(key));
            ControlFlow::Continue(())
        })?;
        Ok(found)
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

/// Of whose life the last batch is.
fn life_key() -> Vec<u8> {
    tables::meta_key("life")
}

fn life_record(life: Life) -> Vec<u8> {
    life.number.to_be_bytes().to_vec()
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
pub(super) fn lock(dir: &Path) -> Result<Lock, Error> {
    std::fs::create_dir_all(dir).map_err(Error::io(dir))?;
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
    Ok(Lock { _file: file })
}

fn families() -> [ColumnFamilyDescriptor; 2] {
    [ENGINE, SHELL].map(|name| ColumnFamilyDescriptor::new(name, family_options()))
}

fn database_options(is_new: bool) -> Result<Options, StoreError> {
    let mut options = Options::default();
    options.create_if_missing(is_new);
    options.create_missing_column_families(is_new);
    options.set_db_write_buffer_size(MEMTABLES_BYTES);
    options.set_max_total_wal_size(LOG_BYTES_MAX);
    options.set_max_background_jobs(BACKGROUND_JOBS);
    options.set_max_open_files(OPEN_FILES);
    options.set_keep_log_file_num(2);
    options.set_paranoid_checks(true);
    // A write that was not over when the power went is forgotten; what a log lost besides is found by these
    // and by `synced.rs`.
    options.set_wal_recovery_mode(DBRecoveryMode::PointInTime);
    options.set_track_and_verify_wals_in_manifest(true);
    options.get_options_from_string("track_and_verify_wals=true").map_err(backend)
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
    let text = error.to_string();
    if error.kind() == ErrorKind::Corruption {
        StoreError::Damaged(text)
    } else if text.contains("No space left") || text.contains("File too large") || text.contains("quota") {
        StoreError::Full(text)
    } else {
        StoreError::Backend(text)
    }
}

/// A database that does not open although it is there lacks something, or has it wrong.
fn refused(path: &Path, error: rocksdb::Error) -> Error {
    let is_lack = matches!(error.kind(), ErrorKind::InvalidArgument | ErrorKind::NotFound)
        || error.to_string().contains("No such file");
    match backend(error) {
        StoreError::Damaged(what) => Error::DamagedState { path: path.to_path_buf(), what },
        StoreError::Backend(what) if is_lack => Error::DamagedState { path: path.to_path_buf(), what },
        other => other.into(),
    }
}
