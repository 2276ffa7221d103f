//! Calculating with days and instants. Months keep the day of the month where there is one, else
//! they end with the month.

use jiff::Span;
use jiff::civil;

use crate::types::{DataType, Date, EventTime, Value};

use super::date_part::{day_of, flink_zoned};
use super::entry::{
    Entry, Evaluator, Example, Flink, NoForm, Notation, Printed, Rule, Signature, Type, TypeError,
};
use super::parameter::{LiteralText, Takes, optional, required};
use super::zone::{self, ZONE};
use super::{ExprKind, FunctionId};

const DAY_UNIT: Takes = Takes::LiteralText(&LiteralText {
    what: "a unit of the calendar",
    check: |text| {
        days_and_months(text).map(|_| ()).ok_or_else(|| unknown(text, "day, week, month, quarter, year"))
    },
});
const TRUNC_UNIT: Takes = Takes::LiteralText(&LiteralText {
    what: "a unit of time",
    check: |text| {
        let known = days_and_months(text).is_some() || ["second", "minute", "hour"].contains(&text);
        known
            .then_some(())
            .ok_or_else(|| unknown(text, "second, minute, hour, day, week, month, quarter, year"))
    },
});
const CLOCK_UNIT: Takes = Takes::LiteralText(&LiteralText {
    what: "a unit of time",
    check: |text| unit_ms(text).map(|_| ()).ok_or_else(|| unknown(text, "ms, s, min, h, d")),
});

pub(super) static DATE_TRUNC: Entry = Entry {
    id: FunctionId::DateTrunc,
    name: "date_trunc",
    notation: Notation::Call,
    parameters: &[
        required("unit", TRUNC_UNIT),
        required("time", Takes::TimestampOrDate),
        optional("zone", ZONE),
    ],
    rule: Rule::Of("type of time?", truncation),
    evaluator: Evaluator::Strict(|values, _| truncated(values)),
    flink: Flink::Build(|arguments, _| Ok(flink_truncation(arguments))),
    doc: "The beginning of the second, minute, hour, day, week (its Monday), month, quarter or year.",
    examples: &[
        Example::new(
            &["'hour'", "timestamp '2024-05-01T23:30:05.250Z'"],
            "timestamp '2024-05-01T23:00:00.000Z'",
        ),
        Example::new(&["'day'", "timestamp '1969-12-31T23:30:00Z'"], "timestamp '1969-12-31T00:00:00.000Z'"),
        Example::new(&["'month'", "date '2024-05-17'"], "date '2024-05-01'"),
        Example::new(&["'week'", "date '2024-05-05'"], "date '2024-04-29'"),
        Example::new(
            &["'quarter'", "timestamp '2024-05-17T01:00:00Z'"],
            "timestamp '2024-04-01T00:00:00.000Z'",
        ),
        Example::new(
            &["'day'", "timestamp '2024-05-01T23:30:00Z'", "'Europe/Berlin'"],
            "timestamp '2024-05-01T22:00:00.000Z'",
        ),
    ],
};

pub(super) static DATE_ADD: Entry = Entry {
    id: FunctionId::DateAdd,
    name: "date_add",
    notation: Notation::Call,
    parameters: &[required("day", Takes::Date), required("count", Takes::Int), optional("unit", DAY_UNIT)],
    rule: Rule::Partial(DataType::Date),
    evaluator: Evaluator::Strict(|values, _| shifted_day(values, 1)),
    flink: Flink::Refused("what it does beyond its calendar would have to be shown equal"),
    doc: "The day so many days, or weeks, months, quarters, years, later; null outside the calendar.",
    examples: &[
        Example::new(&["date '2024-01-31'", "1"], "date '2024-02-01'"),
        Example::new(&["date '2024-01-31'", "1", "'month'"], "date '2024-02-29'"),
        Example::new(&["date '2024-05-01'", "-1", "'year'"], "date '2023-05-01'"),
        Example::new(&["date '2024-05-01'", "9223372036854775807"], "null"),
    ],
};

pub(super) static DATE_SUB: Entry = Entry {
    id: FunctionId::DateSub,
    name: "date_sub",
    notation: Notation::Call,
    parameters: &[required("day", Takes::Date), required("count", Takes::Int), optional("unit", DAY_UNIT)],
    rule: Rule::Partial(DataType::Date),
    evaluator: Evaluator::Strict(|values, _| shifted_day(values, -1)),
    flink: Flink::Refused("what it does beyond its calendar would have to be shown equal"),
    doc: "The day so many days, or weeks, months, quarters, years, earlier; null outside the calendar.",
    examples: &[
        Example::new(&["date '2024-03-01'", "1"], "date '2024-02-29'"),
        Example::new(&["date '2024-03-31'", "1", "'month'"], "date '2024-02-29'"),
    ],
};

