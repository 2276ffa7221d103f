//! Definitions that the repository holds in both forms: one tree, one model, and the same tests pass.

use std::collections::BTreeMap;

use windrow::diag::{SourceMap, render};
use windrow::model;
use windrow::syntax::{self, ast::Definition};

use crate::support::binary::windrow;
use crate::support::root;

/// The DSL files and the YAML file of each twin.
const TWINS: &[(&[&str], &str)] = &[(
    &["features/payments/payments.wr", "features/payments/payments_test.wr"],
    "tests/cases/twins/payments.yaml",
)];

/// The definitions of some files by kind and name, and the text of their model.
fn read(paths: &[&str]) -> (BTreeMap<String, Definition>, String) {
    let (mut sources, mut asts) = (SourceMap::default(), Vec::new());
    for path in paths {
        let file = sources.add(path, std::fs::read_to_string(root().join(path)).unwrap());
        let (ast, problems) = syntax::parse(&sources, file);
        assert!(problems.is_empty(), "{}", render::text(&problems, &sources, false));
        asts.push(ast);
    }
    let (model, problems) = model::resolve(&asts, None);
    assert!(problems.is_empty(), "{}", render::text(&problems, &sources, false));
    let named = |definition: Definition| (definition.name().value.clone(), definition);
    let definitions = asts.into_iter().flat_map(|ast| ast.definitions).map(named).collect();
    (definitions, model::text(&model))
}

#[test]
fn both_forms_give_one_tree_and_one_model() {
    for (dsl, yaml) in TWINS {
        let ((dsl, dsl_model), (yaml, yaml_model)) = (read(dsl), read(&[yaml]));
        assert!(dsl.keys().eq(yaml.keys()), "{:?} and {:?}", dsl.keys(), yaml.keys());
        for (name, definition) in &dsl {
            assert_eq!(*definition, yaml[name], "{name}");
        }
        assert_eq!(dsl_model, yaml_model);
    }
}

#[test]
fn the_tests_inside_pass_in_both_forms() {
    for (_, yaml) in TWINS {
        let run = windrow(&["test", yaml]);
        assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    }
}
