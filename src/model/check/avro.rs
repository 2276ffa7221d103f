//! `format avro "…"`: the schema file against the declared fields.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::diag::{Code, Diagnostic, Diagnostics, Span, Spanned, nearest};
use crate::model::beside::Beside;
use crate::model::{Format, SourceField, WireElement, WireType};
use crate::syntax::ast;
use crate::types::{DataType, TimeUnit};

/// The format, unless the file is missing, no schema, or does not fit the fields.
pub(super) fn check(
    format: &ast::Format,
    fields: &[Option<SourceField>],
    beside: &Beside,
    diagnostics: &mut Diagnostics,
) -> Option<Format> {
    let Some(file) = &format.schema_file else {
        let message = "`avro` needs its schema file";
        let hint = "write `format avro \"purchase.avsc\"`, relative to this file";
        diagnostics.push(Diagnostic::error(Code::E0221, format.name.span, message).hint(hint));
        return None;
    };
    let problem = match text(file, beside) {
        Err(problem) => *problem,
        Ok(text) => match record(text) {
            Err(problem) => no_schema(file, &problem),
            Ok(record) => {
                let sound = Named::of(&record).fits_all(&record, fields, file.span, diagnostics);
                let schema = text.to_owned();
                return sound.then(|| Format::Avro { file: file.value.clone(), schema });
            }
        },
    };
    diagnostics.push(problem);
    None
}

fn text<'a>(file: &Spanned<String>, beside: &'a Beside) -> Result<&'a str, Box<Diagnostic>> {
    let why = match beside.schemas.get(&(file.span.file, file.value.clone())) {
        Some(Ok(text)) => return Ok(text),
        Some(Err(why)) => why.as_str(),
        None => "no such file was read",
    };
    let message = format!("the schema {:?} cannot be read: {why}", file.value);
    let problem = Diagnostic::error(Code::E0221, file.span, message);
    Err(Box::new(problem.hint("paths are relative to this file")))
}

fn no_schema(file: &Spanned<String>, problem: &str) -> Diagnostic {
    Diagnostic::error(Code::E0221, file.span, format!("`{}` is no Avro schema of a record: {problem}", file.value))
        .hint("an Avro schema is JSON: {\"type\": \"record\", \"name\": \"Purchase\", \"fields\": [{\"name\": \"id\", \"type\": \"string\"}]}")
}

fn record(text: &str) -> Result<Json, String> {
    let json: Json = serde_json::from_str(text).map_err(|error| error.to_string())?;
    match (json.get("type").and_then(Json::as_str), json.get("fields")) {
        (Some("record"), Some(Json::Array(_))) => Ok(json),
        (Some("record"), _) => Err("the record has no list of `fields`".to_owned()),
        (Some(other), _) => Err(format!("its type is `{other}`")),
        (None, _) => Err("it has no `type`".to_owned()),
    }
}

/// Types that the schema names, by name, for those that refer to them.
struct Named<'s>(BTreeMap<&'s str, &'s Json>);

impl<'s> Named<'s> {
    fn of(schema: &'s Json) -> Self {
        let mut named = BTreeMap::new();
        let mut open = vec![schema];
        while let Some(next) = open.pop() {
            match next {
                Json::Object(object) => {
                    if let Some(name) = object.get("name").and_then(Json::as_str)
                        && object.get("type").and_then(Json::as_str).is_some_and(is_named)
                    {
                        named.insert(name.rsplit('.').next().unwrap_or(name), next);
                    }
                    open.extend(object.values());
                }
                Json::Array(items) => open.extend(items),
                Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
            }
        }
        Self(named)
    }

    /// Whether the record has every declared field, of a type that can be read as declared.
    fn fits_all(
        &self,
        record: &Json,
        fields: &[Option<SourceField>],
        file: Span,
        diagnostics: &mut Diagnostics,
    ) -> bool {
        let mut sound = true;
        for field in fields.iter().flatten() {
            let (name, nullable) = (&field.wire_name, field.field.nullable);
            let problem = match member(record, name) {
                None => absent(record, field),
                Some(found) => match self.misfit(found, &field.wire_type, field.field.data_type, nullable) {
                    None => continue,
                    Some(found) => misfit(field, &found),
                },
            };
            sound = false;
            diagnostics.push(problem.also(file, "the schema"));
        }
        sound
    }

    /// What the schema has instead of the declared type; `None`: it fits.
    fn misfit(&self, found: &Json, wire: &WireType, declared: DataType, nullable: bool) -> Option<String> {
        let (found, may_be_null) = without_null(found);
        let Some(found) = found else { return Some("a union of several types".to_owned()) };
        if may_be_null && !nullable {
            return Some(format!("{}, which may be null", shown(found)));
        }
        let found = found.as_str().and_then(|name| self.resolve(name)).unwrap_or(found);
        let inner = |items: &Json, element: &WireElement| {
            self.misfit(items, &element.wire_type, element.data_type, element.nullable)
        };
        let fits = match (wire, kind(found)) {
            (WireType::List(element), "array") => {
                return inner(found.get("items")?, element).map(|inside| format!("a list of {inside}"));
            }
            (WireType::Map { value, .. }, "map") => {
                return inner(found.get("values")?, value).map(|inside| format!("a map to {inside}"));
            }
            (WireType::Struct(fields), "record") => {
                return fields.iter().find_map(|field| match member(found, &field.wire_name) {
                    None => Some(format!("a record without `{}`", field.wire_name)),
                    Some(inside) => self
                        .misfit(inside, &field.wire_type, field.field.data_type, field.field.nullable)
                        .map(|inside| format!("a record whose `{}` is {inside}", field.wire_name)),
                });
            }
            (wire, kind) => scalar_fits(wire, kind, found, declared),
        };
        (!fits).then(|| shown(found))
    }

