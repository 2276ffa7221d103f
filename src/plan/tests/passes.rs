//! Each pass: what it does, and what it must leave alone.

use super::fixture::{add_let, boolean, int, int_column, plus, test};
use super::*;
use crate::functions::{FunctionId, print};
use crate::model::{GroupById, JoinId, Model};

fn pass(name: &str, plan: &Plan) -> Plan {
    let (_, pass) = PASSES.into_iter().find(|(pass, _)| *pass == name).unwrap();
    renumber(&pass(plan))
}

fn predicate(plan: &Plan, name: &str) -> String {
    let id = find(plan, name);
    let Operator::Filter { predicate } = &plan.node(id).operator else { panic!("not a filter") };
    print::text(predicate, &plan.node(id).output, print::Detail::Typed)
}

#[test]
fn the_side_of_a_condition_that_uses_no_let_moves_above_the_lets() {
    let plan = pass("predicate_pushdown", &lowered(&model()));
    assert_eq!(predicate(&plan, "user_spend.filter"), "amount > 0");
    assert_eq!(predicate(&plan, "user_spend.project_filter"), "cents > 5");
    let project = find(&plan, "user_spend.project");
    assert_eq!(plan.inputs(project), [find(&plan, "user_spend.filter")]);
    assert_eq!(plan.inputs(find(&plan, "user_spend.filter")), [find(&plan, "purchases.watermark")]);
}

#[test]
fn a_condition_moves_above_several_levels_of_lets() {
    let mut model = model();
    add_let(&mut model, "twice", plus(int_column(5), int_column(5)));
    let plan = pass("predicate_pushdown", &lowered(&model));
    assert_eq!(plan.inputs(find(&plan, "user_spend.filter")), [find(&plan, "purchases.watermark")]);
    assert_eq!(plan.inputs(find(&plan, "user_spend.project_filter")), [find(&plan, "user_spend.project")]);
}

#[test]
fn constants_fold_and_a_condition_that_always_holds_is_gone() {
    let mut model = model();
    let holds = test(FunctionId::Greater, vec![plus(int(1), int(2)), int(2)]);
    model.group_bys[0].filter = Some(test(FunctionId::Or, vec![boolean(false), holds]));
    let plan = pass("constant_folding", &lowered(&model));
    assert!(!names(&plan).contains(&"user_spend.filter"));

    model.group_bys[0].filter = Some(test(FunctionId::Greater, vec![int_column(1), plus(int(1), int(2))]));
    let plan = pass("constant_folding", &lowered(&model));
    assert_eq!(predicate(&plan, "user_spend.filter"), "amount > 3");
}

#[test]
fn a_condition_that_never_holds_stays() {
    let mut model = model();
    model.group_bys[0].filter = Some(boolean(false));
    assert_eq!(predicate(&pass("constant_folding", &lowered(&model)), "user_spend.filter"), "false");
}

/// The model with a second group by, `twin`, that differs in one aggregate.
fn with_twin() -> Model {
    let mut model = model();
    let mut twin = model.group_bys[0].clone();
    twin.name = "twin".into();
    twin.lets[0].name = "same_by_another_name".into();
    twin.aggregates.truncate(1);
    model.group_bys.push(twin);
    model
}

fn with_twin_lowered() -> Plan {
    let mut deployment = deployment();
    deployment.group_bys = vec![GroupById(0), GroupById(1)];
    deployment.joins = vec![JoinId(0)];
    lower(&with_twin(), &deployment)
}

#[test]
fn equal_chains_are_shared_up_to_where_they_differ() {
    let plan = pass("sharing", &with_twin_lowered());
    let shared: Vec<_> = names(&plan).into_iter().filter(|name| name.ends_with("key_by")).collect();
    assert_eq!(shared, ["twin.key_by"]);
    let aggregates = plan.outputs(find(&plan, "twin.key_by"));
    assert_eq!(aggregates.len(), 2);
}

#[test]
fn sharing_keeps_names_that_are_published() {
    let plan = optimize(with_twin_lowered());
    assert_eq!(columns(&plan, "twin.publish"), ["user_id", "amount_1h"]);
    assert_eq!(columns(&plan, "user_spend.publish"), ["user_id", "amount_1h", "txns_7d"]);
}

#[test]
fn a_field_that_nobody_reads_is_checked_but_not_kept() {
    let plan = pass("column_pruning", &lowered(&model()));
    assert_eq!(columns(&plan, "purchases.decode"), ["user_id", "amount", "ts", "id"]);
    let Operator::Decode(decode) = &plan.node(find(&plan, "purchases.decode")).operator else {
        panic!("not a decode")
    };
    let slots: Vec<_> = decode.fields.iter().map(|field| field.slot).collect();
    assert_eq!(slots, [Some(0), Some(1), Some(2), Some(3), None]);
}

#[test]
fn slots_follow_the_columns_that_are_left() {
    let plan = pass("column_pruning", &lowered(&model()));
    let text = text(&plan);
    assert!(text.contains("amount_1h int? = sum(cents) over 1h tail exact refresh 1m"), "{text}");
    assert!(text.contains("key user_id\n  event time ts\n  event id id"), "{text}");
}

#[test]
fn a_let_that_nobody_reads_is_not_computed() {
    let mut model = model();
    model.group_bys[0].filter = None;
    model.group_bys[0].aggregates.remove(0);
    model.joins.clear();
    let mut deployment = deployment();
    deployment.joins.clear();
    deployment.group_bys = vec![GroupById(0)];
    let plan = pass("column_pruning", &lower(&model, &deployment));
    assert!(!names(&plan).contains(&"user_spend.project"));
}

#[test]
fn no_pass_changes_what_is_published() {
    let before = with_twin_lowered();
    for (name, _) in PASSES {
        let plan = pass(name, &before);
        assert_eq!(super::fingerprint::published(&plan), super::fingerprint::published(&before), "{name}");
    }
    assert_eq!(
        super::fingerprint::published(&optimize(before.clone())),
        super::fingerprint::published(&before)
    );
}

#[test]
fn optimizing_twice_changes_nothing() {
    let once = optimize(with_twin_lowered());
    assert_eq!(text(&optimize(once.clone())), text(&once));
}
