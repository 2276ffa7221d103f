//! Headers: the version, the as-of time, the plan.

use std::fmt;
use std::str::FromStr;

use crate::types::EventTime;

use super::WireError;

/// `lease.start.seq`
pub const HEADER_VERSION: &str = "wr-version";
/// As-of time, ms.
pub const HEADER_AS_OF: &str = "wr-asof";
/// Fingerprint of the publishing node.
pub const HEADER_PLAN: &str = "wr-plan";

/// (lease, start, seq) in that order: the reader's rule keeps the highest per key (rule R2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    pub lease: u64,
    pub start: u64,
    pub seq: u64,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.lease, self.start, self.seq)
    }
}

impl FromStr for Version {
    type Err = WireError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers: Result<Vec<u64>, _> = text.split('.').map(str::parse).collect();
        match numbers.as_deref() {
            Ok([lease, start, seq]) => Ok(Self { lease: *lease, start: *start, seq: *seq }),
            Ok(_) | Err(_) => Err(WireError::Header { name: HEADER_VERSION }),
        }
    }
}

/// The headers of one published record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headers {
    pub version: Version,
    pub as_of: EventTime,
    pub plan: String,
}

impl Headers {
    /// Names and values, in order.
    #[must_use]
    pub fn encode(&self) -> [(&'static str, String); 3] {
        [
            (HEADER_VERSION, self.version.to_string()),
            (HEADER_AS_OF, self.as_of.0.to_string()),
            (HEADER_PLAN, self.plan.clone()),
        ]
    }

    /// Finds the headers among those of a record.
    ///
    /// # Errors
    /// When one is missing or cannot be read.
    pub fn decode<'a>(headers: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Result<Self, WireError> {
        let (mut version, mut as_of, mut plan) = (None, None, None);
        for (name, value) in headers {
            let text = std::str::from_utf8(value).ok();
            match name {
                HEADER_VERSION => version = text.and_then(|text| text.parse().ok()),
                HEADER_AS_OF => as_of = text.and_then(|text| text.parse().ok()).map(EventTime),
                HEADER_PLAN => plan = text.map(str::to_owned),
                _ => {}
            }
        }
        Ok(Self {
            version: version.ok_or(WireError::Header { name: HEADER_VERSION })?,
            as_of: as_of.ok_or(WireError::Header { name: HEADER_AS_OF })?,
            plan: plan.ok_or(WireError::Header { name: HEADER_PLAN })?,
        })
    }
}