pub(super) static DATE_DIFF: Entry = Entry {
    id: FunctionId::DateDiff,
    name: "date_diff",
    notation: Notation::Call,
    parameters: &[required("end", Takes::Date), required("start", Takes::Date)],
    rule: Rule::Total(DataType::Int),
    evaluator: Evaluator::Binary(|end, start, _| match (end, start) {
        (Value::Date(end), Value::Date(start)) => Value::Int(i64::from(end.days()) - i64::from(start.days())),
        _ => Value::Null,
    }),
    flink: Flink::Template("CAST(TIMESTAMPDIFF(DAY, {1}, {0}) AS BIGINT)"),
    doc: "The number of days from the start to the end.",
    examples: &[
        Example::new(&["date '2024-03-01'", "date '2024-02-01'"], "29"),
        Example::new(&["date '2024-02-01'", "date '2024-03-01'"], "-29"),
    ],
};

pub(super) static MAKE_DATE: Entry = Entry {
    id: FunctionId::MakeDate,
    name: "make_date",
    notation: Notation::Call,
    parameters: &[required("year", Takes::Int), required("month", Takes::Int), required("day", Takes::Int)],
    rule: Rule::Partial(DataType::Date),
    evaluator: Evaluator::Strict(|values, _| match values {
        [Value::Int(year), Value::Int(month), Value::Int(day)] => {
            Date::from_ymd(*year, *month, *day).map_or(Value::Null, Value::Date)
        }
        _ => Value::Null,
    }),
    flink: Flink::Refused("Flink SQL has no such function"),
    doc: "That day; null if the calendar has it not.",
    examples: &[
        Example::new(&["2024", "2", "29"], "date '2024-02-29'"),
        Example::new(&["2023", "2", "29"], "null"),
    ],
};

pub(super) static LAST_DAY: Entry = Entry {
    id: FunctionId::LastDay,
    name: "last_day",
    notation: Notation::Call,
    parameters: &[required("day", Takes::Date)],
    rule: Rule::Total(DataType::Date),
    evaluator: Evaluator::Unary(|day, _| match day {
        Value::Date(day) => month_end(*day).map_or(Value::Null, Value::Date),
        _ => Value::Null,
    }),
    flink: Flink::Refused("Flink SQL has no such function"),
    doc: "The last day of the month.",
    examples: &[
        Example::new(&["date '2024-02-01'"], "date '2024-02-29'"),
        Example::new(&["date '2023-12-31'"], "date '2023-12-31'"),
    ],
};

pub(super) static TIMESTAMP_ADD: Entry = Entry {
    id: FunctionId::TimestampAdd,
    name: "timestamp_add",
    notation: Notation::Call,
    parameters: &[
        required("time", Takes::Timestamp),
        required("count", Takes::Int),
        required("unit", CLOCK_UNIT),
    ],
    rule: Rule::Partial(DataType::Timestamp),
    evaluator: Evaluator::Strict(|values, _| match values {
        [Value::Timestamp(time), Value::Int(count), Value::String(unit)] => moved(*time, *count, unit),
        _ => Value::Null,
    }),
    flink: Flink::Build(|arguments, _| flink_add(arguments)),
    doc: "The instant so many units (`ms`, `s`, `min`, `h`, `d` of 24 hours) later; null if no instant is that late.",
    examples: &[
        Example::new(
            &["timestamp '2024-05-01T00:00:00Z'", "90", "'s'"],
            "timestamp '2024-05-01T00:01:30.000Z'",
        ),
        Example::new(
            &["timestamp '2024-05-01T00:00:00Z'", "-1", "'d'"],
            "timestamp '2024-04-30T00:00:00.000Z'",
        ),
        Example::new(&["timestamp '2024-05-01T00:00:00Z'", "9223372036854775807", "'d'"], "null"),
    ],
};

