//! Days and instants.

use crate::functions::FunctionId;
use crate::oracle::number;
use crate::types::{EventTime, Value};

use super::calendar::{self, DAY_MS, Local};
use super::{int, or_null, string};

/// `None`: of another family.
pub(in crate::oracle) fn time(function: FunctionId, arguments: &[Value]) -> Option<Value> {
    let local = || calendar::local(&arguments[0], arguments.get(1));
    let field = |field: fn(Local) -> i64| or_null(local().map(|at| Value::Int(field(at))));
    Some(match function {
        FunctionId::DateOf => or_null(local().map(|at| calendar::date(at.days()))),
        FunctionId::Year => field(|at| calendar::day(at.days()).0),
        FunctionId::Quarter => field(|at| (calendar::day(at.days()).1 + 2) / 3),
        FunctionId::Month => field(|at| calendar::day(at.days()).1),
        FunctionId::Week => field(|at| calendar::iso_week(at.days())),
        FunctionId::Day => field(|at| calendar::day(at.days()).2),
        FunctionId::DayOfWeek => field(|at| calendar::weekday(at.days())),
        FunctionId::DayOfYear => field(|at| calendar::day_of_year(at.days())),
        FunctionId::Hour => field(|at| at.clock() / 3_600_000),
        FunctionId::Minute => field(|at| at.clock() / 60_000 % 60),
        FunctionId::Second => field(|at| at.clock() / 1000 % 60),
        FunctionId::Millisecond => field(|at| at.clock() % 1000),
        FunctionId::DateTrunc => or_null(truncated(arguments)),
        FunctionId::DateAdd => shifted(arguments, 1),
        FunctionId::DateSub => shifted(arguments, -1),
        FunctionId::DateDiff => Value::Int(days(&arguments[0]) - days(&arguments[1])),
        FunctionId::MakeDate => made(int(&arguments[0]), int(&arguments[1]), int(&arguments[2])),
        FunctionId::LastDay => {
            let (year, month, _) = calendar::day(days(&arguments[0]));
            calendar::date(calendar::days((year, month, calendar::month_length(year, month))))
        }
        FunctionId::TimestampAdd => {
            let moved = i128::from(int(&arguments[1])) * unit(&arguments[2]) + ms(&arguments[0]);
            instant(moved)
        }
        // Division of integers cuts toward zero.
        FunctionId::TimestampDiff => {
            number::int((ms(&arguments[0]) - ms(&arguments[1])) / unit(&arguments[2]))
        }
        FunctionId::FromUnixMs => instant(int(&arguments[0]).into()),
        FunctionId::FromUnixS => instant(i128::from(int(&arguments[0])) * 1000),
        FunctionId::ToUnixMs => number::int(ms(&arguments[0])),
        FunctionId::ToUnixS => number::int((ms(&arguments[0]) - ms(&arguments[0]).rem_euclid(1000)) / 1000),
        FunctionId::FormatTimestamp => formatted(arguments),
        FunctionId::ParseTimestamp => or_null(parsed(arguments)),
        FunctionId::AsOf => arguments[0].clone(),
        FunctionId::TimeSince => number::int(ms(&arguments[0]) - ms(&arguments[1])),
        _ => return None,
    })
}

fn days(value: &Value) -> i64 {
    match value {
        Value::Date(day) => day.days().into(),
        other => panic!("`{other:?}` is no day"),
    }
}

fn ms(value: &Value) -> i128 {
    match value {
        Value::Timestamp(time) => time.0.into(),
        other => panic!("`{other:?}` is no instant"),
    }
}

fn instant(ms: i128) -> Value {
    i64::try_from(ms).map_or(Value::Null, |ms| Value::Timestamp(EventTime(ms)))
}

fn unit(value: &Value) -> i128 {
    match string(value) {
        "ms" => 1,
        "s" => 1000,
        "min" => 60 * 1000,
        "h" => 60 * 60 * 1000,
        "d" => 24 * 60 * 60 * 1000,
        other => panic!("`{other}` is no unit: the model refuses it"),
    }
}

