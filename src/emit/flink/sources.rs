//! Sources: the tables over files and clusters, the decoder, the rows that are good.

use crate::emit::context;
use crate::plan::{
    Decode, DecodeField, Format, Plan, SourceNode, Watermark, WireElement, WireField, WireType,
};
use crate::topology::{Cluster, Topology};
use crate::types::{DataType, Field, Schema, TimeUnit};

use super::avro;
use super::build::{Builder, Relation, TIME};
use super::job::{self, Tables};
use super::names;
use crate::functions::flink::type_name;

/// Longer than any log: a table is read from its beginning.
const EVER_MS: i64 = 36_500 * 86_400_000;

/// The plan's three nodes of a source, as one.
pub(super) struct Parts<'p> {
    pub(super) source: &'p SourceNode,
    pub(super) decode: &'p Decode,
    /// A static table has none.
    pub(super) watermark: Option<&'p Watermark>,
    /// The columns that are kept.
    pub(super) output: &'p Schema,
    /// Whether its rows are made once, for a model call reads them and others do, too.
    pub(super) is_shared: bool,
    /// Whether its rows carry their records, for they may yet become dead letters.
    pub(super) has_record: bool,
    /// How far back something looks.
    pub(super) reach_ms: i64,
    /// How long the most patient of its readers waits for a cluster that is down.
    pub(super) hold_for_ms: i64,
}

/// The clusters that any source of the plan reads, by name.
pub(super) fn clusters<'t>(plan: &Plan, topology: &'t Topology) -> Vec<&'t Cluster> {
    let groups: Vec<&str> = plan.sources().into_iter().map(|(_, source)| source.group.as_str()).collect();
    in_order(topology.clusters.iter().filter(|cluster| groups.contains(&cluster.group.as_str())))
}

fn in_order<'t>(clusters: impl Iterator<Item = &'t Cluster>) -> Vec<&'t Cluster> {
    let mut clusters: Vec<_> = clusters.collect();
    clusters.sort_by(|a, b| a.name.cmp(&b.name));
    clusters
}

/// Prints a source and gives the relation of its good rows.
pub(super) fn print(builder: &mut Builder, parts: &Parts) -> Relation {
    let source = context(builder, parts);
    let name = source.name.clone();
    if !source.is_static {
        builder
            .add_function(&format!("wr_time:{name}"), &format!("{}$Time", names::class_name(&source.class)));
    }
    builder
        .add_function(&format!("wr_decode:{name}"), &format!("{}$Decode", names::class_name(&source.class)));
    builder.add_file(&names::class_file(&source.class), "job/Source.java", &source);
    let entry = job::Source {
        name: name.clone(),
        files: files(builder, &source),
        kafka: (!source.clusters.is_empty()).then(|| kafka(builder, &source)),
        live: reads_twice(builder, &source).then(|| live(builder, &source)),
        is_avro: !source.written.is_empty(),
        is_table: source.is_table,
        is_static: source.is_static,
        // Records may be older than their events by as much as those may lead them.
        longest_window_ms: if source.is_table {
            EVER_MS
        } else {
            parts.reach_ms.saturating_add(parts.decode.ahead_ms)
        },
    };
    builder.job.sources.push(entry);
    let decoded = format!("{name}:decoded");
    if parts.is_shared {
        builder.add_stream(&decoded, "sql/view.decoded.sql", &source, shared());
    } else {
        builder.add_view(&decoded, "sql/view.decoded.sql", &source);
    }
    builder.add_view(&name, "sql/view.source.sql", &source);
    Relation {
        view: name,
        columns: parts.output.fields.iter().map(|field| field.name.clone()).collect(),
        has_copy: source.event_id.is_some(),
        has_record: source.has_record,
        as_of: TIME,
    }
}

/// Rows as they are, made once.
fn shared() -> job::Stream {
    job::Stream { class: "dev.windrow.flink.SharedRows".to_owned(), uid: String::new(), begins_at: 0 }
}

fn files(builder: &mut Builder, source: &context::Source) -> Tables {
    let table = format!("sql/sources/{}.files.sql", source.name);
    let records = format!("sql/sources/{}.records.files.sql", source.name);
    builder.add_file(&table, "sql/source.files.sql", source);
    builder.add_file(&records, "sql/source.files.records.sql", source);
    Tables {
        tables: vec![job::Table { file: table, cluster: None, is_dynamic: false, ends: false }],
        records,
    }
}

