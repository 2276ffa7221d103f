//! Pictures: all three show every node and every edge.

use super::*;
use crate::plan::draw;

fn edges(plan: &Plan) -> usize {
    plan.topological().iter().map(|id| plan.inputs(*id).len()).sum()
}

#[test]
fn every_node_and_edge_is_in_every_picture() {
    let plan = optimize(lowered(&model()));
    let mermaid = draw::mermaid(&plan);
    assert_eq!(mermaid.matches("-->").count(), edges(&plan));
    assert_eq!(mermaid.matches("[\"").count(), plan.len());
    let dot = draw::dot(&plan);
    assert_eq!(dot.matches(" -> ").count(), edges(&plan));
    assert_eq!(dot.matches("[label=").count(), plan.len());
    let svg = draw::svg(&plan);
    assert_eq!(svg.matches("marker-end").count(), edges(&plan));
    assert_eq!(svg.matches("<g>").count(), plan.len());
}

#[test]
fn a_condition_with_markup_is_escaped() {
    let mut model = model();
    model.group_bys[0].filter = Some(fixture::test(
        crate::functions::FunctionId::Less,
        vec![fixture::int_column(1), fixture::int(9)],
    ));
    let plan = optimize(lowered(&model));
    assert!(draw::svg(&plan).contains("amount &lt; 9"));
    assert!(draw::mermaid(&plan).contains("amount #lt; 9"));
}

#[test]
fn an_empty_plan_is_an_empty_picture() {
    let plan = Plan::new("empty");
    assert!(draw::svg(&plan).starts_with("<svg") && draw::svg(&plan).ends_with("</svg>\n"));
    assert_eq!(draw::mermaid(&plan), "flowchart TD\n");
}
