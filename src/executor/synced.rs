//! How far the store has been synced, and in which life, in a file beside it.
//!
//! After a power cut the end of a log may be missing, and RocksDB takes that for a write that was not over yet.
//! Whether it was is written down here: after a step is on disk and before anybody hears of it. The file is
//! not synced with each step. A kill loses nothing of it; after a power cut it may be an older one, which
//! promises less. So what it promises is never more than what is on disk, and less in the store means that
//! something is gone.
//!
//! A life of a state directory begins when it is created or restored, with a number that chance gives it. Every
//! batch of that life carries the number, so the last one tells whose log was replayed last: a log that was left
//! behind by an earlier life of the directory, or carried over from it, is found out, though its writes may be
//! numbered as if they followed. Logs before the last are held against their successors by RocksDB.

use std::fs::File;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::Error;

/// Its name in the database's folder, which RocksDB leaves alone.
const NAME: &str = "SYNCED";

/// The open file.
#[derive(Debug)]
pub(super) struct Synced {
    file: File,
    path: PathBuf,
    life: Option<Life>,
}

/// A life of a state directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Life {
    /// What tells it from others.
    pub(super) number: u64,
    /// Writes behind this one are its own.
    pub(super) after: u64,
}

impl Life {
    fn new(after: u64) -> Self {
        // Every `RandomState` has keys of its own.
        Self { number: RandomState::new().build_hasher().finish(), after }
    }
}

impl Synced {
    /// Opens the file of a database's folder, and says which write is on disk; makes both where there is
    /// nothing.
    pub(super) fn open(database: &Path) -> Result<(Self, u64), Error> {
        let path = database.join(NAME);
        if !database.exists() {
            std::fs::create_dir_all(database).map_err(Error::io(database))?;
            std::fs::write(&path, line(0, Some(Life::new(0)))).map_err(Error::io(&path))?;
            sync(&path)?;
            sync(database)?;
            database.parent().map_or(Ok(()), sync)?;
        }
        let damaged = |what: String| Error::DamagedState { path: path.clone(), what };
        let text = std::fs::read(&path).map_err(|error| damaged(error.to_string()))?;
        let (sequence, life) =
            parse(&text).ok_or_else(|| damaged("it is not what was written there".to_owned()))?;
        let file = File::options().write(true).open(&path).map_err(Error::io(&path))?;
        Ok((Self { file, path, life }, sequence))
    }

    /// Makes the file of a folder that is to become the database, synced up to that write: a new life begins.
    pub(super) fn create(folder: &Path, sequence: u64) -> Result<(), Error> {
        let path = folder.join(NAME);
        std::fs::write(&path, line(sequence, Some(Life::new(sequence)))).map_err(Error::io(&path))?;
        sync(&path)
    }

    /// `None`: the directory began before lives had numbers.
    pub(super) const fn life(&self) -> Option<Life> {
        self.life
    }

    /// The store is on disk up to that write.
    pub(super) fn set(&self, sequence: u64) -> Result<(), Error> {
        self.file.write_all_at(line(sequence, self.life).as_bytes(), 0).map_err(Error::io(&self.path))
    }
}

impl Drop for Synced {
    fn drop(&mut self) {
        // After an orderly end it is as new as the store, also after a power cut.
        let _ = self.file.sync_all();
    }
}

fn sync(path: &Path) -> Result<(), Error> {
    File::open(path).and_then(|file| file.sync_all()).map_err(Error::io(path))
}

/// Always as long, so that one line takes the other's place.
fn line(sequence: u64, life: Option<Life>) -> String {
    let mut numbers = format!("{sequence:020}");
    if let Some(Life { number, after }) = life {
        numbers = format!("{numbers} {number:016x} {after:020}");
    }
    let sum = crc32c::crc32c(numbers.as_bytes());
    format!("{numbers} {sum:08x}\n")
}

fn parse(text: &[u8]) -> Option<(u64, Option<Life>)> {
    let fields: Vec<_> = std::str::from_utf8(text).ok()?.split(' ').collect();
    let (sequence, life) = match fields[..] {
        [sequence, _] => (sequence, None),
        [sequence, number, after, _] => {
            let number = u64::from_str_radix(number, 16).ok()?;
            (sequence, Some(Life { number, after: after.parse().ok()? }))
        }
        _ => return None,
    };
    let sequence = sequence.parse().ok()?;
    (text == line(sequence, life).as_bytes()).then_some((sequence, life))
}
