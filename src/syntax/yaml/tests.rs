//! Where YAML values stand, and what the settings files give.

use crate::diag::SourceMap;
use crate::syntax::ast::Definition;
use crate::syntax::ast::ExprKind;
use crate::syntax::{parse, parse_project, parse_topology};

use super::*;

/// The source text under each operand of the one let's sum.
fn operands(yaml: &str) -> Vec<String> {
    let mut sources = SourceMap::default();
    let file = sources.add("x.yaml", format!("group_by:\n  g:\n    let:\n      x: {yaml}"));
    let (ast, problems) = parse(&sources, file);
    assert!(problems.is_empty(), "{problems:?}");
    let [Definition::GroupBy(group_by)] = ast.definitions.as_slice() else { panic!("one group by") };
    let ExprKind::Binary(_, left, right) = &group_by.lets[0].expr.kind else { panic!("a sum") };
    let text = |span: Span| sources.text(file)[span.start as usize..span.end as usize].to_string();
    vec![text(left.span), text(right.span)]
}

#[test]
fn places_point_into_the_yaml_text_through_every_style() {
    for yaml in [
        "alpha + 'é'",
        "\"alpha + 'é'\"",
        "\"alpha \\u002b\\t 'é'\"",
        "\"alpha\n        + 'é'\"",
        "\"alpha \\\n        + 'é'\"",
        "alpha\n        + 'é'",
        "|\n        alpha\n\n        + 'é'\n",
        ">-\n        alpha\n        + 'é'\n",
        "|2-\n          alpha\n            + 'é'\n",
    ] {
        assert_eq!(operands(yaml), ["alpha", "'é'"], "{yaml}");
    }
    // The last quote is written twice; the place ends at its first half.
    assert_eq!(operands("'alpha + ''é'''"), ["alpha", "''é'"]);
}

#[test]
fn a_project_keeps_its_order_and_places() {
    let mut sources = SourceMap::default();
    let text = "name: shop\nowners: [a, b]\nretention: 7d\nenvironments:\n  prod: {topology: t.yaml, checkpoints: c}\n\
                deployments:\n  z: [checkout]\n  a: [user_spend, checkout]\n";
    let file = sources.add("windrow.yaml", text);
    let (project, problems) = parse_project(&sources, file);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(project.name.as_ref().unwrap().value, "shop");
    assert_eq!(project.owners.len(), 2);
    assert_eq!(project.defaults.retention.as_ref().unwrap().value.to_string(), "7d");
    let (name, prod) = &project.environments[0];
    assert_eq!((name.value.as_str(), prod.topology.as_ref().unwrap().value.as_str()), ("prod", "t.yaml"));
    let names: Vec<_> = project.deployments.iter().map(|(name, _)| name.value.as_str()).collect();
    assert_eq!(names, ["z", "a"]);
    let checkout = project.deployments[1].1[1].span;
    assert_eq!(&text[checkout.start as usize..checkout.end as usize], "checkout");
}

#[test]
fn a_cluster_is_a_text_or_a_map() {
    let mut sources = SourceMap::default();
    let text = "generation: 3\nretention: 7d\nregions:\n  west:\n    groups:\n      ingest:\n        \
                west-1: \"h:1,h:2\"\n        west-2: {bootstrap: \"h:3\", properties: {client.id: x}}\n";
    let file = sources.add("topology.yaml", text);
    let (topology, problems) = parse_topology(&sources, file);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(topology.generation.as_ref().unwrap().value, 3);
    let (_, groups) = &topology.regions[0];
    let clusters = &groups[0].1;
    assert_eq!(clusters[0].1.bootstrap.value, "h:1,h:2");
    let (name, value) = &clusters[1].1.properties[0];
    assert_eq!((name.value.as_str(), value.value.as_str()), ("client.id", "x"));
}

#[test]
fn wrong_settings_are_coded() {
    let mut sources = SourceMap::default();
    let text = "generation: x\nregion: {}\nregions:\n  w:\n    groups:\n      g:\n        c: {}\n";
    let file = sources.add("t.yaml", text);
    let codes = |problems: Diagnostics| problems.iter().map(|item| item.code.to_string()).collect::<Vec<_>>();
    assert_eq!(codes(parse_topology(&sources, file).1), ["E0112", "E0125", "E0126"]);
    let text = "nam: x\nowners: a\nenvironments: {prod: {topolgy: t}}\ndeployments: {d: [1x]}\n";
    let file = sources.add("p.yaml", text);
    assert_eq!(codes(parse_project(&sources, file).1), ["E0125", "E0121", "E0125", "E0109"]);
}
