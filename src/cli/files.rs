//! Finds and reads the files of a project: which folder, which files, and whether they are text.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use crate::diag::{Code, Diagnostic, Diagnostics, FileId, SourceMap, Span};

use super::Failure;

/// The file that makes a folder a project.
pub(crate) const PROJECT_FILE: &str = "windrow.yaml";

/// Names what is no definition of anybody's, though it looks like one; in the form of git's ignore files.
pub(crate) const IGNORE_FILE: &str = ".windrowignore";

/// A definition file may have this many bytes: more is a mistake, and would be read for nothing.
const FILE_SIZE_MAX: u64 = 16 << 20;

/// Where a PATH leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The project's folder, or the folder or file that was given.
    pub(crate) root: PathBuf,
    pub(crate) is_project: bool,
}

/// The project of `path`: the nearest `windrow.yaml` at or above it, else `path` itself.
///
/// A single file that its project would not read (hidden, another name) stands alone.
pub(crate) fn place(path: &Path) -> Result<Place, Failure> {
    let metadata = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    let absolute = std::path::absolute(path).map_err(|error| unreadable(path, &error))?;
    let given_project = metadata.is_file() && is_named(path, PROJECT_FILE);
    let start = if given_project { absolute.parent() } else { Some(absolute.as_path()) };
    let project =
        start.into_iter().flat_map(Path::ancestors).find(|folder| folder.join(PROJECT_FILE).is_file());
    Ok(match project {
        Some(folder) => Place { root: shown(folder), is_project: true },
        None => Place { root: shown(&absolute), is_project: false },
    })
}

/// The path as a person would write it: relative where it is below the working folder.
fn shown(path: &Path) -> PathBuf {
    let working = std::env::current_dir().unwrap_or_default();
    match path.strip_prefix(&working) {
        Ok(relative) if relative.as_os_str().is_empty() => PathBuf::from("."),
        Ok(relative) => relative.to_path_buf(),
        Err(_) => path.to_path_buf(),
    }
}

/// All definition files below `root`, sorted by path; `skip` are files that something else reads. Left out is what is hidden, and what
/// an ignore file on the way down names: what is asked for by its own name is meant.
pub(crate) fn definition_files(root: &Path, skip: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    if root.is_file() {
        return Ok(vec![root.to_path_buf()]);
    }
    let mut walk = WalkBuilder::new(root);
    // Links to folders are not followed: they may lead in a circle.
    walk.standard_filters(false).hidden(true).parents(false).follow_links(false);
    walk.add_custom_ignore_filename(IGNORE_FILE);
    let mut found = Vec::new();
    for entry in walk.build() {
        let entry = entry.map_err(|error| unwalkable(root, &error))?;
        if let Some(error) = entry.error() {
            return Err(unwalkable(entry.path(), error));
        }
        let path = below(Path::new(""), entry.path());
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        if !is_folder && is_definition(&path) && path.is_file() && !skip.contains(&path) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// A folder that cannot be read, or an ignore file that says what none can.
fn unwalkable(at: &Path, error: &ignore::Error) -> Failure {
    match error.io_error() {
        Some(error) => unreadable(at, error),
        None => Failure::usage(Diagnostic::without_place(Code::E0005, error.to_string())),
    }
}

/// `folder/name`, without a leading `./` that only makes noise in messages.
pub(crate) fn below(folder: &Path, name: impl AsRef<Path>) -> PathBuf {
    // Going through the components drops every `.` on the way.
    let path: PathBuf = folder.join(name).components().collect();
    path.strip_prefix(".").map(Path::to_path_buf).unwrap_or(path)
}

/// Whether a file is called what topologies are called.
pub(crate) fn is_topology(path: &Path) -> bool {
    is_named(path, "topology.yaml") || is_named(path, "topology.yml")
}

fn is_definition(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    matches!(extension, Some("wr" | "yaml" | "yml")) && !is_named(path, PROJECT_FILE)
}

fn is_named(path: &Path, name: &str) -> bool {
    path.file_name().is_some_and(|file_name| file_name == name)
}

/// Adds the file to the source map; a file that is no text or too large becomes a problem instead.
pub(crate) fn read(
    path: &Path,
    sources: &mut SourceMap,
    problems: &mut Diagnostics,
) -> Result<Option<FileId>, Failure> {
    let size = fs::metadata(path).map_err(|error| unreadable(path, &error))?.len();
    if size > FILE_SIZE_MAX {
        problems.push(too_large(sources.add(path, ""), size));
        return Ok(None);
    }
    let bytes = fs::read(path).map_err(|error| unreadable(path, &error))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(sources.add(path, text))),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let byte = error.as_bytes()[at];
            let file = sources.add(path, String::from_utf8_lossy(error.as_bytes()));
            problems.push(not_text(file, at, byte));
            Ok(None)
        }
    }
}

fn too_large(file: FileId, size: u64) -> Diagnostic {
    let message = format!("the file has {size} bytes: expected at most {FILE_SIZE_MAX}");
    Diagnostic::error(Code::E0003, Span::new(file, 0, 0), message)
        .hint("split the definitions over several files: all files of a project form one namespace")
}

fn not_text(file: FileId, at: usize, byte: u8) -> Diagnostic {
    let message = format!("the file is not UTF-8: found byte 0x{byte:02x}");
    // The replacement character that stands for the byte in the source map is three bytes long.
    Diagnostic::error(Code::E0001, Span::new(file, at, at + 3), message)
        .label("this byte")
        .hint("save the file as UTF-8")
}

/// The path cannot be read, and why.
///
/// One that does not exist was named wrongly, which is for the caller to correct; everything else is
/// the world's failure, and trying again may help.
pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let problem = |message: String| {
        Diagnostic::without_place(Code::E0005, message)
            .hint("name a definition file, or a folder that holds some")
    };
    if error.kind() == io::ErrorKind::NotFound {
        return Failure::usage(problem(format!("`{}` does not exist", path.display())));
    }
    Failure::world(problem(format!("`{}` cannot be read: {error}", path.display())))
}
