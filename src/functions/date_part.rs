//! Fields of the calendar and the clock. Without a zone they are those of UTC.

use jiff::civil;

use crate::types::{DataType, Date, Value};

use super::FunctionId;
use super::entry::{Entry, Evaluator, Example, Flink, Notation, Printed, Rule, Signature, Type, TypeError};
use super::parameter::{Takes, optional, required};
use super::zone::{self, ZONE};

const LOCAL: &str = "wr_local";

pub(super) static DATE_OF: Entry = Entry {
    id: FunctionId::DateOf,
    name: "date",
    notation: Notation::Call,
    parameters: &[required("time", Takes::Timestamp), optional("zone", ZONE)],
    rule: Rule::Of("date?", |arguments| {
        let targets = [DataType::Timestamp, DataType::String][..arguments.len()].to_vec();
        Ok(Signature { arguments: targets, result: DataType::Date, nullable: true })
    }),
    evaluator: Evaluator::Strict(|values, _| {
        zone::civil(values).and_then(|at| day_of(at.date())).map_or(Value::Null, Value::Date)
    }),
    flink: Flink::Build(|arguments, _| Ok(format!("CAST({} AS DATE)", flink_local(arguments)))),
    doc: "The day of an instant, in UTC or in a zone.",
    examples: &[
        Example::new(&["timestamp '2024-05-01T23:30:00Z'"], "date '2024-05-01'"),
        Example::new(&["timestamp '2024-05-01T23:30:00Z'", "'Europe/Berlin'"], "date '2024-05-02'"),
    ],
};

pub(super) static YEAR: Entry = Entry {
    id: FunctionId::Year,
    name: "year",
    notation: Notation::Call,
    parameters: &[required("time", Takes::TimestampOrDate), optional("zone", ZONE)],
    rule: Rule::Of("int?", part),
    evaluator: Evaluator::Strict(|values, _| int_of(values, |at| at.year().into())),
    flink: Flink::Build(|arguments, _| Ok(flink_part("year", arguments))),
    doc: "The year.",
    examples: &[
        Example::new(&["timestamp '2024-12-31T23:00:00Z'"], "2024"),
        Example::new(&["timestamp '2024-12-31T23:00:00Z'", "'Asia/Tokyo'"], "2025"),
        Example::new(&["date '1969-12-31'"], "1969"),
    ],
};

pub(super) static QUARTER: Entry = Entry {
    id: FunctionId::Quarter,
    name: "quarter",
    notation: Notation::Call,
    parameters: &[required("time", Takes::TimestampOrDate), optional("zone", ZONE)],
    rule: Rule::Of("int?", part),
    evaluator: Evaluator::Strict(|values, _| int_of(values, |at| ((at.month() - 1) / 3 + 1).into())),
    flink: Flink::Build(|arguments, _| Ok(flink_part("quarter", arguments))),
    doc: "The quarter, 1 to 4.",
    examples: &[
        Example::new(&["date '2024-05-01'"], "2"),
        Example::new(&["timestamp '2024-12-31T00:00:00Z'"], "4"),
    ],
};

pub(super) static MONTH: Entry = Entry {
    id: FunctionId::Month,
    name: "month",
    notation: Notation::Call,
    parameters: &[required("time", Takes::TimestampOrDate), optional("zone", ZONE)],
    rule: Rule::Of("int?", part),
    evaluator: Evaluator::Strict(|values, _| int_of(values, |at| at.month().into())),
    flink: Flink::Build(|arguments, _| Ok(flink_part("month", arguments))),
    doc: "The month, 1 to 12.",
    examples: &[
        Example::new(&["date '2024-05-01'"], "5"),
        Example::new(&["timestamp '1969-12-31T23:59:59.999Z'"], "12"),
    ],
};

