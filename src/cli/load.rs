//! From a PATH to a resolved model: what every subcommand that reads definitions begins with.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::dataflow::{self, Caller};
use crate::diag::{Code, Diagnostic, Diagnostics, FileId, SourceMap, Span, nearest};
use crate::model::{Deployment, Environment, GroupById, JoinId, Model};
use crate::plan::Plan;
use crate::syntax::Ast;
use crate::topology::Topology;

use super::files::{self, PROJECT_FILE, Place};
use super::models;
use super::read::{Reader, topology_paths};
use super::{Failure, Output};

/// A project, or definition files without one, as far as it could be understood.
pub(crate) struct Loaded {
    /// The project's folder: paths in windrow.yaml are relative to it.
    pub(crate) root: PathBuf,
    pub(crate) is_project: bool,
    pub(crate) sources: SourceMap,
    /// The definition files, in order of path.
    pub(crate) asts: Vec<(FileId, Ast)>,
    pub(crate) model: Model,
    /// The topology of each environment that could be read, in order of the model's environments.
    topologies: Vec<Option<Topology>>,
    pub(crate) problems: Diagnostics,
    /// Who answers model calls: functions of the project's modules.
    pub(crate) caller: Arc<dyn Caller>,
}

/// Reads everything that belongs to `path`. Fails only where the world does; wrong texts are
/// [`Loaded::problems`].
pub(crate) fn load(path: &Path) -> Result<Loaded, Failure> {
    let place = files::place(path)?;
    let loaded = read(&place)?;
    // A file that its project does not count among its definitions was meant on its own.
    if place.is_project && path.is_file() && !loaded.holds(path) {
        return read(&Place { root: path.to_path_buf(), is_project: false });
    }
    Ok(loaded)
}

fn read(place: &Place) -> Result<Loaded, Failure> {
    let mut reader = Reader::default();
    let project = if place.is_project { reader.project(&place.root)? } else { None };
    let skipped = project.as_ref().map(|project| topology_paths(&place.root, project)).unwrap_or_default();
    let definition_files = files::definition_files(&place.root, &skipped)?;
    if definition_files.is_empty() && !place.is_project {
        return Err(nothing_to_read(&place.root));
    }
    let (mut asts, mut lone_topologies) = (Vec::new(), Vec::new());
    for path in definition_files {
        // Where no project names it, a topology is known by its usual name.
        if files::is_topology(&path) {
            let topology = reader.topology(&path)?;
            lone_topologies.extend((!place.is_project).then_some(topology));
        } else if let Some(ast) = reader.definitions(&path)? {
            asts.push(ast);
        }
    }
    let model = reader.resolve(&place.root, &asts, project.as_ref());
    let topologies = reader.topologies(&place.root, &model, project.as_ref());
    reader.check_groups(&asts, topologies.iter().chain(&lone_topologies).flatten());
    let Reader { sources, problems, .. } = reader;
    let (root, is_project) = (place.root.clone(), place.is_project);
    let caller = models::caller(&root);
    Ok(Loaded { root, is_project, sources, asts, model, topologies, problems, caller })
}

fn nothing_to_read(root: &Path) -> Failure {
    let message = format!("`{}` holds no definition files", root.display());
    let problem = Diagnostic::without_place(Code::E0005, message);
    Failure::usage(problem.hint("definition files end in .wr, .yaml or .yml"))
}

impl Loaded {
    /// Whether `path` is among the files that were read.
    fn holds(&self, path: &Path) -> bool {
        let same = |file: FileId| std::path::absolute(self.sources.path(file)).ok();
        let wanted = std::path::absolute(path).ok();
        self.sources.ids().any(|file| same(file) == wanted)
    }

    /// Goes on only without errors; shows warnings.
    pub(crate) fn sound(self, output: &mut Output) -> Result<Self, Failure> {
        if self.problems.has_errors() {
            return Err(Failure::definitions(self.problems, self.sources));
        }
        output.problems(&self.problems.clone().sorted(), &self.sources);
        Ok(self)
    }

    /// A deployment by its name.
    pub(crate) fn deployment(&self, name: &str) -> Result<&Deployment, Failure> {
        let names = || self.model.deployments.iter().map(|deployment| deployment.name.as_str());
        let found = self.model.deployments.iter().find(|deployment| deployment.name == name);
        found.ok_or_else(|| self.unknown(Code::E0690, "deployment", name, names()))
    }

    /// An environment by its name, with its topology.
    pub(crate) fn environment(&self, name: &str) -> Result<(&Environment, &Topology), Failure> {
        let names = || self.model.environments.iter().map(|environment| environment.name.as_str());
        let pairs = self.model.environments.iter().zip(&self.topologies);
        let found = pairs.filter_map(|(environment, topology)| Some((environment, topology.as_ref()?)));
        let found = found.into_iter().find(|(environment, _)| environment.name == name);
        found.ok_or_else(|| self.unknown(Code::E0691, "environment", name, names()))
    }

    /// Goes on only with a plan that windrow's own engine runs, and whose models can be called.
    pub(crate) fn runnable(&self, plan: Plan) -> Result<Plan, Failure> {
        self.runnable_of(plan, &self.sources)
    }

    /// The same of definitions in other texts.
    pub(crate) fn runnable_of(&self, plan: Plan, texts: &SourceMap) -> Result<Plan, Failure> {
        let mut refusals = dataflow::refusals(&plan);
        refusals.extend(self.caller.ready(&plan));
        if refusals.has_errors() {
            return Err(Failure::definitions(refusals, texts.clone()));
        }
        Ok(plan)
    }

    /// All definitions as one deployment: what is drawn or explained without naming one.
    pub(crate) fn everything(&self, name: &str) -> Deployment {
        Deployment {
            name: name.to_owned(),
            span: Span::new(FileId(0), 0, 0),
            group_bys: (0..self.model.group_bys.len()).map(GroupById).collect(),
            joins: (0..self.model.joins.len()).map(JoinId).collect(),
        }
    }

    fn unknown<'a>(
        &self,
        code: Code,
        what: &str,
        name: &str,
        known: impl Iterator<Item = &'a str>,
    ) -> Failure {
        if !self.is_project {
            let message = format!("`{}` is not a project: it has no {PROJECT_FILE}", self.root.display());
            let hint = format!("name the folder that holds the {PROJECT_FILE}, or write one");
            return Failure::usage(Diagnostic::without_place(Code::E0692, message).hint(hint));
        }
        let known: Vec<_> = known.collect();
        let hint = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => format!("{PROJECT_FILE} has none: add one"),
            None => format!("there are: {}", known.join(", ")),
        };
        let message = format!("the project has no {what} `{name}`");
        Failure::usage(Diagnostic::without_place(code, message).hint(hint))
    }
}