fn truncated(arguments: &[Value]) -> Option<Value> {
    let zone = arguments.get(2);
    let at = calendar::local(&arguments[1], zone)?;
    let (year, month, _) = calendar::day(at.days());
    let first = match string(&arguments[0]) {
        "second" => return Some(back(&arguments[1], at.clock() % 1000)),
        "minute" => return Some(back(&arguments[1], at.clock() % 60_000)),
        "hour" => return Some(back(&arguments[1], at.clock() % 3_600_000)),
        "day" => at.days(),
        "week" => at.days() - (calendar::weekday(at.days()) - 1),
        "month" => calendar::days((year, month, 1)),
        "quarter" => calendar::days((year, month - (month - 1) % 3, 1)),
        "year" => calendar::days((year, 1, 1)),
        other => panic!("`{other}` is no unit: the model refuses it"),
    };
    match &arguments[1] {
        Value::Date(_) => Some(calendar::date(first)),
        _ => calendar::first_instant(Local(first * DAY_MS), zone).map(|ms| instant(ms.into())),
    }
}

fn back(time: &Value, by: i64) -> Value {
    instant(ms(time) - i128::from(by))
}

fn made(year: i64, month: i64, day: i64) -> Value {
    let is_real = (-9999..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=calendar::month_length(year, month)).contains(&day);
    if is_real { calendar::date(calendar::days((year, month, day))) } else { Value::Null }
}

fn shifted(arguments: &[Value], sign: i128) -> Value {
    let count = sign * i128::from(int(&arguments[1]));
    let months = match arguments.get(2).map_or("day", string) {
        "day" => return day_of(i128::from(days(&arguments[0])) + count),
        "week" => return day_of(i128::from(days(&arguments[0])) + 7 * count),
        "month" => count,
        "quarter" => 3 * count,
        "year" => 12 * count,
        other => panic!("`{other}` is no unit: the model refuses it"),
    };
    let (year, month, day) = calendar::day(days(&arguments[0]));
    let month = i128::from(year) * 12 + i128::from(month - 1) + months;
    let Ok(year @ -9999..=9999) = i64::try_from(month.div_euclid(12)) else { return Value::Null };
    let month = i64::try_from(month.rem_euclid(12)).expect("below 12") + 1;
    made(year, month, day.min(calendar::month_length(year, month)))
}

fn day_of(days: i128) -> Value {
    i64::try_from(days).map_or(Value::Null, calendar::date)
}

fn formatted(arguments: &[Value]) -> Value {
    let Some(at) = calendar::local(&arguments[0], arguments.get(2)) else { return Value::Null };
    let (year, month, day) = calendar::day(at.days());
    if !(0..=9999).contains(&year) {
        return Value::Null;
    }
    let mut text = String::new();
    let mut letters = string(&arguments[1]).chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            text.push(letter);
            continue;
        }
        let field = match letters.next().expect("a format is checked with the definition") {
            'Y' => format!("{year:04}"),
            'm' => format!("{month:02}"),
            'd' => format!("{day:02}"),
            'j' => format!("{:03}", calendar::day_of_year(at.days())),
            'H' => format!("{:02}", at.clock() / 3_600_000),
            'M' => format!("{:02}", at.clock() / 60_000 % 60),
            'S' => format!("{:02}", at.clock() / 1000 % 60),
            'L' => format!("{:03}", at.clock() % 1000),
            other => other.to_string(),
        };
        text.push_str(&field);
    }
    Value::string(text)
}

fn parsed(arguments: &[Value]) -> Option<Value> {
    let mut text = string(&arguments[0]);
    let mut letters = string(&arguments[1]).chars();
    let (mut date, mut clock) = ((0, 0, 0), 0);
    while let Some(letter) = letters.next() {
        let field = if letter == '%' { letters.next().expect("checked with the definition") } else { ' ' };
        let width = match field {
            'Y' => 4,
            'm' | 'd' | 'H' | 'M' | 'S' => 2,
            'L' => 3,
            _ => 0,
        };
        if width == 0 {
            text = text.strip_prefix(letter)?;
            continue;
        }
        let digits = text.get(..width).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
        let number: i64 = digits.parse().expect("digits");
        text = &text[width..];
        let limit = |most: i64, ms: i64| (number <= most).then_some(number * ms);
        match field {
            'Y' => date.0 = number,
            'm' => date.1 = number,
            'd' => date.2 = number,
            'H' => clock += limit(23, 3_600_000)?,
            'M' => clock += limit(59, 60_000)?,
            'S' => clock += limit(59, 1000)?,
            _ => clock += number,
        }
    }
    let Value::Date(day) = made(date.0, date.1, date.2) else { return None };
    let local = Local(i64::from(day.days()) * DAY_MS + clock);
    let found = calendar::exact_instant(local, arguments.get(2))?;
    text.is_empty().then(|| instant(found.into()))
}
