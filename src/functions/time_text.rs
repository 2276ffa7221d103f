//! Times as texts, by a format of a few fixed fields, the same on every engine.

use std::fmt::Write as _;

use jiff::civil;

use crate::types::{DataType, Value};

use super::date_part::flink_local;
use super::entry::{Entry, Evaluator, Example, Flink, Notation, Printed, Rule};
use super::parameter::{LiteralText, Takes, optional, required};
use super::zone::{self, ZONE};
use super::{ExprKind, FunctionId};

const FORMAT: Takes = Takes::LiteralText(&LiteralText {
    what: "a format",
    check: |text| {
        pieces(text)
            .map(|_| ())
            .ok_or_else(|| format!("`{text}` has a field that is none of %Y %m %d %j %H %M %S %L %%"))
    },
});
const READ_FORMAT: Takes = Takes::LiteralText(&LiteralText {
    what: "a format",
    check: |text| match pieces(text) {
        None => Err(format!("`{text}` has a field that is none of %Y %m %d %H %M %S %L %%")),
        Some(pieces) if has_one_day(&pieces) => Ok(()),
        Some(_) => Err(format!("`{text}` must have %Y, %m and %d, and no field twice")),
    },
});

pub(super) static FORMAT_TIMESTAMP: Entry = Entry {
    id: FunctionId::FormatTimestamp,
    name: "format_timestamp",
    notation: Notation::Call,
    parameters: &[required("time", Takes::Timestamp), required("format", FORMAT), optional("zone", ZONE)],
    rule: Rule::Partial(DataType::String),
    evaluator: Evaluator::Strict(|values, _| formatted(values)),
    flink: Flink::Build(|arguments, _| Ok(flink_format(arguments))),
    doc: "The time as text: %Y year, %m month, %d day, %j day of the year, %H %M %S clock, %L milliseconds, %% a percent sign; null outside the years 0 to 9999.",
    examples: &[
        Example::new(
            &["timestamp '2024-05-01T23:30:05.250Z'", "'%Y-%m-%d %H:%M:%S.%L'"],
            "'2024-05-01 23:30:05.250'",
        ),
        Example::new(&["timestamp '2024-05-01T23:30:05.250Z'", "'%Y/%j'", "'Europe/Berlin'"], "'2024/123'"),
        Example::new(&["timestamp '1969-12-31T23:59:59.999Z'", "'%d.%m. it''s %L'"], "'31.12. it''s 999'"),
    ],
};

pub(super) static PARSE_TIMESTAMP: Entry = Entry {
    id: FunctionId::ParseTimestamp,
    name: "parse_timestamp",
    notation: Notation::Call,
    parameters: &[required("text", Takes::Text), required("format", READ_FORMAT), optional("zone", ZONE)],
    rule: Rule::Partial(DataType::Timestamp),
    evaluator: Evaluator::Strict(|values, _| parsed(values)),
    flink: Flink::Refused("Flink reads more texts than windrow does"),
    doc: "The time of a text of exactly that format, each field with all its digits; null for any other, and for a time that its zone leaves out.",
    examples: &[
        Example::new(&["'01.05.2024 23:30'", "'%d.%m.%Y %H:%M'"], "timestamp '2024-05-01T23:30:00.000Z'"),
        Example::new(&["'2024-05-01'", "'%Y-%m-%d'", "'Asia/Tokyo'"], "timestamp '2024-04-30T15:00:00.000Z'"),
        Example::new(&["'2024-5-1'", "'%Y-%m-%d'"], "null"),
        Example::new(&["'2024-03-31 02:30'", "'%Y-%m-%d %H:%M'", "'Europe/Berlin'"], "null"),
    ],
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Letter(char),
    Year,
    Month,
    Day,
    DayOfYear,
    Hour,
    Minute,
    Second,
    Millisecond,
}

/// `None` if a field is unknown.
fn pieces(format: &str) -> Option<Vec<Piece>> {
    let mut letters = format.chars();
    let mut pieces = Vec::new();
    while let Some(letter) = letters.next() {
        pieces.push(if letter == '%' { field(letters.next()?)? } else { Piece::Letter(letter) });
    }
    Some(pieces)
}

const fn field(letter: char) -> Option<Piece> {
    Some(match letter {
        'Y' => Piece::Year,
        'm' => Piece::Month,
        'd' => Piece::Day,
        'j' => Piece::DayOfYear,
        'H' => Piece::Hour,
        'M' => Piece::Minute,
        'S' => Piece::Second,
        'L' => Piece::Millisecond,
        '%' => Piece::Letter('%'),
        _ => return None,
    })
}

fn has_one_day(pieces: &[Piece]) -> bool {
    let count = |wanted: Piece| pieces.iter().filter(|piece| **piece == wanted).count();
    [Piece::Year, Piece::Month, Piece::Day].into_iter().all(|piece| count(piece) == 1)
        && [Piece::Hour, Piece::Minute, Piece::Second, Piece::Millisecond]
            .into_iter()
            .all(|piece| count(piece) <= 1)
        && count(Piece::DayOfYear) == 0
}

