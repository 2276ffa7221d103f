//! `windrow functions`, and the page of the reference that it writes.

use crate::support::binary::windrow;
use crate::support::root;
use crate::support::snapshots::settings;

#[test]
fn the_page_of_functions_is_what_the_catalog_says() {
    let written = windrow(&["functions", "--format", "markdown"]).stdout;
    let page = std::fs::read_to_string(root().join("grammar/FUNCTIONS.md")).unwrap();
    assert!(page == written, "write it anew: windrow functions --format markdown > grammar/FUNCTIONS.md");
    assert!(page.lines().filter(|line| line.starts_with("| `")).count() > 130, "functions have gone");
}

#[test]
fn functions_are_listed_with_their_types_and_the_target() {
    let listed = windrow(&["functions", "--target", "flink"]).stdout;
    settings("functions").bind(|| insta::assert_snapshot!("list", listed));
}

#[test]
fn a_function_is_shown_with_examples_and_forms() {
    let names = ["round", "SUBSTR", "date_trunc", "time_since", "regexp_like", "power", "contains", "sum"];
    let pages: Vec<_> = names.iter().map(|name| windrow(&["functions", name]).stdout).collect();
    settings("functions").bind(|| insta::assert_snapshot!("pages", pages.join("\n---\n\n")));
    let json = windrow(&["functions", "round", "--format", "json"]).stdout;
    settings("functions").bind(|| insta::assert_snapshot!("json", json));
    let parsed: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(parsed[0]["name"], "round");
}

#[test]
fn an_unknown_function_is_a_usage_error_with_the_nearest_name() {
    let unknown = windrow(&["functions", "substrin"]);
    assert_eq!((unknown.code, unknown.stdout.as_str()), (Some(2), ""));
    assert!(unknown.stderr.contains("did you mean `substring`?"), "{}", unknown.stderr);
}