pub(super) static WEEK: Entry = Entry {
    id: FunctionId::Week,
    name: "week",
    notation: Notation::Call,
    parameters: &[required("time", Takes::TimestampOrDate), optional("zone", ZONE)],
    rule: Rule::Of("int?", part),
    evaluator: Evaluator::Strict(|values, _| int_of(values, |at| at.date().iso_week_date().week().into())),
    flink: Flink::Build(|arguments, _| Ok(flink_part("week", arguments))),
    doc: "The week by ISO 8601, 1 to 53.",
    examples: &[
        Example::new(&["date '2024-12-30'"], "1"),
        Example::new(&["date '2021-01-03'"], "53"),
        Example::new(&["timestamp '2024-05-01T00:00:00Z'"], "18"),
    ],
};

pub(super) static DAY: Entry = Entry {
    id: FunctionId::Day,
    name: "day",
    notation: Notation::Call,
    parameters: &[required("time", Takes::TimestampOrDate), optional("zone", ZONE)],
    rule: Rule::Of("int?", part),
    evaluator: Evaluator::Strict(|values, _| int_of(values, |at| at.day().into())),
    flink: Flink::Build(|arguments, _| Ok(flink_part("day", arguments))),
    doc: "The day of the month.",
    examples: &[
        Example::new(&["date '2024-02-29'"], "29"),
        Example::new(&["timestamp '2024-05-01T23:30:00Z'", "'Europe/Berlin'"], "2"),
    ],
};

pub(super) static DAY_OF_WEEK: Entry = Entry {
    id: FunctionId::DayOfWeek,
    name: "day_of_week",
    notation: Notation::Call,
    parameters: &[required("time", Takes::TimestampOrDate), optional("zone", ZONE)],
    rule: Rule::Of("int?", part),
    evaluator: Evaluator::Strict(|values, _| int_of(values, |at| at.weekday().to_monday_one_offset().into())),
    flink: Flink::Build(|arguments, _| Ok(flink_part("day_of_week", arguments))),
    doc: "The day of the week: Monday is 1, Sunday 7.",
    examples: &[
        Example::new(&["date '2024-05-05'"], "7"),
        Example::new(&["timestamp '2024-05-06T00:00:00Z'"], "1"),
    ],
};

pub(super) static DAY_OF_YEAR: Entry = Entry {
    id: FunctionId::DayOfYear,
    name: "day_of_year",
    notation: Notation::Call,
    parameters: &[required("time", Takes::TimestampOrDate), optional("zone", ZONE)],
    rule: Rule::Of("int?", part),
    evaluator: Evaluator::Strict(|values, _| int_of(values, |at| at.day_of_year().into())),
    flink: Flink::Build(|arguments, _| Ok(flink_part("day_of_year", arguments))),
    doc: "The day of the year, from 1.",
    examples: &[
        Example::new(&["date '2024-12-31'"], "366"),
        Example::new(&["timestamp '2023-01-01T00:00:00Z'"], "1"),
    ],
};

pub(super) static HOUR: Entry = Entry {
    id: FunctionId::Hour,
    name: "hour",
    notation: Notation::Call,
    parameters: &[required("time", Takes::Timestamp), optional("zone", ZONE)],
    rule: Rule::Of("int?", part),
    evaluator: Evaluator::Strict(|values, _| int_of(values, |at| at.hour().into())),
    flink: Flink::Build(|arguments, _| Ok(flink_part("hour", arguments))),
    doc: "The hour, 0 to 23.",
    examples: &[
        Example::new(&["timestamp '2024-05-01T23:30:00Z'"], "23"),
        Example::new(&["timestamp '2024-05-01T23:30:00Z'", "'America/New_York'"], "19"),
        Example::new(&["timestamp '1969-12-31T23:59:59.999Z'"], "23"),
    ],
};

