//! The leaf vocabulary: data types, values, rows, schemas, event time and durations.
//!
//! Everything else may use this module; it uses nothing of windrow and knows nothing of features.
#![deny(clippy::disallowed_methods)]

pub mod bytes;
mod data_type;
mod date;
mod decimal;
mod duration;
mod event_time;
mod interned;
mod schema;
mod value;

pub use data_type::{DataType, Element, MapType, StructType};
pub use date::{Date, ParseDateError};
pub use decimal::{Decimal, ParseDecimalError, Rounding};
pub use duration::{Duration, ParseDurationError};
pub use event_time::{EventTime, ParseEventTimeError, TimeUnit};
pub use interned::Interned;
pub use schema::{Field, Schema};
pub use value::{Row, Value, compare_rows};

#[cfg(test)]
mod tests;
