//! `job.json`: what `main.py` registers, in order.

use serde::Serialize;

#[derive(Debug, Default, Serialize)]
pub(super) struct Job {
    pub(super) deployment: String,
    pub(super) functions: Vec<Function>,
    pub(super) sources: Vec<Source>,
    pub(super) views: Vec<View>,
    pub(super) sinks: Vec<Output>,
    pub(super) dead_letters: Output,
}

#[derive(Debug, Serialize)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) class: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) files: Tables,
    /// Only if the bundle was compiled for an environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kafka: Option<Tables>,
    /// Over Kafka, instead of that, in a job that does not end; only of a static table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) live: Option<Tables>,
    /// How far back a first start reads; of a table everything is read.
    pub(super) longest_window_ms: i64,
    /// Whose records no line of a file holds as they are.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_avro: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_table: bool,
    #[serde(skip)]
    pub(super) is_static: bool,
}

/// Files of statements that make tables, and of the query that unites them.
#[derive(Debug, Serialize)]
pub(super) struct Tables {
    pub(super) tables: Vec<Table>,
    pub(super) records: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Table {
    pub(super) file: String,
    /// The cluster whose client properties it needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cluster: Option<String>,
    /// The clusters are those of the file that the job is given.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_dynamic: bool,
    /// Read to where its end is at the start, in every job.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) ends: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct View {
    pub(super) name: String,
    pub(super) file: String,
    /// What makes of the query's rows a stream, which all readers of the view share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stream: Option<Stream>,
}

#[derive(Debug, Serialize)]
pub(super) struct Stream {
    pub(super) class: String,
    /// Of the operator's state.
    pub(super) uid: String,
    /// Behind how many columns stands what it adds.
    pub(super) begins_at: usize,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Output {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    pub(super) files: Statements,
    /// Only if the bundle was compiled for an environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kafka: Option<Statements>,
}

/// Files of the statement that makes a table and of the one that fills it.
#[derive(Debug, Default, Serialize)]
pub(super) struct Statements {
    pub(super) table: String,
    pub(super) insert: String,
}
