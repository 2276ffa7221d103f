//! Lowering, passes, fingerprints and lineage over small models built by hand.

mod draw;
mod fingerprint;
mod fixture;
mod lineage;
mod passes;

use super::*;
use fixture::{deployment, lowered, model};

fn names(plan: &Plan) -> Vec<&str> {
    plan.topological().into_iter().map(|id| plan.node(id).name.as_str()).collect()
}

fn find(plan: &Plan, name: &str) -> NodeId {
    let is_named = |id: &NodeId| plan.node(*id).name == name;
    plan.topological().into_iter().find(is_named).unwrap_or_else(|| panic!("no {name} in {:?}", names(plan)))
}

fn columns(plan: &Plan, name: &str) -> Vec<String> {
    plan.node(find(plan, name)).output.fields.iter().map(|field| field.name.clone()).collect()
}

#[test]
fn a_join_brings_what_it_uses_and_ids_follow_the_flow() {
    let plan = lowered(&model());
    assert_eq!(
        names(&plan),
        [
            "checkouts.source",
            "checkouts.decode",
            "checkouts.watermark",
            "purchases.source",
            "purchases.decode",
            "purchases.watermark",
            "user_spend.project",
            "user_spend.filter",
            "user_spend.key_by",
            "user_spend.aggregate",
            "checkout.join",
            "checkout.derive",
            "checkout.publish",
            "user_spend.publish",
        ]
    );
    let ids: Vec<_> = plan.topological().iter().map(|id| id.0 as usize).collect();
    assert_eq!(ids, (0..plan.len()).collect::<Vec<_>>());
}

#[test]
fn a_group_by_that_does_not_publish_feeds_its_join_only() {
    let mut model = model();
    model.group_bys[0].publish = None;
    assert!(!names(&lowered(&model)).contains(&"user_spend.publish"));
}

#[test]
fn join_columns_are_left_then_parts_then_derived_as_declared() {
    let plan = lowered(&model());
    assert_eq!(
        columns(&plan, "checkout.publish"),
        ["user_id", "ts", "checkout_id", "spend_amount_1h", "spend_txns_7d", "ratio", "half"]
    );
    let Operator::Derive { select, .. } = &plan.node(find(&plan, "checkout.derive")).operator else {
        panic!("not a derive")
    };
    assert_eq!(select, &[0, 1, 2, 3, 4, 6, 5]);
}

#[test]
fn a_join_key_that_may_be_null_makes_every_feature_nullable() {
    let nullable = |model: &crate::model::Model| {
        let plan = lowered(model);
        let id = find(&plan, "checkout.join");
        plan.node(id).output.fields[4].nullable
    };
    let mut model = model();
    assert!(!nullable(&model), "a count is never null");
    model.sources[1].fields[0].field.nullable = true;
    assert!(nullable(&model), "a null key part gives no count");
}

#[test]
fn state_is_kept_for_the_longest_window_and_the_latest_left_row() {
    let plan = lowered(&model());
    let Operator::WindowAggregate(aggregate) = &plan.node(find(&plan, "user_spend.aggregate")).operator
    else {
        panic!("not an aggregate")
    };
    assert_eq!((aggregate.reach_ms, aggregate.kept_ms), (7 * 86_400_000, 3_600_000));
}

#[test]
fn events_are_keyed_by_their_id_and_latest_rows_by_what_they_are_joined_on() {
    let keys = |model: &crate::model::Model| {
        let plan = lowered(model);
        let Operator::Publish(publish) = &plan.node(find(&plan, "checkout.publish")).operator else {
            panic!("not a publication")
        };
        publish.keys.clone()
    };
    let mut model = model();
    assert_eq!(keys(&model), [2]);
    model.joins[0].publish.as_mut().unwrap().mode = PublishMode::Latest;
    assert_eq!(keys(&model), [0]);
}

#[test]
fn a_let_that_uses_a_let_is_computed_after_it() {
    let mut model = model();
    fixture::add_let(&mut model, "twice", fixture::plus(fixture::int_column(5), fixture::int_column(5)));
    fixture::add_let(&mut model, "other", fixture::int_column(1));
    let plan = lowered(&model);
    assert_eq!(columns(&plan, "user_spend.filter")[5..], ["cents", "twice", "other"]);
    let text = text(&plan);
    assert!(text.contains("twice int? = cents + cents"), "{text}");
}

#[test]
fn brackets_keep_the_meaning_and_no_more() {
    use crate::functions::print;
    use crate::types::Schema;
    use fixture::{call, int};
    let minus = |a, b| call(crate::functions::FunctionId::Subtract, vec![a, b]);
    let check = |expr, expected| {
        assert_eq!(print::text(&expr, &Schema::default(), print::Detail::Typed), expected);
    };
    check(minus(minus(int(1), int(2)), int(3)), "1 - 2 - 3");
    check(minus(int(1), minus(int(2), int(3))), "1 - (2 - 3)");
    let times = |a, b| call(crate::functions::FunctionId::Multiply, vec![a, b]);
    check(times(minus(int(1), int(2)), int(3)), "(1 - 2) * 3");
    check(minus(int(1), times(int(2), int(3))), "1 - 2 * 3");
}

#[test]
fn the_deployment_names_the_plan() {
    assert_eq!(lower(&model(), &deployment()).deployment, "shop");
}
