//! Type names → data types and wire types.

use std::sync::Arc;

use crate::diag::{Code, Diagnostic, Diagnostics, Span, Spanned, nearest};
use crate::model::{WireElement, WireField, WireType};
use crate::syntax::ast::{ElementType, FieldDef, TypeName};
use crate::types::{DataType, Field, TimeUnit};

use super::{all, distinct};

/// The types a field may have.
const NAMES: [&str; 15] = [
    "string",
    "int",
    "double",
    "bool",
    "bytes",
    "date",
    "decimal",
    "timestamp",
    "timestamp_s",
    "timestamp_ms",
    "timestamp_us",
    "timestamp_ns",
    "list",
    "map",
    "struct",
];

/// The type of a cast: how stamps are written on the wire makes no difference there.
pub(in crate::model) fn data_type(
    written: &Spanned<TypeName>,
    diagnostics: &mut Diagnostics,
) -> Option<DataType> {
    wire_type(written, diagnostics).map(|(data_type, _)| data_type)
}

/// The type of a field and how it is written on the wire.
pub(in crate::model) fn wire_type(
    written: &Spanned<TypeName>,
    diagnostics: &mut Diagnostics,
) -> Option<(DataType, WireType)> {
    match &written.value {
        TypeName::Plain { name, arguments } => scalar(name, arguments, written.span, diagnostics),
        TypeName::List(element) => {
            let element = wire_element(element, diagnostics)?;
            let data_type = DataType::list(element.data_type, element.nullable);
            Some((data_type, WireType::List(Arc::new(element))))
        }
        TypeName::Map { key, value } => {
            let (key, value) = (map_key(key, diagnostics), wire_element(value, diagnostics));
            let ((key_type, key), value) = (key?, value?);
            let data_type = DataType::map(key_type, value.data_type, value.nullable);
            Some((data_type, WireType::Map { key: Arc::new(key), value: Arc::new(value) }))
        }
        TypeName::Struct(fields) => structure(fields, written.span, diagnostics),
    }
}

fn scalar(
    name: &str,
    arguments: &[Spanned<String>],
    span: Span,
    diagnostics: &mut Diagnostics,
) -> Option<(DataType, WireType)> {
    if name == "decimal" {
        let data_type = decimal(arguments, span, diagnostics)?;
        return Some((data_type, WireType::Decimal));
    }
    let Some(found) = plain(name) else {
        diagnostics.push(unknown(name, span));
        return None;
    };
    if let Some(first) = arguments.first() {
        let message = format!("`{name}` takes no parameters");
        diagnostics.push(Diagnostic::error(Code::E0309, first.span, message).hint(format!("write `{name}`")));
        return None;
    }
    Some(found)
}

fn plain(name: &str) -> Option<(DataType, WireType)> {
    Some(match name {
        "string" => (DataType::String, WireType::String),
        "int" => (DataType::Int, WireType::Int),
        "double" => (DataType::Double, WireType::Double),
        "bool" => (DataType::Bool, WireType::Bool),
        "bytes" => (DataType::Bytes, WireType::Bytes),
        "date" => (DataType::Date, WireType::Date),
        "timestamp" => (DataType::Timestamp, WireType::IsoTimestamp),
        "timestamp_s" => (DataType::Timestamp, WireType::Stamp(TimeUnit::Seconds)),
        "timestamp_ms" => (DataType::Timestamp, WireType::Stamp(TimeUnit::Millis)),
        "timestamp_us" => (DataType::Timestamp, WireType::Stamp(TimeUnit::Micros)),
        "timestamp_ns" => (DataType::Timestamp, WireType::Stamp(TimeUnit::Nanos)),
        _ => return None,
    })
}

fn wire_element(written: &ElementType, diagnostics: &mut Diagnostics) -> Option<WireElement> {
    let (data_type, wire_type) = wire_type(&written.data_type, diagnostics)?;
    Some(WireElement { wire_type, data_type, nullable: written.nullable })
}

