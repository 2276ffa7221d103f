//! Sources: the tables over files and clusters, the decoder, the rows that are good.

use crate::emit::context;
use crate::plan::{Decode, DecodeField, Plan, SourceNode, Watermark, WireElement, WireType};
use crate::topology::{Cluster, Topology};
use crate::types::{DataType, Schema, TimeUnit};

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
    pub(super) watermark: &'p Watermark,
    /// The columns that are kept.
    pub(super) output: &'p Schema,
    /// How far back something looks.
    pub(super) reach_ms: i64,
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
    builder.add_function(&format!("wr_time:{name}"), &format!("{}$Time", names::class_name(&source.class)));
    builder
        .add_function(&format!("wr_decode:{name}"), &format!("{}$Decode", names::class_name(&source.class)));
    builder.add_file(&names::class_file(&source.class), "job/Source.java", &source);
    let entry = job::Source {
        name: name.clone(),
        files: files(builder, &source),
        kafka: (!source.clusters.is_empty()).then(|| kafka(builder, &source)),
        // Records may be older than their events by as much as those may lead them.
        longest_window_ms: if source.is_table {
            EVER_MS
        } else {
            parts.reach_ms.saturating_add(parts.decode.ahead_ms)
        },
    };
    builder.job.sources.push(entry);
    builder.add_view(&format!("{name}:decoded"), "sql/view.decoded.sql", &source);
    builder.add_view(&name, "sql/view.source.sql", &source);
    Relation {
        view: name,
        columns: parts.output.fields.iter().map(|field| field.name.clone()).collect(),
        has_copy: source.event_id.is_some(),
        as_of: TIME,
    }
}

fn files(builder: &mut Builder, source: &context::Source) -> Tables {
    let table = format!("sql/sources/{}.files.sql", source.name);
    let records = format!("sql/sources/{}.records.files.sql", source.name);
    builder.add_file(&table, "sql/source.files.sql", source);
    builder.add_file(&records, "sql/source.files.records.sql", source);
    Tables { tables: vec![job::Table { file: table, cluster: None }], records }
}

fn kafka(builder: &mut Builder, source: &context::Source) -> Tables {
    let mut tables = Vec::new();
    for cluster in &source.clusters {
        let table = format!("sql/sources/{}.kafka.{}.sql", source.name, cluster.name);
        builder.add_file(&table, "sql/source.kafka.sql", &context::SourceOnCluster { source, cluster });
        tables.push(job::Table { file: table, cluster: Some(cluster.name.clone()) });
    }
    let records = format!("sql/sources/{}.records.kafka.sql", source.name);
    builder.add_file(&records, "sql/source.kafka.records.sql", source);
    Tables { tables, records }
}

fn context(builder: &Builder, parts: &Parts) -> context::Source {
    let Parts { source, decode, watermark, output, reach_ms: _ } = parts;
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
        event_time: decode
            .event_time
            .map(|index| decode.fields[index].field.name.clone())
            .unwrap_or_default(),
        event_id: decode.event_id.map(|index| decode.fields[index].field.name.clone()),
        ahead_ms: decode.ahead_ms,
        disorder: interval(watermark.disorder_ms),
        used: output.fields.iter().map(|field| field.name.clone()).collect(),
        is_table: parts.source.is_table,
        clusters: clusters.into_iter().map(cluster).collect(),
    }
}

fn field(declared: &DecodeField) -> context::Field {
    let DecodeField { field, wire_name, wire_type, slot: _ } = declared;
    context::Field {
        name: field.name.clone(),
        wire_type: format!(
            "{}{}",
            wire_text(wire_type, field.data_type),
            if field.nullable { "?" } else { "" }
        ),
        wire_name: (*wire_name != field.name).then(|| wire_name.clone()),
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
            | WireType::Map { .. }
            | WireType::Struct(_),
            _,
        ) => data_type.to_string(),
    }
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
