//! Every definition in `features/` through ast, model, each pass, plan, explanation and picture.

use std::path::{Path, PathBuf};

use windrow::diag::SourceMap;
use windrow::model::{self, Deployment, GroupById, JoinId, Model};
use windrow::plan::{self, Plan, draw};
use windrow::syntax::ast::Definition;
use windrow::syntax::{self, Ast};

use crate::support::binary::windrow;
use crate::support::root;
use crate::support::snapshots::settings;

/// A definition file of `features/` and the model of all of them: they form one namespace.
struct Fixture {
    ast: Ast,
    model: Model,
}

/// Definition files, not those of projects and topologies.
fn is_definition(path: &Path) -> bool {
    !["windrow.yaml", "topology.yaml"].iter().any(|name| path.ends_with(name))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if path.extension().is_some_and(|e| e == "wr" || e == "yaml") && is_definition(&path) {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn fixture(path: &Path) -> Fixture {
    let mut sources = SourceMap::default();
    let mut asts = Vec::new();
    let files = files(&root().join("features"));
    for file in &files {
        let id = sources.add(file, std::fs::read_to_string(file).unwrap());
        let (ast, problems) = syntax::parse(&sources, id);
        assert!(problems.is_empty(), "{problems:?}");
        asts.push(ast);
    }
    let (model, problems) = model::resolve(&asts, None);
    assert!(!problems.has_errors(), "{problems:?}");
    let own = files.iter().position(|file| file.canonicalize().unwrap() == path.canonicalize().unwrap());
    Fixture { ast: asts.swap_remove(own.expect("the file is below features/")), model }
}

impl Fixture {
    /// The definitions that have a page.
    fn explained(&self) -> Vec<&str> {
        let has_page = |definition: &&Definition| {
            !matches!(
                definition,
                Definition::Test(_) | Definition::Constants(_) | Definition::Stream(_) | Definition::Table(_)
            )
        };
        self.ast.definitions.iter().filter(has_page).map(|d| d.name().value.as_str()).collect()
    }

    fn names(&self) -> Vec<&str> {
        self.ast.definitions.iter().map(|definition| definition.name().value.as_str()).collect()
    }

    /// What the file defines, as a deployment.
    fn lowered(&self) -> Plan {
        let names = self.names();
        let group_bys = self.model.group_bys.iter().enumerate();
        let group_bys = group_bys.filter(|(_, g)| names.contains(&g.name.as_str()));
        let joins = self.model.joins.iter().enumerate().filter(|(_, j)| names.contains(&j.name.as_str()));
        let deployment = Deployment {
            name: "file".to_owned(),
            span: self.ast.definitions[0].name().span,
            group_bys: group_bys.map(|(index, _)| GroupById(index)).collect(),
            joins: joins.map(|(index, _)| JoinId(index)).collect(),
        };
        plan::lower(&self.model, &deployment)
    }

    /// The blocks of the model's text that this file defines.
    fn model_text(&self) -> String {
        let names = self.names();
        let text = model::text(&self.model);
        let own = text
            .split("\n\n")
            .filter(|block| block.split_whitespace().nth(1).is_some_and(|name| names.contains(&name)));
        own.map(str::trim_end).collect::<Vec<_>>().join("\n\n")
    }
}

/// Runs `snapshot` for each definition file of `features/`; insta names the file.
fn each_feature_file(mut snapshot: impl FnMut(&Fixture)) {
    let mut seen = 0;
    settings("plan").bind(|| {
        insta::glob!("../../features", "**/*.{wr,yaml}", |path| {
            if is_definition(path) {
                snapshot(&fixture(path));
                seen += 1;
            }
        });
    });
    assert!(seen >= 2, "the examples have gone");
}

#[test]
fn ast() {
    each_feature_file(|fixture| insta::assert_snapshot!("ast", syntax::text(&fixture.ast)));
}

#[test]
fn model() {
    each_feature_file(|fixture| insta::assert_snapshot!("model", fixture.model_text()));
}

#[test]
fn plan() {
    each_feature_file(|fixture| {
        let mut plan = fixture.lowered();
        let mut text = plan::text(&plan);
        insta::assert_snapshot!("lowered", &text);
        for (number, (name, pass)) in (1..).zip(plan::PASSES) {
            plan = plan::renumber(&pass(&plan));
            let after = plan::text(&plan);
            let shown = if after == text { "as before\n".to_owned() } else { after.clone() };
            insta::assert_snapshot!(format!("pass_{number}_{name}"), shown);
            text = after;
        }
        assert_eq!(text, plan::text(&plan::optimize(fixture.lowered())));
        insta::assert_snapshot!("plan", text);
    });
}

#[test]
fn graph() {
    each_feature_file(|fixture| {
        insta::assert_snapshot!("graph", draw::mermaid(&plan::optimize(fixture.lowered())));
    });
}

#[test]
fn explain() {
    each_feature_file(|fixture| {
        let explain = |name: &&str| {
            let run = windrow(&["explain", name, "features"]);
            assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
            run.stdout
        };
        let pages: Vec<_> = fixture.explained().iter().map(explain).collect();
        insta::assert_snapshot!("explain", pages.join("\n---\n\n"));
    });
}