/// Keys are written as texts, and equal keys have one text.
fn map_key(written: &Spanned<TypeName>, diagnostics: &mut Diagnostics) -> Option<(DataType, WireType)> {
    let (data_type, wire_type) = wire_type(written, diagnostics)?;
    if data_type.is_map_key() {
        return Some((data_type, wire_type));
    }
    let message = format!("{data_type} cannot be the key of a map");
    diagnostics.push(
        Diagnostic::error(Code::E0223, written.span, message)
            .hint("use a string, int, bool, date, decimal or timestamp"),
    );
    None
}

fn structure(fields: &[FieldDef], span: Span, diagnostics: &mut Diagnostics) -> Option<(DataType, WireType)> {
    if fields.is_empty() {
        diagnostics.push(
            Diagnostic::error(Code::E0309, span, "a struct needs fields")
                .hint("write `struct{city string, zip string?}`"),
        );
        return None;
    }
    let names = fields.iter().map(|field| (field.name.value.clone(), field.name.span));
    let distinct = distinct(names, "fields of a struct", diagnostics);
    let fields: Vec<_> = fields.iter().map(|field| struct_field(field, diagnostics)).collect();
    let fields = all(fields).filter(|_| distinct)?;
    let data_type = DataType::structure(fields.iter().map(|field| field.field.clone()).collect());
    Some((data_type, WireType::Struct(fields.into())))
}

fn struct_field(field: &FieldDef, diagnostics: &mut Diagnostics) -> Option<WireField> {
    let (data_type, wire_type) = wire_type(&field.data_type, diagnostics)?;
    let name = field.name.value.clone();
    let wire_name = field.wire_name.as_ref().map_or_else(|| name.clone(), |wire| wire.value.clone());
    Some(WireField { field: Field::new(name, data_type, field.nullable), wire_name, wire_type })
}

fn decimal(arguments: &[Spanned<String>], span: Span, diagnostics: &mut Diagnostics) -> Option<DataType> {
    let digits: Vec<Option<u8>> = arguments.iter().map(|argument| argument.value.parse().ok()).collect();
    let problem = match digits.as_slice() {
        [Some(precision), Some(scale)] if (1..=38).contains(precision) && scale <= precision => {
            return Some(DataType::Decimal { precision: *precision, scale: *scale });
        }
        [Some(precision), Some(scale)] if (1..=38).contains(precision) => {
            format!("{scale} digits after the point are more than {precision} in all")
        }
        [Some(precision), Some(_)] => format!("expected 1 to 38 digits, found {precision}"),
        [_, _] => "expected two whole numbers up to 38".into(),
        other => format!("expected a precision and a scale, found {} parameters", other.len()),
    };
    diagnostics.push(
        Diagnostic::error(Code::E0309, span, format!("`decimal`: {problem}"))
            .hint("write `decimal(precision, scale)`, like decimal(12,2)"),
    );
    None
}

fn unknown(name: &str, span: Span) -> Diagnostic {
    let synonym = match name.to_ascii_lowercase().as_str() {
        "integer" | "bigint" | "long" | "int64" | "int32" | "smallint" => Some("int"),
        "float" | "float64" | "float32" | "real" | "number" => Some("double"),
        "varchar" | "text" | "str" | "char" => Some("string"),
        "numeric" | "money" => Some("decimal"),
        "datetime" | "time" => Some("timestamp"),
        "binary" | "varbinary" | "blob" => Some("bytes"),
        "array" => Some("list"),
        "object" | "record" | "row" => Some("struct"),
        _ => None,
    };
    let error = Diagnostic::error(Code::E0205, span, format!("unknown type `{name}`"));
    match synonym.or_else(|| nearest(name, NAMES)) {
        Some("decimal") => error.hint("did you mean `decimal(12,2)`?"),
        Some("list") => error.hint("did you mean `list<string>`?"),
        Some("map") => error.hint("did you mean `map<string, int>`?"),
        Some("struct") => error.hint("did you mean `struct{city string, zip string?}`?"),
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!("the types are {}", NAMES.join(", "))),
    }
}
