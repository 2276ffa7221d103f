//! `windrow schema`: the schemas and the loader say the same of keys and kinds of values.
//!
//! Texts of expressions are the loader's alone. So: what it accepts, the schema accepts; what is wrong
//! with the structure, the schema refuses.

use std::collections::BTreeSet;
use std::path::PathBuf;

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};
use windrow::diag::{Example, SourceMap};
use windrow::syntax;

use crate::support::binary::windrow;
use crate::support::root;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Definitions,
    Project,
    Topology,
}

/// Codes that say that keys or kinds of values are wrong.
const STRUCTURAL: [&str; 7] = ["E0102", "E0111", "E0121", "E0125", "E0126", "E0128", "E0129"];

fn validators() -> [(Which, Validator); 3] {
    let validator = |schema: &Value| jsonschema::validator_for(schema).expect("a sound schema");
    [
        (Which::Definitions, validator(&syntax::definitions_schema())),
        (Which::Project, validator(&syntax::project_schema())),
        (Which::Topology, validator(&syntax::topology_schema())),
    ]
}

/// The codes that the loader has for a text.
fn codes(which: Which, text: &str) -> Vec<String> {
    let mut sources = SourceMap::default();
    let file = sources.add("x.yaml", text);
    let problems = match which {
        Which::Definitions => syntax::parse(&sources, file).1,
        Which::Project => syntax::parse_project(&sources, file).1,
        Which::Topology => syntax::parse_topology(&sources, file).1,
    };
    problems.iter().map(|problem| problem.code.to_string()).collect()
}

/// All YAML of the repository that is one document: what it is, and its value.
fn corpus() -> Vec<(PathBuf, Which, Value)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("features"), root().join("tests/cases")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yaml") {
                let text = std::fs::read_to_string(&path).unwrap_or_default();
                let which = match path.file_name().unwrap().to_str() {
                    Some("windrow.yaml") => Which::Project,
                    Some("topology.yaml") => Which::Topology,
                    _ => Which::Definitions,
                };
                let value = serde_yaml::from_str::<Value>(&text).ok();
                found.extend(value.map(|value| (path, which, value)));
            }
        }
    }
    found.extend(shown_in_the_reference());
    found.extend(shown_on_the_pages_of_codes());
    found.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    assert!(found.len() > 100, "only {} files", found.len());
    found
}

/// Every YAML example of the language's pages: what it is stands behind its fence.
fn shown_in_the_reference() -> Vec<(PathBuf, Which, Value)> {
    let folder = root().join("grammar/reference");
    let pages = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found = Vec::new();
    for page in pages.chain([root().join("grammar/README.md")]) {
        let text = std::fs::read_to_string(&page).unwrap();
        for block in text.split("\n```").skip(1).step_by(2) {
            let (fence, example) = block.split_once('\n').unwrap();
            let which = match fence {
                "yaml" => Which::Definitions,
                "yaml project" => Which::Project,
                "yaml topology" => Which::Topology,
                _ => continue,
            };
            let value = serde_yaml::from_str::<Value>(example).expect("an example is YAML");
            found.push((page.clone(), which, value));
        }
    }
    assert!(found.len() > 15, "only {} examples", found.len());
    found
}

/// What `windrow explain CODE` shows as wrong and as right.
fn shown_on_the_pages_of_codes() -> Vec<(PathBuf, Which, Value)> {
    let mut found = Vec::new();
    for example in Example::all() {
        for (name, text) in [example.wrong, example.right].into_iter().flat_map(|text| example.files(text)) {
            let which = match name {
                "windrow.yaml" => Which::Project,
                "topology.yaml" => Which::Topology,
                _ if name.ends_with(".yaml") => Which::Definitions,
                _ => continue,
            };
            let value = serde_yaml::from_str::<Value>(text).ok();
            found
                .extend(value.map(|value| (PathBuf::from(format!("{} {name}", example.code)), which, value)));
        }
    }
    assert!(found.len() > 30, "only {} examples", found.len());
    found
}

/// Where schema and loader disagree on a value, as JSON, which is YAML too.
fn disagreement(which: Which, validator: &Validator, value: &Value) -> Option<String> {
    let text = value.to_string();
    let codes = codes(which, &text);
    let errors: Vec<String> = validator.iter_errors(value).map(|error| error.to_string()).collect();
    if codes.is_empty() && !errors.is_empty() {
        return Some(format!("the loader accepts, the schema says {errors:?}:\n{text}"));
    }
    if errors.is_empty() && codes.iter().any(|code| STRUCTURAL.contains(&code.as_str())) {
        return Some(format!("the schema accepts, the loader says {codes:?}:\n{text}"));
    }
    None
}

#[test]
fn schema_and_loader_agree_on_every_file() {
    let validators = validators();
    let mut accepted = 0;
    for (path, which, value) in corpus() {
        let (_, validator) = validators.iter().find(|(other, _)| *other == which).unwrap();
        let found = disagreement(which, validator, &value);
        assert!(found.is_none(), "{}: {}", path.display(), found.unwrap_or_default());
        accepted += usize::from(validator.is_valid(&value));
    }
    assert!(accepted > 20, "only {accepted} sound files");
    assert!(corpus().len() - accepted > 10, "nearly all files are sound");
}

