//! A folder as a place for leases and checkpoints. Files appear whole, and are on disk before they are named:
//! the reason why this is not `object_store`'s folder, which syncs nothing.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::super::Error;
use super::remote::Found;

/// Numbers this process's drafts: two writers never share one.
static DRAFTS: AtomicU64 = AtomicU64::new(0);
const DRAFT: &str = "draft";

/// A folder; names are paths below it.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
}

impl Folder {
    pub(super) const fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Puts the whole file under its name, or, where one must not be replaced, nothing: a link fails where
    /// the name exists. Returns whether it was put.
    pub(super) fn put(&self, name: &str, bytes: &[u8], replace: bool) -> Result<bool, Error> {
        let path = self.root.join(name);
        let folder = path.parent().expect("a name is below the folder");
        fs::create_dir_all(folder).map_err(Error::io(folder))?;
        let number = DRAFTS.fetch_add(1, Ordering::Relaxed);
        let draft = path.with_extension(format!("{}-{number}.{DRAFT}", std::process::id()));
        write_synced(&draft, bytes).map_err(Error::io(&draft))?;
        let put = if replace { fs::rename(&draft, &path) } else { fs::hard_link(&draft, &path) };
        if !replace {
            fs::remove_file(&draft).map_err(Error::io(&draft))?;
        }
        match put {
            Ok(()) => {}
            Err(error) if !replace && error.kind() == ErrorKind::AlreadyExists => return Ok(false),
            Err(error) => return Err(Error::io(&path)(error)),
        }
        sync_folder(folder).map_err(Error::io(folder))?;
        Ok(true)
    }

    pub(super) fn get(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let path = self.root.join(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io(&path)(error)),
        }
    }

    /// The files right below a folder.
    pub(super) fn list(&self, prefix: &str) -> Result<Vec<Found>, Error> {
        let folder = self.root.join(prefix);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Error::io(&folder)(error)),
        };
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry.map_err(Error::io(&folder))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            // Gone since: it was a draft, or somebody prunes.
            let Ok(about) = entry.metadata() else { continue };
            if about.is_file() && !name.ends_with(DRAFT) {
                let changed = about.modified().map_err(Error::io(&folder))?;
                found.push(Found { name, changed });
            }
        }
        Ok(found)
    }

    pub(super) fn delete(&self, name: &str) -> Result<(), Error> {
        let path = self.root.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::io(&path)(error)),
            _ => Ok(()),
        }
    }
}

/// Writes a file and waits until it is on disk.
pub(in super::super) fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Waits until a folder's names are on disk.
pub(in super::super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
