//! What templates are given: plain names, types and printed expressions. All decisions were made
//! before; a template loops and lays out.

use serde::Serialize;

/// A source: its decoder, its tables, its view of good rows.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) class: String,
    pub(super) topic: String,
    pub(super) fields: Vec<Field>,
    /// Of Avro: what its records have, declared or not; of JSON nothing.
    pub(super) written: Vec<Written>,
    pub(super) event_time: String,
    pub(super) event_id: Option<String>,
    pub(super) ahead_ms: i64,
    /// As in `INTERVAL '…' DAY(3) TO SECOND(3)`.
    pub(super) disorder: String,
    pub(super) disorder_ms: i64,
    /// How long a cluster that is down is waited for.
    pub(super) hold_for_ms: i64,
    /// The fields that something reads.
    pub(super) used: Vec<String>,
    /// Whether its rows carry their records, which break a table's ties.
    pub(super) is_table: bool,
    /// Whether its rows carry all of their records, which a model call may make dead letters of.
    pub(super) has_record: bool,
    /// A table whose rows hold at all times: it has no event time, and is complete at its end.
    pub(super) is_static: bool,
    /// Of a table: the fields by which records without value delete.
    pub(super) table_keys: Vec<String>,
    /// Of that group, in every region.
    pub(super) group: String,
    pub(super) clusters: Vec<Cluster>,
}

/// A declared field, used or not.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Field {
    pub(super) name: String,
    /// windrow's type text, with the unit of a stamp and `?`.
    pub(super) wire_type: String,
    /// Only where it is not the name.
    pub(super) wire_name: Option<String>,
    pub(super) sql_type: String,
}

/// A field of a record in Avro, and its type as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Written {
    pub(super) name: String,
    pub(super) schema: String,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Cluster {
    pub(super) name: String,
    pub(super) bootstrap: String,
}

/// One source on one cluster.
#[derive(Debug, Serialize)]
pub(super) struct SourceOnCluster<'c> {
    pub(super) source: &'c Source,
    pub(super) cluster: &'c Cluster,
    pub(super) table: String,
    /// Of a static table: it is read beside the one that ends, from its beginning too, and for good.
    pub(super) goes_on: bool,
}

/// A source on all clusters that a file names.
#[derive(Debug, Serialize)]
pub(super) struct SourceOnAll<'c> {
    pub(super) source: &'c Source,
    pub(super) table: String,
    /// Group and topic.
    pub(super) stream: String,
}

/// The records of a source on all clusters.
#[derive(Debug, Serialize)]
pub(super) struct RecordsOnClusters<'c> {
    pub(super) source: &'c Source,
    pub(super) tables: Vec<RecordsOnCluster<'c>>,
}

#[derive(Debug, Serialize)]
pub(super) struct RecordsOnCluster<'c> {
    pub(super) table: String,
    pub(super) cluster: &'c Cluster,
    /// Whether another table has the same records, and tells the dead letters.
    pub(super) is_again: bool,
}

/// A time zone and its table in base64.
#[derive(Debug, Serialize)]
pub(super) struct Zone {
    pub(super) name: String,
    pub(super) class: String,
    pub(super) version: &'static str,
    pub(super) table: String,
}

/// A filter or a projection.
#[derive(Debug, Serialize)]
pub(super) struct Rows {
    pub(super) heading: String,
    pub(super) from: String,
    pub(super) columns: Vec<Printed>,
    /// Rows of a source with an event id carry the hash that finds copies.
    pub(super) has_copy: bool,
    /// And the record that they were, if it may yet become a dead letter.
    pub(super) has_record: bool,
    pub(super) filter: Option<String>,
}

/// Rows with the arguments of a model call.
#[derive(Debug, Serialize)]
pub(super) struct Ask {
    pub(super) name: String,
    pub(super) from: String,
    /// Printed expressions.
    pub(super) arguments: Vec<String>,
    /// Printed columns.
    pub(super) columns: Vec<String>,
    pub(super) has_copy: bool,
    pub(super) has_record: bool,
}