fn kafka(builder: &mut Builder, source: &context::Source) -> Tables {
    if builder.has_dynamic_sources() {
        return dynamic(builder, source);
    }
    let (tables, rows) = on_clusters(builder, source, false);
    Tables { tables, records: records(builder, source, "kafka", rows) }
}

/// One table over all clusters of the group, whichever there are.
fn dynamic(builder: &mut Builder, source: &context::Source) -> Tables {
    let file = format!("sql/sources/{}.kafka.sql", source.name);
    let records = format!("sql/sources/{}.records.kafka.sql", source.name);
    let table = format!("{}:kafka", source.name);
    let stream = format!("{}/{}", source.group, source.topic);
    let context = context::SourceOnAll { source, table, stream };
    builder.add_file(&file, "sql/source.dynamic.sql", &context);
    builder.add_file(&records, "sql/source.dynamic.records.sql", &context);
    builder.watch(&source.group);
    Tables { tables: vec![job::Table { file, cluster: None, is_dynamic: true, ends: false }], records }
}

/// A static table has to know where its clusters end when it begins; Flink's own connector does not say.
fn reads_twice(builder: &Builder, source: &context::Source) -> bool {
    source.is_static && !source.clusters.is_empty() && !builder.has_dynamic_sources()
}

/// A static table in a job that does not end: the end of the tables that end says that it has been read to
/// its end once, and those that go on have what comes later.
fn live(builder: &mut Builder, source: &context::Source) -> Tables {
    let (mut tables, mut rows) = ending(source);
    for rows in &mut rows {
        rows.is_again = true;
    }
    let (others, other_rows) = on_clusters(builder, source, true);
    tables.extend(others);
    rows.extend(other_rows);
    Tables { tables, records: records(builder, source, "live", rows) }
}

fn records(
    builder: &mut Builder,
    source: &context::Source,
    mode: &str,
    tables: Vec<context::RecordsOnCluster>,
) -> String {
    let file = format!("sql/sources/{}.records.{mode}.sql", source.name);
    builder.add_file(&file, "sql/source.kafka.records.sql", &context::RecordsOnClusters { source, tables });
    file
}

/// A table per cluster, and where its records are.
type OnClusters<'s> = (Vec<job::Table>, Vec<context::RecordsOnCluster<'s>>);

fn on_clusters<'s>(builder: &mut Builder, source: &'s context::Source, goes_on: bool) -> OnClusters<'s> {
    let named = if goes_on { going_on(source) } else { ending(source) };
    for (file, rows) in named.0.iter().zip(&named.1) {
        let (table, cluster) = (rows.table.clone(), rows.cluster);
        let context = context::SourceOnCluster { source, cluster, table, goes_on };
        builder.add_file(&file.file, "sql/source.kafka.sql", &context);
    }
    named
}

/// Of a static table: that end where the log does at the start.
fn ending(source: &context::Source) -> OnClusters<'_> {
    named(source, "kafka", source.is_static)
}

fn going_on(source: &context::Source) -> OnClusters<'_> {
    named(source, "live", false)
}

fn named<'s>(source: &'s context::Source, mode: &str, ends: bool) -> OnClusters<'s> {
    let one = |cluster: &'s context::Cluster| {
        let file = format!("sql/sources/{}.{mode}.{}.sql", source.name, cluster.name);
        let table = format!("{}:{mode}:{}", source.name, cluster.name);
        let rows = context::RecordsOnCluster { table, cluster, is_again: false };
        (job::Table { file, cluster: Some(cluster.name.clone()), is_dynamic: false, ends }, rows)
    };
    source.clusters.iter().map(one).unzip()
}

