//! Type names → data types and wire types.

use crate::diag::{Code, Diagnostic, Diagnostics, Span, Spanned, nearest};
use crate::model::WireType;
use crate::syntax::ast::TypeName;
use crate::types::{DataType, TimeUnit};

/// The types a field may have.
const NAMES: [&str; 10] = [
    "string",
    "int",
    "double",
    "bool",
    "decimal",
    "timestamp",
    "timestamp_s",
    "timestamp_ms",
    "timestamp_us",
    "timestamp_ns",
];

/// Types of the language's plan that are not built yet, and what serves until then.
const LATER: [&str; 5] = ["bytes", "date", "list", "map", "struct"];

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
    let (name, arguments) = match &written.value {
        TypeName::Plain { name, arguments } => (name, arguments),
        TypeName::List(_) | TypeName::Map { .. } | TypeName::Struct(_) => {
            diagnostics.push(unknown("list", written.span));
            return None;
        }
    };
    if name == "decimal" {
        let data_type = decimal(arguments, written.span, diagnostics)?;
        return Some((data_type, WireType::Decimal));
    }
    let Some(found) = plain(name) else {
        diagnostics.push(unknown(name, written.span));
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
        "timestamp" => (DataType::Timestamp, WireType::IsoTimestamp),
        "timestamp_s" => (DataType::Timestamp, WireType::Stamp(TimeUnit::Seconds)),
        "timestamp_ms" => (DataType::Timestamp, WireType::Stamp(TimeUnit::Millis)),
        "timestamp_us" => (DataType::Timestamp, WireType::Stamp(TimeUnit::Micros)),
        "timestamp_ns" => (DataType::Timestamp, WireType::Stamp(TimeUnit::Nanos)),
        _ => return None,
    })
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
    if LATER.contains(&name) {
        return Diagnostic::error(Code::E0205, span, format!("the type `{name}` is not available yet"))
            .hint("leave the field out of the schema: undeclared fields are ignored");
    }
    let synonym = match name.to_ascii_lowercase().as_str() {
        "integer" | "bigint" | "long" | "int64" | "int32" | "smallint" => Some("int"),
        "float" | "float64" | "float32" | "real" | "number" => Some("double"),
        "varchar" | "text" | "str" | "char" => Some("string"),
        "numeric" | "money" => Some("decimal"),
        "datetime" | "time" => Some("timestamp"),
        _ => None,
    };
    let error = Diagnostic::error(Code::E0205, span, format!("unknown type `{name}`"));
    match synonym.or_else(|| nearest(name, NAMES)) {
        Some("decimal") => error.hint("did you mean `decimal(12,2)`?"),
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!("the types are {}", NAMES.join(", "))),
    }
}
