//! Publications: the rows as they are written, and the dead letters.

use crate::emit::context::{DeadLetters, Sink, SinkColumn, WireForm};
use crate::functions::flink::type_name;
use crate::plan::Node;
use crate::types::{DataType, Field};

use super::build::{Builder, Relation};
use super::job::Output;

/// Prints what writes the rows of a publication.
pub(super) fn print(builder: &mut Builder, node: &Node, input: &Relation) {
    let name = &node.definition;
    let sink = Sink {
        name: name.clone(),
        from: input.view.clone(),
        as_of: input.as_of.to_owned(),
        columns: node.output.fields.iter().map(column).collect(),
    };
    let files = format!("sql/sinks/{name}.files.sql");
    let insert = format!("sql/sinks/{name}.insert.sql");
    builder.add_file(&files, "sql/sink.files.sql", &sink);
    builder.add_file(&insert, "sql/sink.insert.sql", &sink);
    builder.job.sinks.push(Output { name: Some(name.clone()), files, insert });
}

fn column(field: &Field) -> SinkColumn {
    let (form, written) = match field.data_type {
        DataType::Decimal { .. } => (WireForm::Text, DataType::String),
        DataType::Timestamp => (WireForm::Instant, DataType::Int),
        plain @ (DataType::String | DataType::Int | DataType::Double | DataType::Bool) => {
            (WireForm::Plain, plain)
        }
        DataType::Bytes | DataType::Date | DataType::List(_) | DataType::Map(_) | DataType::Struct(_) => {
            unreachable!("columns without a wire form in Flink were refused before anything is printed")
        }
    };
    SinkColumn { name: field.name.clone(), form, sql_type: type_name(written) }
}

/// Prints what writes the dead letters of all sources so far.
pub(super) fn dead_letters(builder: &mut Builder) {
    let sources = builder.job.sources.iter().map(|source| source.name.clone()).collect();
    let context = DeadLetters { sources };
    let (files, insert) = ("sql/dead_letters.files.sql", "sql/dead_letters.insert.sql");
    builder.add_file(files, "sql/dead_letters.files.sql", &context);
    builder.add_file(insert, "sql/dead_letters.insert.sql", &context);
    builder.job.dead_letters = Output { name: None, files: files.to_owned(), insert: insert.to_owned() };
}
