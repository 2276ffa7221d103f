//! Tables and streams in words: what they hold, and what each column is.

use crate::model::Model;
use crate::model::{Derivation, ORIGIN, Stream, StreamBody, Table};
use crate::types::{Field, Schema};

use super::features::{column, plain, roles};
use super::page::Column;

pub(super) fn table(table: &Table) -> Vec<String> {
    let keys: Vec<_> = table.keys.iter().map(|slot| table.fields[*slot].field.name.as_str()).collect();
    let mut lines = vec![
        format!(
            "The newest row of each {} in topic {} of group `{}`, read from every cluster of that group in every region.",
            keys.join(" and "),
            table.topic,
            table.group
        ),
        "A record without a value deletes the row of its key.".to_owned(),
    ];
    lines.push(match table.event_time {
        Some(slot) => format!(
            "A lookup for an event sees the newest row with an earlier {}.",
            table.fields[slot].field.name
        ),
        None => "Its rows hold at all times: a lookup sees the last one that was read.".to_owned(),
    });
    lines
}

pub(super) fn table_columns(table: &Table) -> Vec<Column> {
    let meaning = |(slot, field): (usize, &crate::model::SourceField)| {
        let mut words = roles(Some(slot), table.event_time, table.event_id);
        if table.keys.contains(&slot) {
            words.insert(0, "the key".to_owned());
        }
        if field.wire_name != field.field.name {
            words.push(format!("written as {:?}", field.wire_name));
        }
        column(&field.field, words.join(", "))
    };
    table.fields.iter().enumerate().map(meaning).collect()
}

pub(super) fn stream(model: &Model, stream: &Stream) -> Vec<String> {
    match &stream.body {
        StreamBody::Union(inputs) => {
            let names: Vec<_> = inputs.iter().map(|input| model.rows(*input).name).collect();
            vec![format!("The events of {}, which have one shape.", names.join(" and "))]
        }
        StreamBody::Derive(derivation) => {
            let rows = scope(model, derivation);
            let mut lines = vec![format!("The events of {}, one by one.", model.rows(derivation.from).name)];
            let lets = derivation.lets.iter();
            lines.extend(lets.map(|c| format!("Here {} is {}.", c.name, plain(&c.expr, &rows))));
            let filter = derivation.filter.as_ref();
            lines.extend(filter.map(|filter| format!("Only those where {}.", plain(filter, &rows))));
            lines.extend(derivation.call.as_ref().map(|call| {
                format!("Each is sent to the model {}, whose answer is added.", call.value.function)
            }));
            lines
        }
    }
}

pub(super) fn stream_columns(model: &Model, stream: &Stream) -> Vec<Column> {
    let fields = stream.fields.iter().filter(|field| field.name != ORIGIN).enumerate();
    let derivation = match &stream.body {
        StreamBody::Derive(derivation) => Some((derivation, scope(model, derivation))),
        StreamBody::Union(_) => None,
    };
    let meaning = |slot: usize, field: &Field| {
        let mut words = roles(Some(slot), Some(stream.event_time), stream.event_id);
        if let Some((derivation, rows)) = &derivation {
            match derivation.select.get(slot).filter(|selected| selected.name != ORIGIN) {
                Some(selected) => {
                    let text = plain(&selected.expr, rows);
                    words.extend((text != field.name).then_some(text));
                }
                None => words.push("from the model".to_owned()),
            }
        }
        words.join(", ")
    };
    fields.map(|(slot, field)| column(field, meaning(slot, field))).collect()
}

/// The input's columns, then the lets.
fn scope(model: &Model, derivation: &Derivation) -> Schema {
    let mut fields: Vec<Field> = model.rows(derivation.from).fields.into_iter().cloned().collect();
    let lets = derivation.lets.iter();
    fields.extend(lets.map(|c| Field::new(&c.name, c.expr.data_type, c.expr.nullable)));
    Schema { fields }
}
