//! Calendar days without a zone, from -9999-01-01 to 9999-12-31.

use std::fmt;
use std::str::FromStr;

use jiff::civil;

use super::EventTime;

const DAY_MS: i64 = 86_400_000;

/// A calendar day: days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i32);

/// The text was no day of the calendar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a date: expected YYYY-MM-DD")]
pub struct ParseDateError(String);

impl Date {
    /// The day that many days after 1970-01-01; `None` outside the calendar.
    #[must_use]
    pub fn from_days(days: i64) -> Option<Self> {
        let date = Self(i32::try_from(days).ok()?);
        date.civil().map(|_| date)
    }

    /// The day in UTC of an instant; `None` outside the calendar.
    #[must_use]
    pub fn of(time: EventTime) -> Option<Self> {
        Self::from_days(time.millis().div_euclid(DAY_MS))
    }

    /// That day, if the calendar has it.
    #[must_use]
    pub fn from_ymd(year: i64, month: i64, day: i64) -> Option<Self> {
        let (year, month, day) = (year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?);
        civil::Date::new(year, month, day).ok().map(Self::from_civil)
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn days(self) -> i32 {
        self.0
    }

    /// Its midnight in UTC.
    #[must_use]
    pub fn midnight(self) -> EventTime {
        EventTime(i64::from(self.0) * DAY_MS)
    }

    /// Year, month (1 to 12) and day of the month (from 1).
    #[must_use]
    pub fn ymd(self) -> (i16, i8, i8) {
        // Every Date was made from a day that the calendar has.
        self.civil().map_or((1970, 1, 1), |date| (date.year(), date.month(), date.day()))
    }

    fn civil(self) -> Option<civil::Date> {
        let epoch = civil::Date::constant(1970, 1, 1);
        epoch.checked_add(jiff::Span::new().try_days(self.0).ok()?).ok()
    }

    fn from_civil(date: civil::Date) -> Self {
        let epoch = civil::Date::constant(1970, 1, 1);
        // The calendar has fewer than 8 million days: an i32 holds their count.
        Self(date.since(epoch).map_or(0, |span| span.get_days()))
    }
}

impl FromStr for Date {
    type Err = ParseDateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fail = || ParseDateError(text.chars().take(64).collect());
        // The calendar's parser takes more forms (times, week dates) than this one.
        let digits = text.strip_prefix('-').unwrap_or(text).split('-').map(str::len);
        if !digits.eq([4, 2, 2]) || !text.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit()) {
            return Err(fail());
        }
        let mut parts = text.rsplitn(3, '-').map(str::parse::<i64>);
        match (parts.next(), parts.next(), parts.next()) {
            (Some(Ok(day)), Some(Ok(month)), Some(Ok(year))) => {
                Self::from_ymd(year, month, day).ok_or_else(fail)
            }
            _ => Err(fail()),
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        let sign = if year < 0 { "-" } else { "" };
        write!(f, "{sign}{:04}-{month:02}-{day:02}", year.unsigned_abs())
    }
}
