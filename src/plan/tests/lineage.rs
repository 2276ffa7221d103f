//! Source fields behind each column.

use std::collections::BTreeSet;

use super::*;

fn check(column: &str, values: &str, decided_by: &str) {
    let plan = optimize(lowered(&model()));
    let lineage = super::super::lineage::of(&plan, find(&plan, "checkout.publish"));
    let found = lineage.into_iter().find(|lineage| lineage.column == column).unwrap();
    let text = |fields: BTreeSet<super::super::lineage::FieldRef>| {
        fields.iter().map(|f| format!("{}.{}", f.source, f.field)).collect::<Vec<_>>().join(" ")
    };
    assert_eq!((text(found.values), text(found.decided_by)), (values.to_owned(), decided_by.to_owned()));
}

#[test]
fn a_left_column_is_its_own_field() {
    check("user_id", "checkouts.user_id", "checkouts.ts");
}

#[test]
fn a_feature_is_made_of_its_input_and_decided_by_time_key_and_condition() {
    let decided = "checkouts.ts checkouts.user_id purchases.amount purchases.ts purchases.user_id";
    check("spend_amount_1h", "purchases.amount", decided);
    check("spend_txns_7d", "", decided);
}
