//! What changes a fingerprint and what leaves it.

use super::fixture::{int, int_column, plus};
use super::*;
use crate::model::{Model, Tail, Window};

/// Definition and fingerprint of each publication.
pub(super) fn published(plan: &Plan) -> Vec<(String, String)> {
    let node = |id: NodeId| plan.node(id);
    let is_publication = |id: &NodeId| matches!(node(*id).operator, Operator::Publish(_));
    let ids = plan.topological().into_iter().filter(is_publication);
    ids.map(|id| (node(id).definition.clone(), node(id).fingerprint.clone())).collect()
}

/// What is changed, and the change.
type Change = (&'static str, fn(&mut Model));

fn fingerprint_after(change: impl FnOnce(&mut Model)) -> String {
    let mut model = model();
    change(&mut model);
    super::super::fingerprint::of_plan(&optimize(lowered(&model)))
}

fn unchanged() -> String {
    fingerprint_after(|_| {})
}

#[test]
fn it_is_sixteen_bytes_in_hex() {
    assert_eq!(unchanged().len(), 32);
    assert!(unchanged().chars().all(|c| c.is_ascii_hexdigit()));
}

#[test]
fn names_docs_owners_and_retention_leave_it() {
    let leaves: [Change; 8] = [
        ("a source's name", |m| m.sources[0].name = "payments".into()),
        ("a group by's name", |m| m.group_bys[0].name = "spend".into()),
        ("a let's name", |m| m.group_bys[0].lets[0].name = "pennies".into()),
        ("a field's name, the wire name kept", |m| m.sources[0].fields[1].field.name = "paid".into()),
        ("a doc", |m| m.group_bys[0].about.doc = Some("new words".into())),
        ("an owner", |m| m.sources[0].about.owner = Some("risk".into())),
        ("retention", |m| m.sources[0].retention_ms = 1),
        ("the place in the file", |m| m.group_bys[0].span.start = 7),
    ];
    for (what, change) in leaves {
        assert_eq!(fingerprint_after(change), unchanged(), "{what}");
    }
}

#[test]
fn the_order_of_aggregates_and_of_derived_columns_leaves_it() {
    let swapped = fingerprint_after(|m| {
        m.joins[0].derived_order.reverse();
    });
    assert_eq!(swapped, unchanged());
    let mut reordered = model();
    reordered.joins.clear();
    let mut alone = deployment();
    alone.joins.clear();
    alone.group_bys = vec![crate::model::GroupById(0)];
    let before = published(&lower(&reordered, &alone));
    reordered.group_bys[0].aggregates.reverse();
    assert_eq!(published(&lower(&reordered, &alone)), before);
}

#[test]
fn every_change_of_meaning_changes_it() {
    let changes: [Change; 17] = [
        ("the topic", |m| m.sources[0].topic = "shop.refunds".into()),
        ("the wire name", |m| m.sources[0].fields[1].wire_name = "paid".into()),
        ("a field nobody reads", |m| m.sources[0].fields[4].field.nullable = true),
        ("disorder", |m| m.sources[0].disorder_ms += 1),
        ("ahead", |m| m.sources[0].ahead_ms += 1),
        ("the event id", |m| m.sources[0].event_id = None),
        ("the event time", |m| m.sources[1].event_time = 0),
        ("a let", |m| m.group_bys[0].lets[0].expr = plus(int_column(1), int(2))),
        ("the condition", |m| m.group_bys[0].filter = None),
        ("the key", |m| m.group_bys[0].keys = vec![3]),
        ("the window", |m| window(m).size_ms += 1),
        ("the tail", |m| window(m).tail = Tail::Hop { hop_ms: 1 }),
        ("the aggregate", |m| m.group_bys[0].aggregates[0].kind = crate::aggregates::Kind::Min),
        ("the aggregate's input", |m| m.group_bys[0].aggregates[0].input = Some(int_column(1))),
        ("how late a left row may be", |m| m.joins[0].left_late_ms += 1),
        ("a derived column", |m| m.joins[0].derived[0].expr = int(1)),
        ("a published name", |m| m.joins[0].derived[0].name = "other".into()),
    ];
    for (what, change) in changes {
        assert_ne!(fingerprint_after(change), unchanged(), "{what}");
    }
}

#[test]
fn subtraction_is_not_turned_round() {
    let minus = |a, b| super::fixture::call(crate::functions::FunctionId::Subtract, vec![a, b]);
    let one = fingerprint_after(|m| m.group_bys[0].lets[0].expr = minus(int_column(1), int(7)));
    let other = fingerprint_after(|m| m.group_bys[0].lets[0].expr = minus(int(7), int_column(1)));
    assert_ne!(one, other);
}

fn window(model: &mut Model) -> &mut Window {
    model.group_bys[0].aggregates[0].window.as_mut().expect("a window")
}
