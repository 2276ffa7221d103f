//! The kinds of mistakes that `windrow check` must find at least, each with the cases that show it: what a
//! reviewer who seeds mistakes would try. That each case says so at its place is tested in `model.rs` and
//! `syntax.rs`, how it reads in `diagnostics.rs`.

use std::collections::BTreeSet;

use crate::support::binary::windrow;
use crate::support::root;

/// What somebody did wrong, the code that says so, and where it is shown.
const MISTAKES: &[(&str, &str, &str)] = &[
    ("an unknown source or stream", "E0201", "E0201_unknown_source.wr"),
    ("a table where events belong", "E0201", "E0201_a_table_is_looked_up.wr"),
    ("an unknown group by", "E0202", "E0202_unknown_group_by.wr"),
    ("an unknown table", "E0507", "E0507_unknown_table.wr"),
    ("an unknown column", "E0203", "E0203_unknown_column.wr"),
    ("an unknown column of a table", "E0203", "E0203_columns_of_a_table.wr"),
    ("an unknown column of a join's part", "E0203", "E0203_of_a_join.wr"),
    ("an unknown function", "E0204", "E0204_unknown_function.wr"),
    ("an unknown type", "E0205", "E0205_unknown_type.wr"),
    ("an unknown field as event time or key", "E0206", "E0206_key_of_a_table.wr"),
    ("an unknown format", "E0210", "E0210_unknown_format.wr"),
    ("an unknown owner", "E0211", "E0211_unknown_owner"),
    ("an unknown aggregate", "E0401", "E0401_unknown_aggregate.wr"),
    ("an unknown definition in a deployment", "E0605", "E0605_unknown_definition"),
    ("an unknown group of clusters", "E0705", "E0705_no_such_group"),
    ("a name that could be two columns", "E0226", "E0226_a_name_for_two_things.wr"),
    ("types that do not meet in an expression", "E0301", "E0301_in_every_place.wr"),
    ("no condition in a `where`", "E0303", "E0303_not_a_condition.wr"),
    ("an impossible cast", "E0305", "E0305_no_such_cast.wr"),
    ("an aggregate of the wrong type", "E0411", "E0411_type_of_an_aggregate.wr"),
    ("an aggregate of elements of the wrong type", "E0411", "E0411_elements_of_lists_and_maps.wr"),
    ("a key of the wrong type", "E0403", "E0403_key_types.wr"),
    ("a bucket of the wrong type", "E0417", "E0417_not_a_bucket.wr"),
    ("a default of the wrong type", "E0418", "E0418_not_a_default.wr"),
    ("a join key of another type", "E0503", "E0503_key_of_another_type.wr"),
    ("a lookup key of another type", "E0503", "E0503_key_of_a_table.wr"),
    ("an aggregate where a scalar belongs", "E0308", "E0308_aggregate_as_scalar.wr"),
    ("a scalar where an aggregate belongs", "E0402", "E0402_scalar_as_aggregate.wr"),
    ("`==`, `!=`, `&&` in an expression", "E0108", "E0108_not_sql.wr"),
    ("no event time", "E0209", "E0209_missing_clauses.wr"),
    ("an event time that a select loses", "E0217", "E0217_event_time_is_lost.wr"),
    ("a function of q in a group by", "E0320", "E0320_no_as_of_time.wr"),
    ("a window of 0", "E0405", "E0405_empty_window.wr"),
    ("a negative window, or no duration at all", "E0111", "E0111_durations.wr"),
    ("a window that overflows", "E0406", "E0406_too_long.wr"),
    ("a hop longer than a twelfth", "E0410", "E0410_hop_too_long.wr"),
    ("k of 0, negative, a fraction, a column", "E0415", "E0415_length_of_a_list.wr"),
    ("a percentile outside of 0 to 1", "E0416", "E0416_fraction_of_a_percentile.wr"),
    ("one aggregation twice", "W0401", "W0401_one_aggregation_two_names.wr"),
    ("one window twice", "E0407", "E0407_one_window_twice.wr"),
    ("two outputs of one name", "E0208", "E0208_outputs_of_a_join.wr"),
    ("two definitions of one name, or but for case", "E0207", "E0207_defined_twice.wr"),
    ("names that a target cannot tell apart", "E0227", "E0227_names_that_targets_cannot_tell_apart.wr"),
    ("one group by joined twice", "E0504", "E0504_twice_without_alias.wr"),
    ("an alias like a left column", "E0505", "E0505_alias_like_a_left_column.wr"),
    ("a mapping to something that is no key", "E0502", "E0502_not_a_key.wr"),
    ("a key that nothing is mapped to", "E0501", "E0501_key_not_mapped.wr"),
    ("a join key that the left has not", "E0203", "E0203_of_a_join.wr"),
    ("lets in a circle", "E0312", "E0312_circle.wr"),
    ("constants in a circle", "E0312", "E0312_constants_in_a_circle.wr"),
    ("streams in a circle", "E0225", "E0225_streams_in_a_circle.wr"),
    ("a union of different shapes", "E0218", "E0218_shapes_differ.wr"),
    ("an exact window longer than the retention", "E0408", "E0408_longer_than_the_retention.wr"),
    ("a lifetime that is not said", "E0404", "E0404_a_lifetime_is_said.wr"),
    ("a deployment that names nothing", "E0604", "E0604_empty_deployment"),
    ("an unused definition", "W0601", "W0601_unused_tables_and_streams"),
    ("a loop through a topic", "E0606", "E0606_loops"),
    ("two publishers of one topic", "E0601", "E0601_two_publishers.wr"),
    ("no documentation where it is required", "E0213", "E0213_required"),
    ("no owner where one is required", "E0214", "E0214_required"),
    ("a schema file that does not fit", "E0221", "E0221_not_the_avro_schema"),
    ("a deprecated definition that is used", "W0202", "W0202_deprecated.wr"),
    ("an unused constant", "W0601", "W0601_unused_constants"),
    ("a default of the project that is none", "E0405", "E0405_defaults_of_the_project"),
    ("`count(*)`, intervals, `select distinct`", "E0107", "E0107_habits_of_other_sql.wr"),
    ("an operator or a comment of another SQL", "E0108", "E0108_words_of_other_sql.wr"),
    ("`group by`, `having`, `filter`, `as`", "E0106", "E0106_habits_of_other_sql.wr"),
    ("a duration that is spelt out", "E0111", "E0111_spelt_out.wr"),
    ("a comment of another language", "E0101", "E0101_comments_of_other_languages.wr"),
    ("the clock in a feature", "E0204", "E0204_functions_of_other_sql.wr"),
    ("a number or an instant in quotes", "E0301", "E0301_meant_otherwise.wr"),
    ("the element 0 of a list", "E0321", "E0321_no_such_element.wr"),
    ("an aggregate of another SQL", "E0401", "E0401_of_other_sql.wr"),
    ("a tab in YAML", "E0120", "E0120_tab_before_a_key.yaml"),
    ("a colon in a text of YAML", "E0120", "E0120_colon_in_a_text.yaml"),
    ("quotes around a part of a text of YAML", "E0120", "E0120_quotes_of_a_part.yaml"),
    ("a list where YAML has a map", "E0121", "E0121_habits_of_other_yaml.yaml"),
    ("null in a type, as others write it", "E0107", "E0107_types_of_other_yaml.yaml"),
];

#[test]
fn every_kind_of_mistake_is_found_with_a_place_and_a_way_out() {
    let mut lost = Vec::new();
    for (mistake, code, case) in MISTAKES {
        let path = format!("tests/cases/diagnostics/{case}");
        assert!(root().join(&path).exists(), "{mistake}: {path} has gone");
        let run = windrow(&["check", "--format", "json", &path]);
        let problems: serde_json::Value = serde_json::from_str(&run.stdout).expect("an array of objects");
        let is_it = |problem: &&serde_json::Value| problem["code"] == *code;
        let found = problems.as_array().into_iter().flatten().find(is_it);
        let is_helpful = |problem: &serde_json::Value| {
            problem["line"].as_u64() > Some(1)
                && problem["hint"].as_str().is_some_and(|hint| !hint.is_empty())
        };
        if !found.is_some_and(is_helpful) {
            lost.push(format!("{mistake}: {code} in {case}"));
        }
    }
    assert!(lost.is_empty(), "{lost:#?}");
    let kinds: BTreeSet<_> = MISTAKES.iter().map(|(mistake, ..)| mistake).collect();
    assert!(kinds.len() == MISTAKES.len() && kinds.len() >= 45, "{} kinds", kinds.len());
}
