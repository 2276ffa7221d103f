//! The wire: keys, values, headers, version order and partitions of published rows. One codec for the
//! sink, `windrow tail`, bundles and tests.
//!
//! The record key is the text of the one key column, or a JSON array of several. The value is a JSON
//! object in declared column order: ints and doubles are numbers (doubles in the shortest form that
//! reads back the same), decimals strings, timestamps milliseconds. Reader's rule: keep the highest
//! version per key.
#![deny(clippy::disallowed_methods)]

mod call;
mod header;
mod key;
mod partition;
mod row;

pub use call::{encode_arguments, worker_spec};
pub use header::{HEADER_AS_OF, HEADER_PLAN, HEADER_VERSION, Headers, Version};
pub use key::{decode_key, encode_key};
pub use partition::{murmur2, partition};
pub use row::{base64, decode_row, encode_row, encode_value};

/// The bytes are not what this codec writes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    #[error("the record's value is not a row: {0}")]
    Row(String),
    #[error("the record's key is not a key: {0}")]
    Key(String),
    #[error("header `{name}` is missing or not readable")]
    Header { name: &'static str },
    #[error("column `{column}`: expected {expected}, found {found}")]
    Column { column: String, expected: String, found: String },
}

#[cfg(test)]
mod tests;
