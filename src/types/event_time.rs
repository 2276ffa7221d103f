//! Event time: i64 milliseconds since 1970-01-01 UTC (rule S1).

use std::fmt;
use std::str::FromStr;

/// An instant in event time, in milliseconds UTC. Finer stamps are floored to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventTime(pub i64);

/// The unit of an integer stamp in the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimeUnit {
    Seconds,
    Millis,
    Micros,
    Nanos,
}

/// The text was neither ISO 8601 nor an integer of milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time: expected ISO 8601 (2024-05-01T12:00:00Z) or milliseconds since 1970")]
pub struct ParseEventTimeError(String);

impl EventTime {
    pub const MIN: Self = Self(i64::MIN);
    pub const MAX: Self = Self(i64::MAX);

    /// The instant of an integer stamp; `None` if it overflows i64 milliseconds.
    #[must_use]
    pub fn from_stamp(stamp: i64, unit: TimeUnit) -> Option<Self> {
        match unit {
            TimeUnit::Seconds => stamp.checked_mul(1000).map(Self),
            TimeUnit::Millis => Some(Self(stamp)),
            TimeUnit::Micros => Some(Self(stamp.div_euclid(1000))),
            TimeUnit::Nanos => Some(Self(stamp.div_euclid(1_000_000))),
        }
    }

    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// `self + ms`, saturating at both ends of time.
    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// `self - ms`, saturating at both ends of time.
    #[must_use]
    pub const fn minus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_sub(ms))
    }

    /// Parses ISO 8601 text; text without a zone is UTC; a date alone is its midnight.
    ///
    /// # Errors
    /// When the text is no such time.
    pub fn from_iso(text: &str) -> Result<Self, ParseEventTimeError> {
        let fail = || ParseEventTimeError(text.chars().take(64).collect());
        if let Ok(instant) = text.parse::<jiff::Timestamp>() {
            return Ok(Self(floor_ms(instant)));
        }
        let civil: jiff::civil::DateTime = text.parse().map_err(|_| fail())?;
        let instant = civil.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| fail())?.timestamp();
        Ok(Self(floor_ms(instant)))
    }
}

fn floor_ms(instant: jiff::Timestamp) -> i64 {
    i64::try_from(instant.as_nanosecond().div_euclid(1_000_000)).unwrap_or(i64::MAX)
}

impl FromStr for EventTime {
    type Err = ParseEventTimeError;

    /// Milliseconds as an integer, or ISO 8601.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<i64>().map(Self).or_else(|_| Self::from_iso(text))
    }
}

impl fmt::Display for EventTime {
    /// ISO 8601 in UTC with milliseconds; the raw number where no calendar reaches.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(instant) => write!(f, "{instant:.3}"),
            Err(_) => write!(f, "{}ms", self.0),
        }
    }
}