    fn resolve(&self, name: &str) -> Option<&'s Json> {
        self.0.get(name.rsplit('.').next().unwrap_or(name)).copied()
    }
}

/// Whether Avro's type can be read as declared without loss.
fn scalar_fits(wire: &WireType, kind: &str, found: &Json, declared: DataType) -> bool {
    let logical = found.get("logicalType").and_then(Json::as_str);
    let number = |key: &str| found.get(key).and_then(Json::as_u64);
    match wire {
        WireType::String => matches!(kind, "string" | "enum"),
        WireType::Int => matches!(kind, "int" | "long") && logical.is_none(),
        WireType::Double => matches!(kind, "float" | "double"),
        WireType::Bool => kind == "boolean",
        WireType::Bytes => matches!(kind, "bytes" | "fixed") && logical.is_none(),
        WireType::Date => kind == "int" && logical == Some("date"),
        WireType::IsoTimestamp => kind == "string",
        WireType::Stamp(unit) => match (kind, logical) {
            ("long", Some("timestamp-millis")) => *unit == TimeUnit::Millis,
            ("long", Some("timestamp-micros")) => *unit == TimeUnit::Micros,
            ("long", Some("timestamp-nanos")) => *unit == TimeUnit::Nanos,
            ("long" | "int", None) => true,
            _ => false,
        },
        WireType::Decimal => {
            let DataType::Decimal { precision, scale } = declared else { return false };
            matches!(kind, "bytes" | "fixed")
                && logical == Some("decimal")
                && number("precision").is_some_and(|p| p <= u64::from(precision))
                && number("scale").unwrap_or(0) == u64::from(scale)
        }
        WireType::List(_) | WireType::Map { .. } | WireType::Struct(_) => false,
    }
}

fn is_named(kind: &str) -> bool {
    matches!(kind, "record" | "enum" | "fixed")
}

/// The type of a field of a record.
fn member<'s>(record: &'s Json, name: &str) -> Option<&'s Json> {
    let fields = record.get("fields")?.as_array()?;
    fields.iter().find(|field| field.get("name").and_then(Json::as_str) == Some(name))?.get("type")
}

/// The one type beside null of a union, and whether null is in it.
fn without_null(found: &Json) -> (Option<&Json>, bool) {
    let Json::Array(branches) = found else { return (Some(found), false) };
    let is_null = |branch: &&Json| kind(branch) == "null";
    let mut others = branches.iter().filter(|branch| !is_null(branch));
    let (first, second) = (others.next(), others.next());
    (first.filter(|_| second.is_none()), branches.iter().any(|branch| is_null(&branch)))
}

/// Avro's word for a type.
fn kind(found: &Json) -> &str {
    found.as_str().or_else(|| found.get("type").and_then(Json::as_str)).unwrap_or("?")
}

/// `bytes (decimal 10,2)`
fn shown(found: &Json) -> String {
    let number = |key: &str| found.get(key).and_then(Json::as_u64).unwrap_or(0);
    match found.get("logicalType").and_then(Json::as_str) {
        Some("decimal") => format!("{} (decimal {},{})", kind(found), number("precision"), number("scale")),
        Some(logical) => format!("{} ({logical})", kind(found)),
        None => kind(found).to_owned(),
    }
}

fn absent(record: &Json, field: &SourceField) -> Diagnostic {
    let names = record.get("fields").and_then(Json::as_array).into_iter().flatten();
    let names: Vec<_> = names.filter_map(|field| field.get("name").and_then(Json::as_str)).collect();
    let message = format!("the Avro schema has no field `{}`", field.wire_name);
    Diagnostic::error(Code::E0221, field.span, message).hint(match nearest(&field.wire_name, names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("remove it, or say which it is: `{} … from \"name\"`", field.field.name),
    })
}

/// The type as it is declared: stamps differ by their unit.
fn written(field: &SourceField) -> String {
    let unit = match field.wire_type {
        WireType::Stamp(TimeUnit::Seconds) => "timestamp_s",
        WireType::Stamp(TimeUnit::Millis) => "timestamp_ms",
        WireType::Stamp(TimeUnit::Micros) => "timestamp_us",
        WireType::Stamp(TimeUnit::Nanos) => "timestamp_ns",
        _ => return field.field.data_type.to_string(),
    };
    unit.to_owned()
}

fn misfit(field: &SourceField, found: &str) -> Diagnostic {
    let declared = &field.field;
    let mark = if declared.nullable { "?" } else { "" };
    let message =
        format!("`{}` is declared as {}{mark}, the Avro schema has {found}", declared.name, written(field));
    let hint = if found.ends_with("may be null") {
        format!("declare it as {}?, so that null is a value", declared.data_type)
    } else {
        "declare the field as what the schema has".to_owned()
    };
    Diagnostic::error(Code::E0221, field.span, message).hint(hint)
}
