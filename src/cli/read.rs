//! Reads the files of a project one by one and collects what is wrong with them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};

use crate::diag::{Code, Diagnostic, Diagnostics, FileId, SourceMap, Span};
use crate::model::{self, Beside, Model};
use crate::syntax::{self, Ast, Project};
use crate::topology::Topology;

use super::Failure;
use super::files::{self, PROJECT_FILE, below};

/// The texts so far and their problems.
#[derive(Default)]
pub(super) struct Reader {
    pub(super) sources: SourceMap,
    pub(super) problems: Diagnostics,
    /// A definition file is no text, or too large.
    unread: bool,
    /// The windrow.yaml has mistakes.
    wrong_project: bool,
}

impl Reader {
    /// The windrow.yaml of a project; `None` if it is no text.
    pub(super) fn project(&mut self, root: &Path) -> Result<Option<Project>, Failure> {
        let path = below(root, PROJECT_FILE);
        self.wrong_project = true;
        let Some(file) = files::read(&path, &mut self.sources, &mut self.problems)? else { return Ok(None) };
        let (project, found) = syntax::parse_project(&self.sources, file);
        self.wrong_project = found.has_errors();
        self.problems.extend(found);
        Ok(Some(project))
    }

    /// The definitions of a file; `None` if it is no text.
    pub(super) fn definitions(&mut self, path: &Path) -> Result<Option<(FileId, Ast)>, Failure> {
        let Some(file) = files::read(path, &mut self.sources, &mut self.problems)? else {
            self.unread = true;
            return Ok(None);
        };
        let (ast, found) = syntax::parse(&self.sources, file);
        self.problems.extend(found);
        Ok(Some((file, ast)))
    }

    /// Where a text could not be read, what it defines or sets is missing: complaints about unknown
    /// names would then send the reader to the wrong place.
    pub(super) fn resolve(
        &mut self,
        root: &Path,
        asts: &[(FileId, Ast)],
        project: Option<&Project>,
    ) -> Model {
        let definitions: Vec<Ast> = asts.iter().map(|(_, ast)| ast.clone()).collect();
        let beside = beside(root, &self.sources, &definitions);
        let (model, mut found) = model::resolve_beside(&definitions, project, &beside);
        if self.unread || definitions.iter().any(|ast| ast.incomplete) {
            found = found.without(&[Code::E0201, Code::E0202, Code::E0507, Code::E0605]);
        }
        if self.wrong_project {
            found = found.without(&[Code::E0211, Code::E0604, Code::E0608, Code::W0601]);
        }
        self.problems.extend(found);
        model
    }

    /// The topology of each environment, `None` where it is not sound. One that cannot be read is a
    /// problem of the windrow.yaml that names it.
    pub(super) fn topologies(
        &mut self,
        root: &Path,
        model: &Model,
        project: Option<&Project>,
    ) -> Vec<Option<Topology>> {
        let mut known: BTreeMap<PathBuf, Option<Topology>> = BTreeMap::new();
        for environment in &model.environments {
            let path = below(root, &environment.topology);
            if known.contains_key(&path) {
                continue;
            }
            let named = project.and_then(|project| topology_span(project, &environment.name));
            let topology = match readable(&path) {
                Ok(()) => self.topology(&path).unwrap_or_default(),
                Err(error) => {
                    self.problems.push(missing(&path, named.unwrap_or(environment.span), &error));
                    None
                }
            };
            known.insert(path, topology);
        }
        let of = |environment: &model::Environment| known[&below(root, &environment.topology)].clone();
        model.environments.iter().map(of).collect()
    }

    /// A topology; `None` if it is not sound.
    pub(super) fn topology(&mut self, path: &Path) -> Result<Option<Topology>, Failure> {
        let Some(file) = files::read(path, &mut self.sources, &mut self.problems)? else { return Ok(None) };
        let (text, mut found) = syntax::parse_topology(&self.sources, file);
        let (topology, of_model) = model::resolve_topology(&text);
        // What seems to be missing may be what could not be read.
        let missing: &[Code] = if found.has_errors() { &[Code::E0701, Code::E0702] } else { &[] };
        found.extend(of_model.without(missing).in_file(file));
        let is_sound = !found.has_errors();
        self.problems.extend(found);
        Ok(is_sound.then_some(topology))
    }

    /// Groups that a definition names and some topology does not have, each said once.
    pub(super) fn check_groups<'t>(
        &mut self,
        asts: &[(FileId, Ast)],
        topologies: impl Iterator<Item = &'t Topology>,
    ) {
        let mut seen = BTreeSet::new();
        for topology in topologies {
            let asts = asts.iter().map(|(_, ast)| ast);
            for problem in model::check_groups(asts, topology).iter() {
                if seen.insert((problem.span, problem.message.clone())) {
                    self.problems.push(problem.clone());
                }
            }
        }
    }
}

/// A schema larger than this is none.
const SCHEMA_MAX_BYTES: u64 = 1 << 20;

/// The folders of the definition files, and the schema files that they name.
fn beside(root: &Path, sources: &SourceMap, definitions: &[Ast]) -> Beside {
    let folder_of = |file: FileId| sources.path(file).parent().unwrap_or(Path::new("")).to_path_buf();
    let relative = |folder: &Path| folder.strip_prefix(root).unwrap_or(Path::new("")).to_owned();
    let folder = |file: FileId| (file, relative(&folder_of(file)).to_string_lossy().into_owned());
    let mut beside = Beside { folders: sources.ids().map(folder).collect(), ..Beside::default() };
    for (span, written) in model::schema_files(definitions) {
        let text = schema_text(&folder_of(span.file).join(written));
        beside.schemas.insert((span.file, written.to_owned()), text);
    }
    beside
}

fn schema_text(path: &Path) -> Result<String, String> {
    let length = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if length > SCHEMA_MAX_BYTES {
        return Err("it has more than a megabyte".to_owned());
    }
    std::fs::read_to_string(path).map_err(|error| error.to_string())
}

/// The topology files that a project names: none of them is a definition file.
pub(super) fn topology_paths(root: &Path, project: &Project) -> Vec<PathBuf> {
    let named = project.environments.iter().filter_map(|(_, environment)| environment.topology.as_ref());
    named.map(|topology| below(root, &topology.value)).collect()
}

/// Where windrow.yaml names the topology of an environment.
fn topology_span(project: &Project, environment: &str) -> Option<Span> {
    let (_, named) = project.environments.iter().find(|(name, _)| name.value == environment)?;
    named.topology.as_ref().map(|topology| topology.span)
}

fn readable(path: &Path) -> std::io::Result<()> {
    let metadata = File::open(path)?.metadata()?;
    if metadata.is_file() { Ok(()) } else { Err(std::io::Error::other("it is not a file")) }
}

fn missing(path: &Path, span: Span, error: &std::io::Error) -> Diagnostic {
    let message = format!("the topology `{}` cannot be read: {error}", path.display());
    Diagnostic::error(Code::E0790, span, message).hint("paths are relative to the folder of windrow.yaml")
}
