//! Lengths of time as definitions write them: `500ms`, `10s`, `5m`, `1h`, `7d`.

use std::fmt;
use std::str::FromStr;

/// A positive or zero length of time in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration {
    ms: i64,
}

/// Why a text is not a duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseDurationError {
    #[error("`{0}` is not a duration: expected a whole number and a unit, like 500ms, 10s, 5m, 1h or 7d")]
    Syntax(String),
    #[error("`{0}` is too long for a duration: more than 292 million years in milliseconds")]
    Overflow(String),
}

/// The units, longest first, so that display picks the largest that divides.
const UNITS: [(&str, i64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

impl Duration {
    pub const ZERO: Self = Self { ms: 0 };

    #[must_use]
    pub const fn from_ms(ms: i64) -> Self {
        Self { ms }
    }

    #[must_use]
    pub const fn ms(self) -> i64 {
        self.ms
    }
}

impl FromStr for Duration {
    type Err = ParseDurationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let syntax = || ParseDurationError::Syntax(text.chars().take(64).collect());
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, unit) = text.split_at(digits);
        let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(syntax)?;
        if number.is_empty() {
            return Err(syntax());
        }
        number
            .parse::<i64>()
            .ok()
            .and_then(|n| n.checked_mul(*factor))
            .map(|ms| Self { ms })
            .ok_or_else(|| ParseDurationError::Overflow(text.chars().take(64).collect()))
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = UNITS.iter().find(|(_, factor)| self.ms != 0 && self.ms % factor == 0);
        let (name, factor) = unit.copied().unwrap_or(("ms", 1));
        write!(f, "{}{name}", self.ms / factor)
    }
}
