//! Maps: their keys, ordered, and their values.

use crate::types::{DataType, Value};

use super::FunctionId;
use super::entry::{Entry, Evaluator, Example, Flink, Notation, Rule, Signature, Type, TypeError};
use super::parameter::{Takes, required};

pub(super) static MAP_KEYS: Entry = Entry {
    id: FunctionId::MapKeys,
    name: "map_keys",
    notation: Notation::Call,
    parameters: &[required("map", Takes::Map)],
    rule: Rule::Of("list<key>", |arguments| parts(arguments, |map| DataType::list(map.key, false))),
    evaluator: Evaluator::Unary(|map, _| match map {
        Value::Map(entries) => Value::list(entries.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>()),
        _ => Value::Null,
    }),
    flink: Flink::Refused("there keys have no order"),
    doc: "The keys, in their order.",
    examples: &[Example::new(&["{'b': 1, 'a': 2}"], "['a', 'b']"), Example::new(&["{2: 'x'}"], "[2]")],
};

pub(super) static MAP_VALUES: Entry = Entry {
    id: FunctionId::MapValues,
    name: "map_values",
    notation: Notation::Call,
    parameters: &[required("map", Takes::Map)],
    rule: Rule::Of("list<value>", |arguments| {
        parts(arguments, |map| DataType::list(map.value.data_type, map.value.nullable))
    }),
    evaluator: Evaluator::Unary(|map, _| match map {
        Value::Map(entries) => {
            Value::list(entries.iter().map(|(_, value)| value.clone()).collect::<Vec<_>>())
        }
        _ => Value::Null,
    }),
    flink: Flink::Refused("there values have no order"),
    doc: "The values, in the order of their keys.",
    examples: &[
        Example::new(&["{'b': 1, 'a': 2}"], "[2, 1]"),
        Example::new(&["{1: null, 0: 5}"], "[5, null]"),
    ],
};

pub(super) static CONTAINS_KEY: Entry = Entry {
    id: FunctionId::ContainsKey,
    name: "contains_key",
    notation: Notation::Call,
    parameters: &[required("map", Takes::Map), required("key", Takes::Any)],
    rule: Rule::Of("bool", key_of),
    evaluator: Evaluator::Binary(|map, key, _| match map {
        Value::Map(entries) => Value::Bool(entries.iter().any(|(known, _)| known == key)),
        _ => Value::Null,
    }),
    flink: Flink::Template("(CASE WHEN {1} IS NOT NULL THEN ARRAY_CONTAINS(MAP_KEYS({0}), {1}) END)"),
    doc: "Whether the map has the key, also with a null value.",
    examples: &[
        Example::new(&["{'a': null, 'b': 1}", "'a'"], "true"),
        Example::new(&["{'a': 1}", "'b'"], "false"),
        Example::new(&["{'a': 1}", "null"], "null"),
    ],
};

fn map_of(arguments: &[Type]) -> Result<(DataType, crate::types::MapType), TypeError> {
    match arguments[0].data_type {
        Some(whole @ DataType::Map(map)) => Ok((whole, *map)),
        Some(found) => Err(TypeError::Argument { position: 0, expected: "a map", found }),
        None => Err(TypeError::UntypedNull),
    }
}

fn parts(arguments: &[Type], part: fn(crate::types::MapType) -> DataType) -> Result<Signature, TypeError> {
    let (whole, map) = map_of(arguments)?;
    Ok(Signature { arguments: vec![whole], result: part(map), nullable: arguments[0].nullable })
}

fn key_of(arguments: &[Type]) -> Result<Signature, TypeError> {
    let (whole, map) = map_of(arguments)?;
    if let Some(found) = arguments[1].data_type.filter(|found| *found != map.key) {
        return Err(TypeError::Mismatch { position: 1, left: whole, right: found });
    }
    let nullable = arguments.iter().any(|argument| argument.nullable);
    Ok(Signature { arguments: vec![whole, map.key], result: DataType::Bool, nullable })
}
