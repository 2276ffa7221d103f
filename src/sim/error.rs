//! What can go wrong while files are read and run.

use std::path::PathBuf;

use crate::dataflow::EngineError;

/// The files are not what was said, or the run failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("`{path}` cannot be read: {source}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("`{path}`: expected a file name that ends in .csv, .jsonl, .ndjson, .parquet or .avro")]
    UnknownFormat { path: PathBuf },
    #[error("`{path}`, line {line}: {what}")]
    Format { path: PathBuf, line: u64, what: String },
    #[error("`{path}`, line {line}: the arrival column `{column}` {what}")]
    Arrival { path: PathBuf, line: u64, column: String, what: &'static str },
    #[error("the history `{pattern}` of `{source_name}` {what}")]
    History { pattern: String, source_name: String, what: String },
    #[error("`{name}` is not a source of this definition")]
    UnknownSource { name: String, known: Vec<String> },
    #[error(transparent)]
    Engine(#[from] EngineError),
}