fn context(builder: &Builder, parts: &Parts) -> context::Source {
    let Parts { source, decode, watermark, output, is_shared: _, has_record, reach_ms: _, hold_for_ms } =
        parts;
    let disorder_ms = watermark.map(|watermark| watermark.disorder_ms);
    let cluster = |cluster: &Cluster| context::Cluster {
        name: cluster.name.clone(),
        bootstrap: cluster.bootstrap.clone(),
    };
    let is_read = |cluster: &&Cluster| builder.lost != Some(cluster.region.as_str());
    let of_group = |topology: &'_ Topology| topology.read(&source.group).filter(is_read).cloned().collect();
    let clusters: Vec<Cluster> = builder.topology.map(of_group).unwrap_or_default();
    let clusters = in_order(clusters.iter());
    context::Source {
        name: source.source.clone(),
        class: names::source_class(&source.source),
        topic: source.topic.clone(),
        fields: decode.fields.iter().map(field).collect(),
        written: written(&decode.format),
        event_time: decode
            .event_time
            .map(|index| decode.fields[index].field.name.clone())
            .unwrap_or_default(),
        event_id: decode.event_id.map(|index| decode.fields[index].field.name.clone()),
        ahead_ms: decode.ahead_ms,
        disorder: disorder_ms.map(interval).unwrap_or_default(),
        disorder_ms: disorder_ms.unwrap_or_default(),
        hold_for_ms: *hold_for_ms,
        used: output.fields.iter().map(|field| field.name.clone()).collect(),
        is_table: parts.source.is_table,
        has_record: *has_record,
        is_static: watermark.is_none(),
        table_keys: decode.keys.iter().map(|index| decode.fields[*index].field.name.clone()).collect(),
        group: source.group.clone(),
        clusters: clusters.into_iter().map(cluster).collect(),
    }
}

fn written(format: &Format) -> Vec<context::Written> {
    match format {
        Format::Json => Vec::new(),
        Format::Avro { file: _, schema } => {
            avro::fields(schema).expect("plans with bad schemas are refused before they are printed")
        }
    }
}

fn field(declared_field: &DecodeField) -> context::Field {
    let DecodeField { field, wire_name, wire_type, slot: _ } = declared_field;
    declared(field, wire_name, wire_type)
}

/// A field of a record, or of a model's answer.
pub(super) fn declared(field: &Field, wire_name: &str, wire_type: &WireType) -> context::Field {
    context::Field {
        name: field.name.clone(),
        wire_type: format!(
            "{}{}",
            wire_text(wire_type, field.data_type),
            if field.nullable { "?" } else { "" }
        ),
        wire_name: (wire_name != field.name).then(|| wire_name.to_owned()),
        sql_type: type_name(field.data_type),
    }
}

/// The type as a definition writes it.
fn wire_text(wire_type: &WireType, data_type: DataType) -> String {
    match (wire_type, data_type) {
        (WireType::List(element), _) => format!("list<{}>", element_text(element)),
        (WireType::Map { key, value }, DataType::Map(map)) => {
            format!("map<{}, {}>", wire_text(key, map.key), element_text(value))
        }
        (WireType::Struct(fields), _) => {
            format!("struct{{{}}}", fields.iter().map(wire_field).collect::<Vec<_>>().join(", "))
        }
        (WireType::Stamp(TimeUnit::Seconds), _) => "timestamp_s".into(),
        (WireType::Stamp(TimeUnit::Millis), _) => "timestamp_ms".into(),
        (WireType::Stamp(TimeUnit::Micros), _) => "timestamp_us".into(),
        (WireType::Stamp(TimeUnit::Nanos), _) => "timestamp_ns".into(),
        (
            WireType::String
            | WireType::Int
            | WireType::Double
            | WireType::Bool
            | WireType::Decimal
            | WireType::IsoTimestamp
            | WireType::Date
            | WireType::Bytes
            | WireType::Map { .. },
            _,
        ) => data_type.to_string(),
    }
}

/// Under the name that it has in records, in quotes if that is no word.
fn wire_field(declared: &WireField) -> String {
    let WireField { field, wire_name, wire_type } = declared;
    let is_word = !wire_name.is_empty() && wire_name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let name = if is_word {
        wire_name.clone()
    } else {
        format!("\"{}\"", wire_name.replace('\\', "\\\\").replace('"', "\\\""))
    };
    let optional = if field.nullable { "?" } else { "" };
    format!("{name} {}{optional}", wire_text(wire_type, field.data_type))
}

fn element_text(element: &WireElement) -> String {
    let optional = if element.nullable { "?" } else { "" };
    wire_text(&element.wire_type, element.data_type) + optional
}

/// `D HH:MM:SS.mmm`
pub(super) fn interval(ms: i64) -> String {
    let (days, ms) = (ms / 86_400_000, ms % 86_400_000);
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    format!("{days} {hours:02}:{minutes:02}:{seconds:02}.{:03}", ms % 1_000)
}
