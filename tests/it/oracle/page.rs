//! `grammar/SEMANTICS.md`: every rule names its proofs, and every proof exists.

#![expect(clippy::disallowed_methods, reason = "this test reads the repository itself")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const ENGINES: [&str; 4] = ["oracle", "sim", "executor", "flink"];

/// The ids of all rules, in order.
fn rules() -> Vec<String> {
    (0..=13).map(|n| format!("S{n}")).chain(["R1".to_owned(), "R2".to_owned()]).collect()
}

/// Rule id and its `Proved by:` text, for each heading of the page.
fn proofs(page: &str) -> Vec<(String, Option<&str>)> {
    let sections = page.split("\n## ").skip(1);
    let id = |section: &str| section.split_whitespace().next().unwrap_or("").to_owned();
    sections
        .map(|section| (id(section), section.lines().find_map(|line| line.strip_prefix("Proved by: "))))
        .collect()
}

/// What is wrong with a rule's proofs.
fn problems(id: &str, proof: Option<&str>, tests: &BTreeSet<String>) -> Vec<String> {
    let Some(proof) = proof else { return vec![format!("{id} has no `Proved by:` line")] };
    let mut problems = Vec::new();
    let mut engines = BTreeSet::new();
    for part in proof.split("; ") {
        let (engine, what) = part.split_once(' ').unwrap_or((part, ""));
        engines.insert(engine);
        if !ENGINES.contains(&engine) {
            problems.push(format!("{id} names an engine `{engine}`"));
        }
        let named: Vec<_> = what.split('`').skip(1).step_by(2).collect();
        if named.is_empty() && !what.starts_with("not yet: ") {
            problems.push(format!("{id} names no test for {engine}, nor what is not yet there"));
        }
        problems.extend(
            named
                .iter()
                .filter(|name| !tests.contains(**name))
                .map(|name| format!("{id} names a test `{name}` that does not exist")),
        );
    }
    let missing = ENGINES.iter().skip(1).filter(|engine| !engines.contains(**engine));
    problems.extend(missing.map(|engine| format!("{id} says nothing about {engine}")));
    problems
}

/// The names of all test functions below a folder: a `fn` after `#[test]`, also in `proptest!`.
fn tests_below(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("the repository's folders can be read") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            tests_below(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            names.extend(tests_in(&fs::read_to_string(&path).expect("UTF-8")));
        }
    }
}

fn tests_in(text: &str) -> Vec<String> {
    let after_attribute = text.split("#[test]").skip(1);
    let name = |rest: &str| {
        let rest = rest.split("fn ").nth(1)?;
        rest.split('(').next().map(str::to_owned)
    };
    // Scenarios are run by a test each on embedded and on real clusters.
    let scenarios =
        text.split("pub(super) fn ").skip(1).filter_map(|rest| rest.split_once("(mut world: World)"));
    let scenarios = scenarios.map(|(name, _)| name.to_owned()).filter(|name| !name.contains(' '));
    after_attribute.filter_map(name).chain(scenarios).collect()
}

#[test]
fn every_rule_names_tests_that_exist_or_what_is_not_yet_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("grammar/SEMANTICS.md")).expect("the page of rules");
    let mut tests = BTreeSet::new();
    tests_below(&root.join("src"), &mut tests);
    tests_below(&root.join("tests"), &mut tests);
    let proofs = proofs(&page);
    let ids: Vec<_> = proofs.iter().map(|(id, _)| id.clone()).collect();
    assert_eq!(ids, rules());
    let problems: Vec<_> = proofs.iter().flat_map(|(id, proof)| problems(id, *proof, &tests)).collect();
    assert!(problems.is_empty(), "grammar/SEMANTICS.md:\n{}", problems.join("\n"));
}

#[test]
fn a_proof_that_does_not_exist_is_found() {
    let tests = BTreeSet::from(["a".to_owned()]);
    let found = |proof| problems("S0", proof, &tests).join("; ");
    assert_eq!(found(Some("sim `a`; executor not yet: b; flink `a`")), "");
    assert_eq!(
        found(Some("sim `a`, `c`; executor `a`; flink `a`")),
        "S0 names a test `c` that does not exist"
    );
    assert_eq!(found(Some("sim `a`; flink `a`")), "S0 says nothing about executor");
    assert!(found(Some("sim; executor `a`; flink `a`")).contains("names no test for sim"));
    assert!(found(None).contains("no `Proved by:` line"));
}
