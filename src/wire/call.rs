//! Model calls on the wire: what a worker is told (the function, and the types of what goes in and comes out), and
//! arguments as JSON. What goes over the pipes is said in `templates/python/worker.py`.

use serde_json::{Value as Json, json};

use crate::plan::{Call, WireElement, WireField, WireType};
use crate::types::{DataType, TimeUnit, Value};

use super::encode_value;

/// The one argument of the worker script, but for the folder of its modules, which whoever starts it adds.
#[must_use]
pub fn worker_spec(call: &Call) -> Json {
    let arguments: Vec<Json> = call.arguments.iter().map(|argument| data_type(argument.data_type)).collect();
    json!({
        "function": call.function,
        "concurrency": call.concurrency,
        "arguments": arguments,
        "returns": fields(&call.returns),
    })
}

/// The arguments of one call: a JSON array.
#[must_use]
pub fn encode_arguments(call: &Call, values: &[Value]) -> String {
    let each = call.arguments.iter().zip(values);
    let texts: Vec<_> = each.map(|(argument, value)| encode_value(argument.data_type, value)).collect();
    format!("[{}]", texts.join(","))
}

/// As `wire` writes values.
fn data_type(of: DataType) -> Json {
    match of {
        DataType::String => "string".into(),
        DataType::Int => "int".into(),
        DataType::Double => "double".into(),
        DataType::Bool => "bool".into(),
        DataType::Bytes => "bytes".into(),
        DataType::Date => "date".into(),
        DataType::Decimal { .. } => "decimal".into(),
        DataType::Timestamp => "timestamp".into(),
        DataType::List(element) => json!(["list", data_type(element.data_type)]),
        DataType::Map(map) => json!(["map", data_type(map.key), data_type(map.value.data_type)]),
        DataType::Struct(of) => {
            let field = |field: &crate::types::Field| json!([field.name, data_type(field.data_type)]);
            json!(["struct", of.fields.iter().map(field).collect::<Vec<_>>()])
        }
    }
}

fn fields(returns: &[WireField]) -> Json {
    returns.iter().map(|field| json!([field.wire_name, wire_type(&field.wire_type)])).collect()
}

/// As records are read.
fn wire_type(of: &WireType) -> Json {
    let element = |element: &WireElement| wire_type(&element.wire_type);
    match of {
        WireType::String => "string".into(),
        WireType::Int => "int".into(),
        WireType::Double => "double".into(),
        WireType::Bool => "bool".into(),
        WireType::Decimal => "decimal".into(),
        WireType::Stamp(unit) => format!("stamp {}", unit_name(*unit)).into(),
        WireType::IsoTimestamp => "iso".into(),
        WireType::Date => "date".into(),
        WireType::Bytes => "bytes".into(),
        WireType::List(of) => json!(["list", element(of)]),
        WireType::Map { key, value } => json!(["map", wire_type(key), element(value)]),
        WireType::Struct(of) => json!(["struct", fields(of)]),
    }
}

const fn unit_name(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Seconds => "s",
        TimeUnit::Millis => "ms",
        TimeUnit::Micros => "us",
        TimeUnit::Nanos => "ns",
    }
}