/// The class of a model call.
#[derive(Debug, Serialize)]
pub(super) struct ModelCall {
    /// The stream.
    pub(super) name: String,
    pub(super) class: String,
    /// `module:function`
    pub(super) function: String,
    /// What its worker is told, as JSON.
    pub(super) worker: String,
    pub(super) timeout_ms: i64,
    pub(super) concurrency: i64,
    pub(super) retry: i64,
    pub(super) returns: Vec<Field>,
}

/// A printed expression, and its column's name where that does not follow from it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Printed {
    pub(super) sql: String,
    pub(super) name: Option<String>,
}

/// A keyed node: its class, its input, its call.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Node {
    pub(super) name: String,
    /// Of its state: another meaning is another state.
    pub(super) uid: String,
    pub(super) class: String,
    pub(super) from: String,
    pub(super) keys: Vec<KeyColumn>,
    /// Keys that may be null: such rows go no further.
    pub(super) null_keys: Vec<String>,
    pub(super) event_id: Option<EventId>,
    /// Which source of a union an event is of.
    pub(super) origin: Option<String>,
    /// How long a key without events keeps its lifetime columns.
    pub(super) ttl_ms: Option<i64>,
    /// At most one row per key in this time.
    pub(super) every_ms: Option<i64>,
    pub(super) columns: Vec<Argument>,
    pub(super) features: Vec<Feature>,
    /// Of a table, whose rows are looked up, not aggregated.
    pub(super) table: Option<TableRows>,
}

/// The columns of a table behind the record itself, by windrow's type text, and those that are taken.
#[derive(Debug, Clone, Serialize)]
pub(super) struct TableRows {
    /// The last row that was read holds at all times.
    pub(super) is_static: bool,
    pub(super) types: Vec<String>,
    pub(super) takes: Vec<i64>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct KeyColumn {
    pub(super) from: String,
    /// Only where it is not `from`.
    pub(super) name: Option<String>,
    pub(super) output: String,
}

/// The event id as text whose bytes order as the ids do.
#[derive(Debug, Clone, Serialize)]
pub(super) struct EventId {
    pub(super) column: String,
    pub(super) form: IdForm,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum IdForm {
    Text,
    Number,
    Instant,
    Truth,
}

/// An argument or a filter of aggregates, computed once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Argument {
    pub(super) name: String,
    pub(super) sql: String,
    /// windrow's type text.
    pub(super) data_type: String,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Feature {
    pub(super) name: String,
    pub(super) call: Call,
    /// `None`: the whole life of a key.
    pub(super) window: Option<Trailing>,
    pub(super) sql_type: String,
}

/// An aggregate and what it is given. Columns are names of [`Argument`]s.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Call {
    /// The constant of the Java enum.
    pub(super) aggregate: String,
    pub(super) argument: Option<String>,
    pub(super) filter: Option<String>,
    pub(super) order: Option<String>,
    pub(super) by: Option<String>,
    pub(super) parameter: Option<i64>,
    pub(super) default: Option<Constant>,
}

/// A constant by windrow's type text, as text.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Constant {
    pub(super) data_type: String,
    pub(super) text: String,
}

#[derive(Debug, Clone, Serialize)]
#[expect(clippy::struct_field_names, reason = "all three are lengths of time, and say in what")]
pub(super) struct Trailing {
    pub(super) size_ms: i64,
    /// `None`: an exact tail.
    pub(super) hop_ms: Option<i64>,
    pub(super) refresh_ms: i64,
}

/// A part of a join: left rows and the events of one group by, joined on keys.
#[derive(Debug, Serialize)]
pub(super) struct JoinPart {
    /// The join.
    pub(super) name: String,
    /// Of the views and the function: the join and the part's number.
    pub(super) part: String,
    pub(super) class: String,
    pub(super) uid: String,
    /// The view of the left rows.
    pub(super) from: String,
    pub(super) is_first: bool,
    pub(super) copies: bool,
    pub(super) is_fresh: bool,
    pub(super) left_late_ms: i64,
    pub(super) on: Vec<Inner>,
    pub(super) lefts: Vec<Carried>,
    pub(super) right: Node,
    /// The left columns, then the features.
    pub(super) outputs: Vec<Carried>,
}