pub(super) static TIMESTAMP_DIFF: Entry = Entry {
    id: FunctionId::TimestampDiff,
    name: "timestamp_diff",
    notation: Notation::Call,
    parameters: &[
        required("end", Takes::Timestamp),
        required("start", Takes::Timestamp),
        required("unit", CLOCK_UNIT),
    ],
    rule: Rule::Partial(DataType::Int),
    evaluator: Evaluator::Strict(|values, _| match values {
        [Value::Timestamp(end), Value::Timestamp(start), Value::String(unit)] => {
            whole_units(*end, *start, unit)
        }
        _ => Value::Null,
    }),
    flink: Flink::Build(|arguments, _| Ok(flink_diff(arguments))),
    doc: "The whole units (`ms`, `s`, `min`, `h`, `d`) from the start to the end.",
    examples: &[
        Example::new(
            &["timestamp '2024-05-01T00:01:30.999Z'", "timestamp '2024-05-01T00:00:00Z'", "'s'"],
            "90",
        ),
        Example::new(
            &["timestamp '2024-05-01T00:00:00Z'", "timestamp '2024-05-01T00:01:30.999Z'", "'s'"],
            "-90",
        ),
        Example::new(&["timestamp '2024-05-02T00:00:00Z'", "timestamp '2024-05-01T00:00:00Z'", "'h'"], "24"),
    ],
};

pub(super) static FROM_UNIX_MS: Entry = Entry {
    id: FunctionId::FromUnixMs,
    name: "from_unix_ms",
    notation: Notation::Call,
    parameters: &[required("ms", Takes::Int)],
    rule: Rule::Total(DataType::Timestamp),
    evaluator: Evaluator::Unary(|value, _| match value {
        Value::Int(ms) => Value::Timestamp(EventTime(*ms)),
        _ => Value::Null,
    }),
    flink: Flink::Template("TO_TIMESTAMP_LTZ({0}, 3)"),
    doc: "The instant so many milliseconds after 1970-01-01 UTC.",
    examples: &[
        Example::new(&["1714521601000"], "timestamp '2024-05-01T00:00:01.000Z'"),
        Example::new(&["-1"], "timestamp '1969-12-31T23:59:59.999Z'"),
    ],
};

pub(super) static FROM_UNIX_S: Entry = Entry {
    id: FunctionId::FromUnixS,
    name: "from_unix_s",
    notation: Notation::Call,
    parameters: &[required("s", Takes::Int)],
    rule: Rule::Partial(DataType::Timestamp),
    evaluator: Evaluator::Unary(|value, _| match value {
        Value::Int(s) => s.checked_mul(1_000).map_or(Value::Null, |ms| Value::Timestamp(EventTime(ms))),
        _ => Value::Null,
    }),
    flink: Flink::Template("TO_TIMESTAMP_LTZ({0}, 0)"),
    doc: "The instant so many seconds after 1970-01-01 UTC.",
    examples: &[
        Example::new(&["1714521601"], "timestamp '2024-05-01T00:00:01.000Z'"),
        Example::new(&["-1"], "timestamp '1969-12-31T23:59:59.000Z'"),
    ],
};

pub(super) static TO_UNIX_MS: Entry = Entry {
    id: FunctionId::ToUnixMs,
    name: "to_unix_ms",
    notation: Notation::Call,
    parameters: &[required("time", Takes::Timestamp)],
    rule: Rule::Total(DataType::Int),
    evaluator: Evaluator::Unary(|value, _| match value {
        Value::Timestamp(time) => Value::Int(time.millis()),
        _ => Value::Null,
    }),
    flink: Flink::Build(|arguments, _| Ok(flink_ms(&arguments[0].sql))),
    doc: "The milliseconds since 1970-01-01 UTC.",
    examples: &[
        Example::new(&["timestamp '2024-05-01T00:00:01.250Z'"], "1714521601250"),
        Example::new(&["timestamp '1969-12-31T23:59:59.999Z'"], "-1"),
    ],
};

pub(super) static TO_UNIX_S: Entry = Entry {
    id: FunctionId::ToUnixS,
    name: "to_unix_s",
    notation: Notation::Call,
    parameters: &[required("time", Takes::Timestamp)],
    rule: Rule::Total(DataType::Int),
    evaluator: Evaluator::Unary(|value, _| match value {
        Value::Timestamp(time) => Value::Int(time.millis().div_euclid(1_000)),
        _ => Value::Null,
    }),
    flink: Flink::Build(|arguments, _| {
        Ok(format!("CAST(FLOOR(CAST({} AS DECIMAL(19, 0)) / 1000) AS BIGINT)", flink_ms(&arguments[0].sql)))
    }),
    doc: "The whole seconds since 1970-01-01 UTC, rounded down.",
    examples: &[
        Example::new(&["timestamp '2024-05-01T00:00:01.250Z'"], "1714521601"),
        Example::new(&["timestamp '1969-12-31T23:59:59.999Z'"], "-1"),
    ],
};

