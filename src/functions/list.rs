//! Lists: their parts and their order. Positions count from 1.

use crate::types::{DataType, Value};

use super::entry::{Entry, Evaluator, Example, Flink, Notation, Printed, Rule, Signature, Type, TypeError};
use super::parameter::{Takes, required};
use super::{FunctionId, compare};

pub(super) static ELEMENT_AT: Entry = Entry {
    id: FunctionId::ElementAt,
    name: "element_at",
    notation: Notation::Subscript,
    parameters: &[required("x", Takes::ListOrMap), required("at", Takes::Any)],
    rule: Rule::Of("element?", element),
    evaluator: Evaluator::Binary(|parts, at, _| match (parts, at) {
        (Value::List(elements), Value::Int(position)) => nth(elements, *position),
        (Value::Map(entries), key) => value_of(entries, key),
        _ => Value::Null,
    }),
    flink: Flink::Build(|arguments, _| Ok(subscript(&arguments[0], &arguments[1]))),
    doc: "`list[1]` is the first element, `map['k']` the value of a key; null where there is none.",
    examples: &[
        Example::new(&["[7, 8]", "1"], "7"),
        Example::new(&["[7, 8]", "3"], "null"),
        Example::new(&["[7, 8]", "0"], "null"),
        Example::new(&["[7, 8]", "-1"], "null"),
        Example::new(&["{'a': 1}", "'a'"], "1"),
        Example::new(&["{'a': 1}", "'b'"], "null"),
    ],
};

/// The element at a position from 1.
fn nth(elements: &[Value], position: i64) -> Value {
    let index = usize::try_from(position).ok().and_then(|position| position.checked_sub(1));
    index.and_then(|index| elements.get(index)).cloned().unwrap_or(Value::Null)
}

/// The value of a key; entries are ordered by key.
pub(super) fn value_of(entries: &[(Value, Value)], key: &Value) -> Value {
    let found = entries.binary_search_by(|(known, _)| compare::order(known, key));
    found.map_or(Value::Null, |index| entries[index].1.clone())
}

fn element(arguments: &[Type]) -> Result<Signature, TypeError> {
    let Some(parts) = arguments[0].data_type else { return Err(TypeError::UntypedNull) };
    let (at, result) = match parts {
        DataType::List(element) => (DataType::Int, element.data_type),
        DataType::Map(map) => (map.key, map.value.data_type),
        found => return Err(TypeError::Argument { position: 0, expected: "a list or a map", found }),
    };
    if let Some(found) = arguments[1].data_type.filter(|found| *found != at) {
        let expected = match parts {
            DataType::List(_) => "an int, the position from 1",
            _ => "a key of the map's type",
        };
        return Err(TypeError::Argument { position: 1, expected, found });
    }
    Ok(Signature { arguments: vec![parts, at], result, nullable: true })
}

/// Flink throws below 1 where the position is a literal, and takes an INT.
fn subscript(parts: &Printed, at: &Printed) -> String {
    match parts.expr.data_type {
        DataType::List(_) => format!(
            "(CASE WHEN {at} >= 1 AND {at} <= CARDINALITY({list}) THEN {list}[CAST({at} AS INT)] END)",
            at = at.sql,
            list = parts.sql
        ),
        _ => format!("{}[{}]", parts.sql, at.sql),
    }
}
