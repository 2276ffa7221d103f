//! Rows for people and for programs.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, Table, presets};

use crate::types::{Field, Row, Value};
use crate::wire;

pub(super) fn table(fields: &[Field], rows: &[Row]) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header(fields.iter().map(|field| &field.name));
    for row in rows {
        table.add_row(row.iter().map(ToString::to_string));
    }
    for (column, field) in table.column_iter_mut().zip(fields) {
        if field.data_type.is_numeric() {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    format!("{table}\n")
}

pub(super) fn csv(fields: &[Field], rows: &[Row]) -> String {
    let mut text = String::new();
    put_record(&mut text, fields.iter().map(|field| field.name.clone()));
    for row in rows {
        put_record(&mut text, row.iter().map(Value::to_string));
    }
    text
}

fn put_record(text: &mut String, cells: impl Iterator<Item = String>) {
    for (i, cell) in cells.enumerate() {
        if i > 0 {
            text.push(',');
        }
        if cell.contains(['"', ',', '\n', '\r']) {
            let _ = write!(text, "\"{}\"", cell.replace('"', "\"\""));
        } else {
            text.push_str(&cell);
        }
    }
    text.push('\n');
}

pub(super) fn lines(fields: &[Field], rows: &[Row]) -> String {
    let line = |row: &Row| String::from_utf8(wire::encode_row(fields, row)).expect("JSON is UTF-8");
    rows.iter().map(|row| line(row) + "\n").collect()
}