pub(super) static AS_OF: Entry = Entry {
    id: FunctionId::AsOf,
    name: "as_of",
    notation: Notation::Call,
    parameters: &[required("now", Takes::Timestamp)],
    rule: Rule::TotalAsFirst,
    evaluator: Evaluator::Unary(|now, _| now.clone()),
    flink: Flink::Template("{0}"),
    doc: "The instant for which the row holds: in a join the time of the left event.",
    examples: &[
        Example::new(&["timestamp '2024-05-01T00:00:00Z'"], "timestamp '2024-05-01T00:00:00.000Z'"),
        Example::new(&["null"], "null"),
    ],
};

pub(super) static TIME_SINCE: Entry = Entry {
    id: FunctionId::TimeSince,
    name: "time_since",
    notation: Notation::Call,
    parameters: &[required("now", Takes::Timestamp), required("time", Takes::Timestamp)],
    rule: Rule::Partial(DataType::Int),
    evaluator: Evaluator::Binary(|now, time, _| match (now, time) {
        (Value::Timestamp(now), Value::Timestamp(time)) => {
            now.millis().checked_sub(time.millis()).map_or(Value::Null, Value::Int)
        }
        _ => Value::Null,
    }),
    flink: Flink::Build(|arguments, _| {
        Ok(format!("({} - {})", flink_ms(&arguments[0].sql), flink_ms(&arguments[1].sql)))
    }),
    doc: "The milliseconds from a time to the instant for which the row holds.",
    examples: &[
        Example::new(&["timestamp '2024-05-01T00:00:01Z'", "timestamp '2024-05-01T00:00:00Z'"], "1000"),
        Example::new(&["timestamp '2024-05-01T00:00:00Z'", "null"], "null"),
    ],
};

fn unknown(text: &str, known: &str) -> String {
    format!("`{text}` is no such unit: expected one of {known}")
}

/// A unit of the calendar as days or as months.
fn days_and_months(unit: &str) -> Option<(i64, i64)> {
    match unit {
        "day" => Some((1, 0)),
        "week" => Some((7, 0)),
        "month" => Some((0, 1)),
        "quarter" => Some((0, 3)),
        "year" => Some((0, 12)),
        _ => None,
    }
}

fn unit_ms(unit: &str) -> Option<i64> {
    match unit {
        "ms" => Some(1),
        "s" => Some(1_000),
        "min" => Some(60_000),
        "h" => Some(3_600_000),
        "d" => Some(86_400_000),
        _ => None,
    }
}

fn truncation(arguments: &[Type]) -> Result<Signature, TypeError> {
    let time = arguments[1].data_type.unwrap_or(DataType::Timestamp);
    if time == DataType::Date {
        let is_of_the_clock =
            matches!(arguments[0].literal, Some(Value::String(unit)) if days_and_months(unit).is_none());
        if is_of_the_clock || arguments.len() > 2 {
            let expected = "a timestamp, where the clock or a zone is asked for";
            return Err(TypeError::Argument { position: 1, expected, found: time });
        }
    }
    let targets = [DataType::String, time, DataType::String][..arguments.len()].to_vec();
    Ok(Signature {
        arguments: targets,
        result: time,
        nullable: time == DataType::Timestamp || arguments[1].nullable,
    })
}

fn truncated(values: &[&Value]) -> Value {
    let Value::String(unit) = values[0] else { return Value::Null };
    let beginning = || {
        let at = zone::civil(&values[1..])?;
        match values[1] {
            Value::Date(_) => Some(Value::Date(day_of(first_day(at.date(), unit)?)?)),
            // The clock's own parts are taken off, so that an hour that comes twice stays itself.
            Value::Timestamp(time) => match clock_ms(at, unit) {
                Some(ms) => Some(Value::Timestamp(EventTime(time.millis().checked_sub(ms)?))),
                None => {
                    zone::start_of(first_day(at.date(), unit)?, values.get(2).copied()).map(Value::Timestamp)
                }
            },
            _ => None,
        }
    };
    beginning().unwrap_or(Value::Null)
}

/// How far a time is into its second, minute or hour.
fn clock_ms(at: civil::DateTime, unit: &str) -> Option<i64> {
    let second = i64::from(at.millisecond());
    let minute = second + i64::from(at.second()) * 1_000;
    match unit {
        "second" => Some(second),
        "minute" => Some(minute),
        "hour" => Some(minute + i64::from(at.minute()) * 60_000),
        _ => None,
    }
}

