//! Projects for tests of bundles: those of `features/`, and definitions given as text.

use std::path::Path;

use windrow::diag::{Diagnostics, SourceMap, render};
use windrow::emit::{self, Bundle, Files, Manifests, Modules, Target};
use windrow::model::{self, Beside, Deployment, GroupById, JoinId, Model};
use windrow::plan::{self, Plan};
use windrow::syntax;
use windrow::topology::{self, Topology};

use crate::support::root;

/// Definitions, resolved, and the clusters they read.
pub(super) struct Project {
    pub(super) sources: SourceMap,
    pub(super) model: Model,
    pub(super) topology: Option<Topology>,
    /// A region that is lost.
    pub(super) lost: Option<&'static str>,
    /// What its models are made of.
    pub(super) modules: Modules,
}

/// The project in `features/`.
pub(super) fn features() -> Project {
    of_features(&["flights/flights.wr", "purchases/purchases.yaml", "payments/payments.wr"], SPEND)
}

/// The streams of `features/` that call models, as a deployment of the same environment in place of another.
pub(super) fn fraud() -> Project {
    let files = ["fraud/fraud.wr", "flights/flights.wr", "purchases/purchases.yaml", "payments/payments.wr"];
    let mut project = of_features(&files, "fraud: [card_risk, card_screening]");
    let model = std::fs::read(root().join("features/models/fraud.py")).unwrap();
    let files: Files = [("models/fraud.py".to_owned(), model)].into();
    for function in ["models.fraud:score", "models.fraud:screen"] {
        project.modules.by_function.insert(function.to_owned(), Ok(files.clone()));
    }
    project
}

/// A deployment of the examples.
const SPEND: &str = "spend: [user_spend]";

fn of_features(files: &[&str], spend: &str) -> Project {
    let folder = root().join("features");
    let text = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let texts: Vec<(&str, String)> = files.iter().map(|name| (*name, text(name))).collect();
    let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let mut sources = SourceMap::default();
    let id = sources.add("windrow.yaml", text("windrow.yaml").replace(SPEND, spend));
    let (settings, problems) = syntax::parse_project(&sources, id);
    assert!(problems.is_empty(), "{problems:?}");
    let id = sources.add("topology.yaml", text("topology.yaml"));
    let (of_topology, problems) = syntax::parse_topology(&sources, id);
    assert!(problems.is_empty(), "{problems:?}");
    let (topology, problems) = model::resolve_topology(&of_topology);
    assert!(problems.is_empty(), "{problems:?}");
    resolved(sources, &texts, Some(&settings), Some(topology))
}

/// Definition files by name and text.
pub(super) fn project(texts: &[(&str, &str)]) -> Project {
    resolved(SourceMap::default(), texts, None, None)
}

/// A definition file and the one schema that it names.
pub(super) fn with_schema(text: &str, (file, schema): (&str, &str)) -> Project {
    let mut sources = SourceMap::default();
    let id = sources.add(Path::new("avro.wr"), text);
    let (ast, problems) = syntax::parse(&sources, id);
    assert!(!problems.has_errors(), "{}", render::text(&problems, &sources, false));
    let mut beside = Beside::default();
    beside.schemas.insert((id, file.to_owned()), Ok(schema.to_owned()));
    let (model, problems) = model::resolve_beside(&[ast], None, &beside);
    assert!(!problems.has_errors(), "{}", render::text(&problems, &sources, false));
    Project { sources, model, topology: None, lost: None, modules: Modules::default() }
}

fn resolved(
    mut sources: SourceMap,
    texts: &[(&str, &str)],
    settings: Option<&syntax::Project>,
    topology: Option<Topology>,
) -> Project {
    let mut asts = Vec::new();
    for (name, text) in texts {
        let id = sources.add(Path::new(name), *text);
        let (ast, problems) = syntax::parse(&sources, id);
        assert!(!problems.has_errors(), "{}", render::text(&problems, &sources, false));
        asts.push(ast);
    }
    let (model, problems) = model::resolve(&asts, settings);
    assert!(!problems.has_errors(), "{}", render::text(&problems, &sources, false));
    Project { sources, model, topology, lost: None, modules: Modules::default() }
}

/// `features/` where one cluster of a group has other brokers.
pub(super) fn moved(group: &str) -> Project {
    let mut project = features();
    let clusters = &mut project.topology.as_mut().unwrap().clusters;
    let cluster = clusters.iter_mut().find(|cluster| cluster.group == group).unwrap();
    cluster.bootstrap = "elsewhere:9092".into();
    project
}

impl Project {
    pub(super) fn group_by(&self, name: &str) -> GroupById {
        GroupById(self.model.group_bys.iter().position(|group_by| group_by.name == name).unwrap())
    }

    /// All definitions as one deployment.
    pub(super) fn everything(&self) -> Deployment {
        Deployment {
            name: "everything".into(),
            span: self.model.sources[0].span,
            group_bys: (0..self.model.group_bys.len()).map(GroupById).collect(),
            joins: (0..self.model.joins.len()).map(JoinId).collect(),
        }
    }

    pub(super) fn deployment(&self, name: &str) -> Deployment {
        self.model.deployments.iter().find(|deployment| deployment.name == name).unwrap().clone()
    }

    pub(super) fn plan(&self, deployment: &Deployment) -> Plan {
        plan::optimize(plan::lower(&self.model, deployment))
    }

    pub(super) fn render(&self, deployment: &Deployment) -> Result<Bundle, Diagnostics> {
        let plan = self.plan(deployment);
        let manifests = self.manifests(deployment);
        let (topology, manifests) = (self.topology.as_ref(), manifests.as_ref());
        emit::render(&plan, Target::Flink { topology, manifests, modules: &self.modules })
    }

    /// Where the deployment's job is, if the topology has Kubernetes clusters. Nobody owns it.
    fn manifests(&self, deployment: &Deployment) -> Option<Manifests> {
        let topology = self.topology.as_ref().filter(|topology| !topology.kubernetes.is_empty())?;
        let names: Vec<_> =
            self.model.deployments.iter().map(|deployment| deployment.name.as_str()).collect();
        let placement = topology::place(topology, &names).unwrap().remove(&deployment.name)?;
        Some(Manifests {
            team: "windrow".into(),
            namespace: "windrow".into(),
            name: Manifests::name_of(&deployment.name),
            placement,
            lost: self.lost.map(str::to_owned),
        })
    }

    /// The bundle of a deployment that Flink can do.
    pub(super) fn bundle(&self, deployment: &Deployment) -> Bundle {
        self.render(deployment).unwrap_or_else(|problems| panic!("{}", self.shown(problems)))
    }

    /// What is said about a deployment that Flink cannot do.
    pub(super) fn refusal(&self, deployment: &Deployment) -> String {
        match self.render(deployment) {
            Ok(_) => panic!("`{}` was not refused", deployment.name),
            Err(problems) => self.shown(problems),
        }
    }

    fn shown(&self, problems: Diagnostics) -> String {
        render::text(&problems.sorted(), &self.sources, false)
    }
}