#[test]
fn each_schema_is_printed_and_describes_itself() {
    for (name, schema) in [
        ("definitions", syntax::definitions_schema()),
        ("windrow", syntax::project_schema()),
        ("topology", syntax::topology_schema()),
    ] {
        let printed: Value = serde_json::from_str(&windrow(&["schema", name]).stdout).unwrap();
        assert_eq!(printed, schema);
        assert_eq!(printed["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert!(jsonschema::meta::is_valid(&printed), "{name}");
    }
    let definitions = syntax::definitions_schema();
    let source = &definitions["$defs"]["source"]["properties"];
    assert_eq!(
        source["topic"]["description"],
        "the topic, and the group whose clusters are read. `topic shop.purchases in ingest`"
    );
}

/// A change somewhere in a value: which place, and what stands there instead.
fn mutated(value: &Value, places: &[prop::sample::Index], what: &Change) -> Value {
    let mut value = value.clone();
    let mut here = &mut value;
    for place in places {
        let count = match &*here {
            Value::Object(map) => map.len(),
            Value::Array(items) => items.len(),
            _ => 0,
        };
        if count == 0 {
            break;
        }
        let at = place.index(count);
        here = match here {
            Value::Object(map) => map.values_mut().nth(at).unwrap(),
            Value::Array(items) => &mut items[at],
            other => other,
        };
    }
    match (what, &mut *here) {
        (Change::Replace(new), _) => *here = new.clone(),
        (Change::Wrap, _) => *here = json!([here.take()]),
        (Change::Remove, Value::Object(map)) => {
            let first = map.keys().next().cloned();
            first.map(|key| map.shift_remove(&key));
        }
        (Change::Add(key, new), Value::Object(map)) => drop(map.insert(key.clone(), new.clone())),
        (Change::Remove, Value::Array(items)) => drop(items.pop()),
        (Change::Add(_, new), Value::Array(items)) => items.push(new.clone()),
        (Change::Remove | Change::Add(..), _) => {}
    }
    value
}

#[derive(Debug, Clone)]
enum Change {
    Replace(Value),
    Wrap,
    Remove,
    Add(String, Value),
}

/// What may stand anywhere by mistake.
fn replacements() -> Vec<Value> {
    vec![
        json!(null),
        json!("a"),
        json!(""),
        json!("1h"),
        json!("10 s"),
        json!("a on b"),
        json!("true"),
        json!(5),
        json!(1.5),
        json!(true),
        json!([]),
        json!({}),
        json!(["a"]),
        json!([null]),
        json!({"a": "int"}),
        json!({"list": "int", "nullable": true}),
        json!({"map": {"key": "string", "value": {"struct": {"a": "int"}}}, "from": "x"}),
        json!({"files": "a", "until": "b"}),
        json!({"table": "t", "on": "a", "columns": ["b"]}),
        json!({"function": "m:f", "returns": {"x": "int"}, "retry": 2}),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    let values = prop::sample::select(replacements());
    let keys = prop::sample::select(vec![
        "zzz",
        "doc",
        "key",
        "where",
        "at",
        "from",
        "as",
        "nullable",
        "title",
        "row",
        "count",
        "a b",
        "1st",
        "timeout",
        "history",
        "lookup",
        "select",
        "call",
        "unbounded",
        "mode",
        "tags",
        "schema",
        "steps",
        "require",
        "retention",
        "disorder",
        "hold_for",
        "flink",
        "kubernetes",
        "slots",
        "image",
        "parallelism",
        "operator",
        "groups",
        "bootstrap",
        "properties",
    ])
    .prop_map(str::to_owned);
    prop_oneof![
        3 => values.clone().prop_map(Change::Replace),
        1 => Just(Change::Wrap),
        1 => Just(Change::Remove),
        3 => (keys, values).prop_map(|(key, value)| Change::Add(key, value)),
    ]
}

#[test]
fn schema_and_loader_agree_on_what_is_changed_at_random() {
    let (corpus, validators) = (corpus(), validators());
    let config = ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() };
    let changes =
        prop::collection::vec((prop::collection::vec(any::<prop::sample::Index>(), 0..8), change()), 1..3);
    proptest!(config, |(file in any::<prop::sample::Index>(), changes in changes)| {
        let (path, which, value) = &corpus[file.index(corpus.len())];
        let value = changes.iter().fold(value.clone(), |value, (places, what)| mutated(&value, places, what));
        let (_, validator) = validators.iter().find(|(other, _)| other == which).unwrap();
        let found = disagreement(*which, validator, &value);
        prop_assert!(found.is_none(), "{}: {}", path.display(), found.unwrap_or_default());
    });
}

/// Every place in a value, as a JSON pointer.
fn places(value: &Value, here: &str, found: &mut Vec<String>) {
    found.push(here.to_owned());
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                places(inner, &format!("{here}/{}", key.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(items) => {
            for (at, inner) in items.iter().enumerate() {
                places(inner, &format!("{here}/{at}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn schema_and_loader_agree_on_each_mistake_at_each_kind_of_place() {
    let (validators, mut seen) = (validators(), BTreeSet::new());
    let mut found = Vec::new();
    for (path, which, value) in corpus() {
        let (_, validator) = validators.iter().find(|(other, _)| *other == which).unwrap();
        let mut all = Vec::new();
        places(&value, "", &mut all);
        for place in all {
            // Places are of one kind if the last two words of their paths are the same; an index is no word.
            let words = place.rsplit('/').map(|word| word.parse::<usize>().map_or(word, |_| "[]"));
            let kind: Vec<String> = words.take(2).map(str::to_owned).collect();
            if !seen.insert((format!("{which:?}"), kind)) {
                continue;
            }
            for new in replacements() {
                let mut changed = value.clone();
                *changed.pointer_mut(&place).unwrap() = new.clone();
                let problem = disagreement(which, validator, &changed);
                found
                    .extend(problem.map(|problem| format!("{} {place} <- {new}: {problem}", path.display())));
            }
        }
    }
    assert!(seen.len() > 100, "only {} kinds of places", seen.len());
    assert!(found.is_empty(), "{} disagreements:\n{}", found.len(), found.join("\n\n"));
}
