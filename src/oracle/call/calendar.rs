//! The calendar by its own rules: leap years, lengths of months, weeks that begin on Mondays. Only
//! the offsets of zones come from the library that has their tables.

use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::types::{Date, EventTime, Value};

use super::string;

pub(super) const DAY_MS: i64 = 86_400_000;

/// A local time, as milliseconds since 1970-01-01 00:00 local.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Local(pub(super) i64);

/// Year, month, day.
pub(super) type Day = (i64, i64, i64);

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(super) const fn month_length(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

const fn year_length(year: i64) -> i64 {
    if is_leap(year) { 366 } else { 365 }
}

/// Days from 1970-01-01 to the first day of a year: 365 for each, one more for each leap year.
const fn days_before_year(year: i64) -> i64 {
    let past = year - 1;
    let leap_days = past.div_euclid(4) - past.div_euclid(100) + past.div_euclid(400);
    past * 365 + leap_days - 719_162
}

pub(super) fn days((year, month, day): Day) -> i64 {
    let months: i64 = (1..month).map(|month| month_length(year, month)).sum();
    days_before_year(year) + months + day - 1
}

pub(super) fn day(days: i64) -> Day {
    // Not later than it is, whether years back have 365 days or years ahead 366.
    let mut year = 1970 + days.div_euclid(if days < 0 { 365 } else { 366 });
    while days_before_year(year) + year_length(year) <= days {
        year += 1;
    }
    let mut rest = days - days_before_year(year);
    let mut month = 1;
    while rest >= month_length(year, month) {
        rest -= month_length(year, month);
        month += 1;
    }
    (year, month, rest + 1)
}

/// Monday is 1; 1970-01-01 was a Thursday.
pub(super) const fn weekday(days: i64) -> i64 {
    (days + 3).rem_euclid(7) + 1
}

/// The week of the year in which its Thursday is.
pub(super) fn iso_week(of: i64) -> i64 {
    let thursday = of - weekday(of) + 4;
    let (year, _, _) = day(thursday);
    (thursday - days_before_year(year)) / 7 + 1
}

pub(super) fn day_of_year(of: i64) -> i64 {
    let (year, _, _) = day(of);
    of - days_before_year(year) + 1
}

impl Local {
    pub(super) const fn days(self) -> i64 {
        self.0.div_euclid(DAY_MS)
    }

    /// Milliseconds since midnight.
    pub(super) const fn clock(self) -> i64 {
        self.0.rem_euclid(DAY_MS)
    }
}

fn zone(zone: Option<&Value>) -> TimeZone {
    let name = zone.map_or("UTC", string);
    TimeZoneDatabase::bundled().get(name).expect("a zone is checked with the definition")
}

/// How far a zone was ahead of UTC at an instant; `None` outside the calendar.
fn offset_ms(zone: &TimeZone, instant: i64) -> Option<i64> {
    let instant = jiff::Timestamp::from_millisecond(instant).ok()?;
    Some(i64::from(zone.to_offset(instant).seconds()) * 1000)
}

/// The local time of an instant, in a zone or in UTC, or of a day's midnight.
pub(super) fn local(time: &Value, in_zone: Option<&Value>) -> Option<Local> {
    match time {
        Value::Timestamp(EventTime(ms)) => Some(Local(ms + offset_ms(&zone(in_zone), *ms)?)),
        Value::Date(day) => Some(Local(i64::from(day.days()) * DAY_MS)),
        other => panic!("`{other:?}` is no time"),
    }
}

const QUARTER_HOUR_MS: i64 = 900_000;

/// The first instant at which clocks showed that time or a later one: looked for in steps, then by
/// halves. No zone is more than a day and two hours away from UTC.
pub(super) fn first_instant(wanted: Local, in_zone: Option<&Value>) -> Option<i64> {
    let zone = zone(in_zone);
    let reached = |instant: i64| Some(instant + offset_ms(&zone, instant)? >= wanted.0);
    let mut low = wanted.0 - 26 * 3_600_000;
    while !reached(low + QUARTER_HOUR_MS)? {
        low += QUARTER_HOUR_MS;
    }
    let mut high = low + QUARTER_HOUR_MS;
    while high - low > 1 {
        let middle = i64::midpoint(low, high);
        if reached(middle)? { high = middle } else { low = middle }
    }
    Some(high)
}

/// The first instant at which clocks showed exactly that time.
pub(super) fn exact_instant(wanted: Local, in_zone: Option<&Value>) -> Option<i64> {
    let instant = first_instant(wanted, in_zone)?;
    (instant + offset_ms(&zone(in_zone), instant)? == wanted.0).then_some(instant)
}

pub(super) fn date(days: i64) -> Value {
    Date::from_days(days).map_or(Value::Null, Value::Date)
}