/// A column under a name of the bundle's.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Inner {
    pub(super) from: String,
    pub(super) inner: String,
}

/// A column that goes through a function under a name of the bundle's, which no key can have.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Carried {
    pub(super) name: String,
    pub(super) inner: String,
    /// windrow's type text.
    pub(super) data_type: String,
    pub(super) sql_type: String,
}

/// Of a join's rows the newest per key, for what is published as latest.
#[derive(Debug, Serialize)]
pub(super) struct Newest {
    pub(super) name: String,
    pub(super) class: String,
    pub(super) uid: String,
    pub(super) from: String,
    pub(super) left_late_ms: i64,
    /// A key has at most one row in this time; 0: each that is newer.
    pub(super) every_ms: i64,
    pub(super) keys: Vec<Inner>,
    /// Those of them that may be null: such a row is nobody's.
    pub(super) null_keys: Vec<String>,
    pub(super) event_id: Option<EventId>,
    pub(super) columns: Vec<Carried>,
}

/// A publication: the columns of its rows as they are written.
#[derive(Debug, Serialize)]
pub(super) struct Sink {
    pub(super) name: String,
    pub(super) from: String,
    /// The column that says as of when a row holds.
    pub(super) as_of: String,
    /// The one that says that the key has left; `None`: none does.
    pub(super) gone: Option<&'static str>,
    pub(super) keys: Vec<SinkColumn>,
    pub(super) columns: Vec<SinkColumn>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct SinkColumn {
    pub(super) name: String,
    pub(super) form: WireForm,
    /// The type of what the sink is given.
    pub(super) sql_type: String,
}

/// A publication to a group of clusters in every region.
#[derive(Debug, Serialize)]
pub(super) struct KafkaSink {
    pub(super) name: String,
    pub(super) from: String,
    pub(super) as_of: String,
    pub(super) gone: Option<&'static str>,
    pub(super) columns: Vec<SinkColumn>,
    pub(super) topic: String,
    pub(super) group: String,
    /// `latest` or `events`.
    pub(super) mode: &'static str,
    /// Positions of the record key's columns, with commas.
    pub(super) keys: String,
    /// The publishing node's fingerprint.
    pub(super) plan: String,
    /// JSON: region, name and brokers of each cluster, in the order of the topology.
    pub(super) clusters: String,
}

/// Where dead letters go.
#[derive(Debug, Serialize)]
pub(super) struct KafkaDeadLetters {
    pub(super) sources: Vec<DeadLettersOf>,
    pub(super) calls: Vec<String>,
    pub(super) topic: String,
    pub(super) group: String,
    pub(super) plan: String,
    pub(super) clusters: String,
}

/// What the sink over Kafka is given.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum WireForm {
    /// The value.
    Plain,
    /// Its text.
    Text,
    /// Bytes as text.
    Base64,
    /// Its JSON: of lists, maps and structs.
    Json,
}

/// The dead letters of all sources.
#[derive(Debug, Serialize)]
pub(super) struct DeadLetters {
    pub(super) sources: Vec<DeadLettersOf>,
    /// The views of model calls that have some.
    pub(super) calls: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct DeadLettersOf {
    pub(super) name: String,
    pub(super) is_static: bool,
}

/// What the bundle says about itself.
#[derive(Debug, Serialize)]
pub(super) struct Readme<R> {
    pub(super) release: R,
    pub(super) deployment: String,
    pub(super) fingerprint: String,
    pub(super) sources: Vec<String>,
    pub(super) outputs: Vec<Published>,
    /// Whether one of the sources has records that no line holds as they are.
    pub(super) has_avro: bool,
    pub(super) has_manifests: bool,
    /// Whether it calls models.
    pub(super) has_modules: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct Published {
    pub(super) name: String,
    pub(super) topic: String,
}

/// The rows of several inputs.
#[derive(Debug, Serialize)]
pub(super) struct Union {
    pub(super) heading: String,
    pub(super) inputs: Vec<UnionInput>,
    pub(super) has_copy: bool,
    pub(super) has_record: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct UnionInput {
    pub(super) view: String,
    pub(super) origin: i64,
    pub(super) columns: Vec<Carried>,
}
