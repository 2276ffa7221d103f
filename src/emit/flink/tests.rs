//! Names and lengths of time as a bundle spells them.

use super::names::class;
use super::sources::interval;

#[test]
fn classes_are_java_names_whatever_the_definition_is_called() {
    let classes = ["user_spend", "window", "_", "_1", "a__b", "userSpend"].map(|name| class(name, "Node"));
    assert_eq!(classes, ["UserSpendNode", "WindowNode", "_Node", "_1Node", "ABNode", "UserSpendNode"]);
}

#[test]
fn intervals_have_days_and_milliseconds() {
    assert_eq!(interval(0), "0 00:00:00.000");
    assert_eq!(interval(999 * 86_400_000 + 86_399_999), "999 23:59:59.999");
    assert_eq!(interval(10_000), "0 00:00:10.000");
}

#[test]
fn the_manifest_and_the_requirements_name_one_version_of_flink() {
    let requirements = include_str!("../../../templates/flink/requirements.txt");
    assert_eq!(requirements.trim().replace("apache-flink==", "flink "), super::TARGET);
}