pub(super) static MINUTE: Entry = Entry {
    id: FunctionId::Minute,
    name: "minute",
    notation: Notation::Call,
    parameters: &[required("time", Takes::Timestamp), optional("zone", ZONE)],
    rule: Rule::Of("int?", part),
    evaluator: Evaluator::Strict(|values, _| int_of(values, |at| at.minute().into())),
    flink: Flink::Build(|arguments, _| Ok(flink_part("minute", arguments))),
    doc: "The minute, 0 to 59.",
    examples: &[
        Example::new(&["timestamp '2024-05-01T23:30:00Z'"], "30"),
        Example::new(&["timestamp '2024-05-01T23:30:00Z'", "'Asia/Kolkata'"], "0"),
    ],
};

pub(super) static SECOND: Entry = Entry {
    id: FunctionId::Second,
    name: "second",
    notation: Notation::Call,
    parameters: &[required("time", Takes::Timestamp), optional("zone", ZONE)],
    rule: Rule::Of("int?", part),
    evaluator: Evaluator::Strict(|values, _| int_of(values, |at| at.second().into())),
    flink: Flink::Build(|arguments, _| Ok(flink_part("second", arguments))),
    doc: "The second, 0 to 59.",
    examples: &[
        Example::new(&["timestamp '2024-05-01T23:30:05.250Z'"], "5"),
        Example::new(&["timestamp '1969-12-31T23:59:59.999Z'"], "59"),
    ],
};

pub(super) static MILLISECOND: Entry = Entry {
    id: FunctionId::Millisecond,
    name: "millisecond",
    notation: Notation::Call,
    parameters: &[required("time", Takes::Timestamp), optional("zone", ZONE)],
    rule: Rule::Of("int?", part),
    evaluator: Evaluator::Strict(|values, _| int_of(values, |at| at.millisecond().into())),
    flink: Flink::Build(|arguments, _| Ok(flink_part("millisecond", arguments))),
    doc: "The millisecond of the second, 0 to 999.",
    examples: &[
        Example::new(&["timestamp '2024-05-01T23:30:05.250Z'"], "250"),
        Example::new(&["timestamp '1969-12-31T23:59:59.999Z'"], "999"),
    ],
};

/// A date has no zone; an instant may be outside of the calendar.
fn part(arguments: &[Type]) -> Result<Signature, TypeError> {
    let time = arguments[0].data_type.unwrap_or(DataType::Timestamp);
    if time == DataType::Date && arguments.len() > 1 {
        let expected = "a timestamp, where a zone is given";
        return Err(TypeError::Argument { position: 0, expected, found: time });
    }
    let targets = [time, DataType::String][..arguments.len()].to_vec();
    let nullable = time == DataType::Timestamp || arguments[0].nullable;
    Ok(Signature { arguments: targets, result: DataType::Int, nullable })
}

fn int_of(values: &[&Value], part: fn(civil::DateTime) -> i64) -> Value {
    zone::civil(values).map_or(Value::Null, |at| Value::Int(part(at)))
}

pub(super) fn day_of(date: civil::Date) -> Option<Date> {
    Date::from_ymd(date.year().into(), date.month().into(), date.day().into())
}

/// A function of the bundle's own, of which a bundle has one for each zone that it names: the JVM's tables
/// of zones are others. `name`: a literal; none is UTC.
pub(super) fn flink_zoned(function: &str, name: Option<&Printed>) -> String {
    match name.map(|name| &name.expr.kind) {
        Some(super::ExprKind::Literal(Value::String(zone))) if &**zone != zone::UTC => {
            format!("`{function}:{zone}`")
        }
        _ => format!("`{function}`"),
    }
}

/// The instant at which clocks in UTC show what those of the zone show, if there is a zone.
pub(super) fn flink_local(arguments: &[Printed]) -> String {
    let (time, function) = (&arguments[0].sql, flink_zoned(LOCAL, arguments.get(1)));
    if function.contains(':') { format!("{function}({time})") } else { time.clone() }
}

/// Flink's EXTRACT goes wrong before 1970.
fn flink_part(name: &str, arguments: &[Printed]) -> String {
    format!("{}('{name}', {})", flink_zoned("wr_part", arguments.get(1)), arguments[0].sql)
}