/// The first day of the week, month … that a day is in.
fn first_day(day: civil::Date, unit: &str) -> Option<civil::Date> {
    let month = |month: i8| civil::Date::new(day.year(), month, 1).ok();
    match unit {
        "day" => Some(day),
        "week" => day.checked_sub(Span::new().days(day.weekday().to_monday_zero_offset())).ok(),
        "month" => month(day.month()),
        "quarter" => month((day.month() - 1) / 3 * 3 + 1),
        "year" => month(1),
        _ => None,
    }
}

fn shifted_day(values: &[&Value], sign: i64) -> Value {
    let (Value::Date(day), Value::Int(count)) = (values[0], values[1]) else { return Value::Null };
    let unit = match values.get(2) {
        Some(Value::String(unit)) => unit,
        _ => "day",
    };
    let shifted = || {
        let (days, months) = days_and_months(unit)?;
        let count = count.checked_mul(sign)?;
        let (days, months) = (count.checked_mul(days)?, count.checked_mul(months)?);
        if months == 0 {
            return Date::from_days(i64::from(day.days()).checked_add(days)?);
        }
        let (year, month, of_month) = day.ymd();
        let month = (i64::from(year) * 12 + i64::from(month) - 1).checked_add(months)?;
        let first = Date::from_ymd(month.div_euclid(12), month.rem_euclid(12) + 1, 1)?;
        let last = month_end(first)?;
        Date::from_days(i64::from(last.days()).min(i64::from(first.days()) + i64::from(of_month) - 1))
    };
    shifted().map_or(Value::Null, Value::Date)
}

fn month_end(day: Date) -> Option<Date> {
    let (year, month, of_month) = day.ymd();
    let length = civil::Date::new(year, month, of_month).ok()?.days_in_month();
    Date::from_ymd(year.into(), month.into(), length.into())
}

fn moved(time: EventTime, count: i64, unit: &str) -> Value {
    let moved = || time.millis().checked_add(count.checked_mul(unit_ms(unit)?)?);
    moved().map_or(Value::Null, |ms| Value::Timestamp(EventTime(ms)))
}

fn whole_units(end: EventTime, start: EventTime, unit: &str) -> Value {
    let Some(unit) = unit_ms(unit) else { return Value::Null };
    let units = (i128::from(end.millis()) - i128::from(start.millis())) / i128::from(unit);
    i64::try_from(units).map_or(Value::Null, Value::Int)
}

/// An instant as milliseconds: Flink has no such cast.
fn flink_ms(time: &str) -> String {
    format!("(EXTRACT(EPOCH FROM {time}) * 1000 + EXTRACT(MILLISECOND FROM {time}))")
}

fn literal_text<'p>(argument: &'p Printed) -> &'p str {
    match &argument.expr.kind {
        ExprKind::Literal(Value::String(text)) => text,
        _ => "",
    }
}

fn flink_add(arguments: &[Printed]) -> Result<String, NoForm> {
    let unit = unit_ms(literal_text(&arguments[2])).unwrap_or(1);
    // So many milliseconds that no BIGINT could wrap on the way.
    match arguments[1].expr.kind {
        ExprKind::Literal(Value::Int(count)) if count.unsigned_abs() < 1 << 40 => {
            let moved = format!("{} + {}", flink_ms(&arguments[0].sql), i128::from(count) * i128::from(unit));
            Ok(format!("TO_TIMESTAMP_LTZ({moved}, 3)"))
        }
        _ => Err(NoForm {
            what: "timestamp_add".into(),
            why: "its count must be a literal there, or BIGINT may wrap",
        }),
    }
}

fn flink_diff(arguments: &[Printed]) -> String {
    let [end, start] = [flink_ms(&arguments[0].sql), flink_ms(&arguments[1].sql)];
    let unit = unit_ms(literal_text(&arguments[2])).unwrap_or(1);
    format!("CAST(CAST({end} - {start} AS DECIMAL(19, 0)) / {unit} AS BIGINT)")
}

/// Flink's FLOOR goes up before 1970, and its weeks begin on Sundays.
fn flink_truncation(arguments: &[Printed]) -> String {
    let function = flink_zoned("wr_floor", arguments.get(2));
    format!("{function}('{}', {})", literal_text(&arguments[0]), arguments[1].sql)
}
