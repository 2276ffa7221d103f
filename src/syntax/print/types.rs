//! Types and fields.

use crate::syntax::ast::{ElementType, FieldDef, TypeName};

use super::clause::Clause;
use super::word::{at, list, name, quoted};

pub(super) fn text(data_type: &TypeName) -> String {
    match data_type {
        TypeName::Plain { name, arguments } if arguments.is_empty() => name.clone(),
        TypeName::Plain { name, arguments } => {
            let arguments: Vec<_> = arguments.iter().map(|argument| argument.value.as_str()).collect();
            format!("{name}({})", arguments.join(","))
        }
        TypeName::List(element) => format!("list<{}>", element_type(element)),
        TypeName::Map { key, value } => format!("map<{}, {}>", text(&key.value), element_type(value)),
        TypeName::Struct(fields) => format!("struct{{{}}}", list(fields, field)),
    }
}

fn element_type(element: &ElementType) -> String {
    text(&element.data_type.value) + if element.nullable { "?" } else { "" }
}

/// `name type? from "wire name"`
pub(super) fn field(field: &FieldDef) -> String {
    let nullable = if field.nullable { "?" } else { "" };
    let from = field.wire_name.as_ref().map(|wire| format!(" from {}", quoted(&wire.value)));
    let (name, data_type) = (name(&field.name.value), text(&field.data_type.value));
    format!("{name} {data_type}{nullable}{}", from.unwrap_or_default())
}

/// The fields of a schema, a clause each.
pub(super) fn fields(fields: &[FieldDef]) -> Vec<Clause> {
    let clause = |of: &FieldDef| Clause { at: at(&of.name), text: field(of), fields: Vec::new() };
    fields.iter().map(clause).collect()
}
