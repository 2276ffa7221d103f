//! Which files of a project its models are made of: what bundles take along.
//!
//! A module's folder goes as a whole, so that what stands beside it, code or data, is there; and so does whatever of
//! the project a file of it imports by name. Nothing is imported to find that out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use crate::emit::{self, Files, Modules, NoModule};
use crate::model::{Model, Stream, StreamBody};
use crate::plan::{Operator, Plan};

use super::models;

/// As pip calls it.
const REQUIREMENTS: &str = "requirements.txt";

/// The files of a function may have so many bytes: they go into an image, and into memory here.
const BYTES_MAX: usize = 256 << 20;

/// Of the functions that a project calls; nothing is read if there are none.
pub(super) fn modules(root: &Path, model: &Model) -> Modules {
    let mut modules = Modules::default();
    let functions = functions(model);
    if functions.is_empty() {
        return modules;
    }
    let folder = models::folder(root);
    modules.requirements = fs::read(folder.join(REQUIREMENTS)).ok();
    for function in functions {
        let files = of_function(&folder, &function);
        modules.by_function.insert(function, files);
    }
    modules
}

/// What the code of each function is; `None`: it is not the project's, or cannot be read.
pub(super) fn codes(root: &Path, functions: BTreeSet<String>) -> BTreeMap<String, Option<String>> {
    let folder = models::folder(root);
    let code = |function: String| {
        let files = of_function(&folder, &function);
        (function, files.ok().as_ref().map(emit::code))
    };
    functions.into_iter().map(code).collect()
}

/// The functions that a plan calls.
pub(super) fn called(plan: &Plan) -> BTreeSet<String> {
    let function = |id| match &plan.node(id).operator {
        Operator::Call(call) => Some(call.function.clone()),
        _ => None,
    };
    plan.topological().into_iter().filter_map(function).collect()
}

fn functions(model: &Model) -> BTreeSet<String> {
    model.streams.iter().filter_map(function).collect()
}

/// The one that a stream calls.
pub(super) fn function(stream: &Stream) -> Option<String> {
    match &stream.body {
        StreamBody::Derive(derivation) => Some(derivation.call.as_ref()?.value.function.clone()),
        StreamBody::Union(_) => None,
    }
}

fn of_function(folder: &Path, function: &str) -> Result<Files, NoModule> {
    let module = function.split(':').next().unwrap_or(function);
    let path = module.replace('.', "/");
    let is_there = folder.join(format!("{path}.py")).is_file() || folder.join(&path).is_dir();
    if !is_there {
        return Err(NoModule::Elsewhere);
    }
    let mut taken = Taken { folder, files: Files::new(), bytes: 0 };
    let mut open = vec![top(module).to_owned()];
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop() {
        if seen.insert(name.clone()) {
            open.extend(taken.take(&name)?);
        }
    }
    Ok(taken.files)
}

fn top(module: &str) -> &str {
    module.split('.').next().unwrap_or(module)
}

/// What was found so far.
struct Taken<'f> {
    folder: &'f Path,
    files: Files,
    bytes: usize,
}

impl Taken<'_> {
    /// Takes a module of the project's folder, a file or a folder of them; gives the names that it imports.
    fn take(&mut self, name: &str) -> Result<BTreeSet<String>, NoModule> {
        let mut imported = BTreeSet::new();
        let mut open = vec![name.to_owned()];
        if self.folder.join(format!("{name}.py")).is_file() {
            imported.extend(self.file(&format!("{name}.py"))?);
        }
        while let Some(path) = open.pop() {
            if !self.folder.join(&path).is_dir() {
                continue;
            }
            for entry in fs::read_dir(self.folder.join(&path)).map_err(|error| unfit(&path, &error))? {
                let entry = entry.map_err(|error| unfit(&path, &error))?;
                let name = entry.file_name().into_string();
                let name = name.map_err(|name| unfit_name(&path, &name.to_string_lossy()))?;
                let inner = format!("{path}/{name}");
                let kind = entry.file_type().map_err(|error| unfit(&inner, &error))?;
                match () {
                    () if is_left_out(&name) => {}
                    () if kind.is_dir() => open.push(inner),
                    () => imported.extend(self.file(&inner)?),
                }
            }
        }
        Ok(imported)
    }

    fn file(&mut self, path: &str) -> Result<BTreeSet<String>, NoModule> {
        let bytes = fs::read(self.folder.join(path)).map_err(|error| unfit(path, &error))?;
        self.bytes += bytes.len();
        if self.bytes > BYTES_MAX {
            let why = format!("with it there would be more than {} MB", BYTES_MAX >> 20);
            return Err(NoModule::Unfit { path: path.to_owned(), why });
        }
        let is_python = Path::new(path).extension().is_some_and(|extension| extension == "py");
        let names = if is_python { imports(&String::from_utf8_lossy(&bytes)) } else { BTreeSet::new() };
        self.files.insert(path.to_owned(), bytes);
        Ok(names)
    }
}

/// What Python or an editor keeps for itself.
fn is_left_out(name: &str) -> bool {
    name.starts_with('.') || name == "__pycache__"
}

fn unfit(path: &str, error: &io::Error) -> NoModule {
    NoModule::Unfit { path: path.to_owned(), why: error.to_string() }
}

fn unfit_name(path: &str, name: &str) -> NoModule {
    NoModule::Unfit { path: format!("{path}/{name}"), why: "its name is not UTF-8".to_owned() }
}

/// The modules that lines of Python import, by the first part of their names; not those beside the file itself.
fn imports(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for line in text.lines().map(str::trim_start) {
        let several = line.strip_prefix("import ").map(|rest| rest.split(',').collect());
        let one = line.strip_prefix("from ").map(|rest| vec![rest]);
        for module in several.or(one).unwrap_or_default() {
            let is_part = |c: char| c.is_alphanumeric() || c == '_';
            let name: String = module.trim_start().chars().take_while(|c| is_part(*c)).collect();
            if !name.is_empty() {
                names.insert(name);
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_python_imports_by_the_first_part_of_a_name() {
        let text = "import os, helpers.text as t\nfrom shared import x\nfrom . import beside\n  import late\n# import no\nimportant = 1\n";
        let names: Vec<_> = imports(text).into_iter().collect();
        assert_eq!(names, ["helpers", "late", "os", "shared"]);
    }

    #[test]
    fn a_function_has_its_modules_folder_and_what_is_imported_of_the_project() {
        let folder = tempfile::tempdir().unwrap();
        let put = |path: &str, bytes: &[u8]| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        };
        put("models/risk.py", b"import helpers\nimport numpy");
        put("models/weights.bin", &[0, 255, 254]);
        put("models/__pycache__/risk.pyc", b"x");
        put("models/.hidden", b"x");
        put("helpers.py", b"from shared.text import x");
        put("shared/text.py", b"");
        put("other.py", b"");
        let files = of_function(folder.path(), "models.risk:score").unwrap();
        let paths: Vec<_> = files.keys().map(String::as_str).collect();
        assert_eq!(paths, ["helpers.py", "models/risk.py", "models/weights.bin", "shared/text.py"]);
        assert_eq!(files["models/weights.bin"], [0, 255, 254]);
        assert_eq!(of_function(folder.path(), "models.none:score"), Err(NoModule::Elsewhere));
    }
}