fn formatted(values: &[&Value]) -> Value {
    let (time, format, zone) = (values[0], values[1], values.get(2).copied());
    let Value::String(format) = format else { return Value::Null };
    let at = zone::civil_in(time, zone).filter(|at| (0..=9_999).contains(&at.year()));
    match (at, pieces(format)) {
        (Some(at), Some(pieces)) => Value::string(written(at, &pieces)),
        _ => Value::Null,
    }
}

fn written(at: civil::DateTime, pieces: &[Piece]) -> String {
    let mut text = String::new();
    for piece in pieces {
        let _ = match piece {
            Piece::Letter(letter) => write!(text, "{letter}"),
            Piece::Year => write!(text, "{:04}", at.year()),
            Piece::Month => write!(text, "{:02}", at.month()),
            Piece::Day => write!(text, "{:02}", at.day()),
            Piece::DayOfYear => write!(text, "{:03}", at.day_of_year()),
            Piece::Hour => write!(text, "{:02}", at.hour()),
            Piece::Minute => write!(text, "{:02}", at.minute()),
            Piece::Second => write!(text, "{:02}", at.second()),
            Piece::Millisecond => write!(text, "{:03}", at.millisecond()),
        };
    }
    text
}

fn parsed(values: &[&Value]) -> Value {
    let (Value::String(text), Value::String(format)) = (values[0], values[1]) else { return Value::Null };
    let time = pieces(format).and_then(|pieces| read(text, &pieces));
    let instant = time.and_then(|at| zone::instant_of(at, values.get(2).copied()));
    instant.map_or(Value::Null, Value::Timestamp)
}

fn read(text: &str, pieces: &[Piece]) -> Option<civil::DateTime> {
    let mut rest = text;
    let (mut year, mut month, mut day, mut clock) = (0, 0, 0, [0; 4]);
    for piece in pieces {
        match piece {
            Piece::Letter(letter) => rest = rest.strip_prefix(*letter)?,
            Piece::Year => year = digits(&mut rest, 4)?,
            Piece::Month => month = digits(&mut rest, 2)?,
            Piece::Day => day = digits(&mut rest, 2)?,
            Piece::DayOfYear => return None,
            Piece::Hour => clock[0] = digits(&mut rest, 2)?,
            Piece::Minute => clock[1] = digits(&mut rest, 2)?,
            Piece::Second => clock[2] = digits(&mut rest, 2)?,
            Piece::Millisecond => clock[3] = digits(&mut rest, 3)?,
        }
    }
    let small = |value: i16| i8::try_from(value).ok();
    let [hour, minute, second, millisecond] = clock;
    let (hour, minute, second) = (small(hour)?, small(minute)?, small(second)?);
    let at = civil::DateTime::new(
        year,
        small(month)?,
        small(day)?,
        hour,
        minute,
        second,
        i32::from(millisecond) * 1_000_000,
    );
    at.ok().filter(|_| rest.is_empty())
}

fn digits(rest: &mut &str, count: usize) -> Option<i16> {
    let (number, after) = rest.split_at_checked(count)?;
    *rest = after;
    number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse().ok())?
}

/// The same fields in Java's letters; what is no field stands in quotes.
fn flink_format(arguments: &[Printed]) -> String {
    let time_and_zone: Vec<_> = arguments
        .iter()
        .enumerate()
        .filter(|(at, _)| *at != 1)
        .map(|(_, argument)| argument.clone())
        .collect();
    let time = flink_local(&time_and_zone);
    let format = match &arguments[1].expr.kind {
        ExprKind::Literal(Value::String(format)) => format,
        _ => "",
    };
    let java = java_pattern(&pieces(format).unwrap_or_default());
    format!("DATE_FORMAT({time}, '{}')", java.replace('\'', "''"))
}

/// Java's letters; what is no field stands in quotes, all of a run in one pair.
fn java_pattern(pieces: &[Piece]) -> String {
    let mut java = String::new();
    let mut is_quoted = false;
    for piece in pieces {
        let is_letter = matches!(piece, Piece::Letter(_));
        if is_letter != is_quoted {
            java.push('\'');
            is_quoted = is_letter;
        }
        match piece {
            Piece::Letter('\'') => java.push_str("''"),
            Piece::Letter(letter) => java.push(*letter),
            Piece::Year => java.push_str("yyyy"),
            Piece::Month => java.push_str("MM"),
            Piece::Day => java.push_str("dd"),
            Piece::DayOfYear => java.push_str("DDD"),
            Piece::Hour => java.push_str("HH"),
            Piece::Minute => java.push_str("mm"),
            Piece::Second => java.push_str("ss"),
            Piece::Millisecond => java.push_str("SSS"),
        }
    }
    if is_quoted { java + "'" } else { java }
}
