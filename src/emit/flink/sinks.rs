//! Publications: the rows as they are written, and the dead letters.

use serde::Serialize;

use crate::emit::context::{
    DeadLetters, DeadLettersOf, KafkaDeadLetters, KafkaSink, Sink, SinkColumn, WireForm,
};
use crate::functions::flink::type_name;
use crate::plan::{Node, Plan, Publish, PublishMode, fingerprint};
use crate::topology::{Cluster, Topology};
use crate::types::{DataType, Field};

use super::build::{Builder, Relation};
use super::job::{Output, Source, Statements};

/// Prints what writes the rows of a publication.
pub(super) fn print(builder: &mut Builder, node: &Node, publish: &Publish, input: &Relation) {
    let name = &node.definition;
    let columns: Vec<SinkColumn> = node.output.fields.iter().map(column).collect();
    let sink = Sink {
        name: name.clone(),
        from: input.view.clone(),
        as_of: input.as_of.to_owned(),
        gone: input.gone(),
        keys: publish.keys.iter().map(|slot| columns[*slot].clone()).collect(),
        columns,
    };
    let files = statements(builder, &format!("sql/sinks/{name}.files"), "sql/sink.files", &sink);
    let kafka = kafka(builder.topology, node, publish, &sink)
        .map(|sink| statements(builder, &format!("sql/sinks/{name}.kafka"), "sql/sink.kafka", &sink));
    builder.job.sinks.push(Output { name: Some(name.clone()), files, kafka });
}

/// A table and the insert into it, from a pair of templates.
fn statements(builder: &mut Builder, path: &str, template: &str, context: &impl Serialize) -> Statements {
    let (table, insert) = (format!("{path}.sql"), format!("{path}.insert.sql"));
    builder.add_file(&table, &format!("{template}.sql"), context);
    builder.add_file(&insert, &format!("{template}.insert.sql"), context);
    Statements { table, insert }
}

fn kafka(topology: Option<&Topology>, node: &Node, publish: &Publish, sink: &Sink) -> Option<KafkaSink> {
    let keys: Vec<_> = publish.keys.iter().map(ToString::to_string).collect();
    Some(KafkaSink {
        name: sink.name.clone(),
        from: sink.from.clone(),
        as_of: sink.as_of.clone(),
        gone: sink.gone,
        columns: sink.columns.clone(),
        topic: publish.topic.clone(),
        group: publish.group.clone(),
        mode: match publish.mode {
            PublishMode::Latest => "latest",
            PublishMode::Events => "events",
        },
        keys: keys.join(","),
        plan: node.fingerprint.clone(),
        clusters: clusters(topology?, &publish.group)?,
    })
}

/// The clusters of a group; `None`: there are none.
fn clusters(topology: &Topology, group: &str) -> Option<String> {
    #[derive(Serialize)]
    struct One<'c> {
        region: &'c str,
        name: &'c str,
        bootstrap: &'c str,
    }
    let one = |cluster: &'_ Cluster| {
        let Cluster { region, name, bootstrap, .. } = cluster;
        serde_json::to_string(&One { region, name, bootstrap }).expect("plain fields are JSON")
    };
    let all: Vec<String> = topology.written(group).map(one).collect();
    (!all.is_empty()).then(|| format!("[{}]", all.join(", ")))
}

fn column(field: &Field) -> SinkColumn {
    let (form, given) = match field.data_type {
        DataType::Date => (WireForm::Text, DataType::String),
        DataType::Bytes => (WireForm::Base64, DataType::String),
        DataType::List(_) | DataType::Map(_) | DataType::Struct(_) => (WireForm::Json, DataType::Bytes),
        plain @ (DataType::String
        | DataType::Int
        | DataType::Double
        | DataType::Bool
        | DataType::Decimal { .. }
        | DataType::Timestamp) => (WireForm::Plain, plain),
    };
    SinkColumn { name: field.name.clone(), form, sql_type: type_name(given) }
}

/// Prints what writes the dead letters of all sources so far. In Kafka they go where the rows of the
/// first publication go.
pub(super) fn dead_letters(builder: &mut Builder, plan: &Plan) {
    let of = |source: &Source| DeadLettersOf { name: source.name.clone(), is_static: source.is_static };
    let sources: Vec<DeadLettersOf> = builder.job.sources.iter().map(of).collect();
    let calls = builder.calls.clone();
    let context = DeadLetters { sources: sources.clone(), calls: calls.clone() };
    let files = statements(builder, "sql/dead_letters.files", "sql/dead_letters.files", &context);
    let group = plan.publishers().first().map(|(_, publish)| publish.group.as_str());
    let of_group = group.and_then(|group| Some((group, clusters(builder.topology?, group)?)));
    let kafka = of_group.map(|(group, clusters)| KafkaDeadLetters {
        sources,
        calls,
        topic: format!("windrow.{}.dead_letters", plan.deployment),
        group: group.to_owned(),
        plan: fingerprint::of_plan(plan),
        clusters,
    });
    let kafka = kafka
        .map(|context| statements(builder, "sql/dead_letters.kafka", "sql/dead_letters.kafka", &context));
    builder.job.dead_letters = Output { name: None, files, kafka };
}
