//! `grammar/SEMANTICS.md`: every rule names its proofs, and every proof exists.

#![expect(clippy::disallowed_methods, reason = "this test reads the repository itself")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use windrow::verify::SABOTAGES;

/// In what a rule may be proved; every rule says something about those of [`RUN`].
const ENGINES: [&str; 6] = ["lesson", "verify", "oracle", "sim", "executor", "flink"];
const RUN: [&str; 3] = ["sim", "executor", "flink"];

/// The ids of all rules, in order.
fn rules() -> Vec<String> {
    (0..=14).map(|n| format!("S{n}")).chain(["R1".to_owned(), "R2".to_owned()]).collect()
}

/// Rule id and its `Proved by:` text, for each heading of the page.
fn proofs(page: &str) -> Vec<(String, Option<&str>)> {
    let sections = page.split("\n## ").skip(1);
    let id = |section: &str| section.split_whitespace().next().unwrap_or("").to_owned();
    sections
        .map(|section| (id(section), section.lines().find_map(|line| line.strip_prefix("Proved by: "))))
        .collect()
}

/// What is between `; `, but not inside of back-ticks.
fn parts(proof: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for (position, piece) in proof.split('`').enumerate() {
        let is_quoted = position % 2 == 1;
        let mut pieces = if is_quoted { vec![piece] } else { piece.split("; ").collect() }.into_iter();
        let first = pieces.next().unwrap_or_default();
        let last = parts.last_mut().expect("there is one");
        last.push_str(&if is_quoted { format!("`{first}`") } else { first.to_owned() });
        parts.extend(pieces.map(str::to_owned));
    }
    parts
}

/// What a rule's line names of an engine.
fn named(proof: &str, engine: &str) -> Vec<String> {
    let of_engine = parts(proof).into_iter().filter(|part| part.split(' ').next() == Some(engine));
    of_engine
        .flat_map(|part| part.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

/// What is wrong with a rule's proofs.
fn problems(id: &str, proof: Option<&str>, tests: &BTreeSet<String>) -> Vec<String> {
    let Some(proof) = proof else { return vec![format!("{id} has no `Proved by:` line")] };
    let mut problems = Vec::new();
    let mut engines = BTreeSet::new();
    for part in parts(proof) {
        let (engine, what) = part.split_once(' ').unwrap_or((&part, ""));
        engines.insert(engine.to_owned());
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
    let missing = RUN.iter().filter(|engine| !engines.contains(**engine));
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
    tests.extend(lessons(root));
    tests.extend(SABOTAGES.iter().map(|sabotage| sabotage.name.to_owned()));
    let proofs = proofs(&page);
    let ids: Vec<_> = proofs.iter().map(|(id, _)| id.clone()).collect();
    assert_eq!(ids, rules());
    let problems: Vec<_> = proofs.iter().flat_map(|(id, proof)| problems(id, *proof, &tests)).collect();
    assert!(problems.is_empty(), "grammar/SEMANTICS.md:\n{}", problems.join("\n"));
}

/// The titles of the tests in `features/lessons`.
fn lessons(root: &Path) -> Vec<String> {
    let file = fs::read_to_string(root.join("features/lessons/rules_test.wr")).expect("the lessons");
    let titles = file.lines().filter(|line| line.starts_with("test "));
    titles.filter_map(|line| line.split('"').nth(1)).map(str::to_owned).collect()
}

#[test]
fn every_lesson_and_every_sabotage_stands_under_its_rule() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("grammar/SEMANTICS.md")).expect("the page of rules");
    let proofs = proofs(&page);
    let mut taught: Vec<String> = lessons(root);
    let mut bent: Vec<String> = SABOTAGES.iter().map(|sabotage| sabotage.name.to_owned()).collect();
    for (id, proof) in &proofs {
        let named = |engine: &str| named(proof.unwrap_or_default(), engine);
        assert!(!id.starts_with('S') || !named("lesson").is_empty(), "{id} has no lesson");
        for title in named("lesson") {
            assert_eq!(title.split(':').next(), Some(id.as_str()), "a lesson of another rule");
            taught.retain(|other| *other != title);
        }
        let sabotages = named("verify");
        bent.retain(|name| !sabotages.contains(name));
    }
    assert!(taught.is_empty() && bent.is_empty(), "under no rule: {taught:?} {bent:?}");
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
