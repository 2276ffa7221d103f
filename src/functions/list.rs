//! Lists: their elements and what they add up to. Positions count from 1.

use std::cmp::Ordering;

use crate::types::{DataType, Decimal, Value};

use super::compare::order;
use super::entry::{
    Entry, Evaluator, Example, Flink, NoForm, Notation, Printed, Rule, Signature, Type, TypeError,
};
use super::flink::typed_list;
use super::parameter::{Takes, repeated, required};
use super::{FunctionId, exact};

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

pub(super) static SIZE: Entry = Entry {
    id: FunctionId::Size,
    name: "size",
    notation: Notation::Call,
    parameters: &[required("x", Takes::ListOrMap)],
    rule: Rule::Total(DataType::Int),
    evaluator: Evaluator::Unary(|parts, _| match parts {
        Value::List(elements) => count(elements.len()),
        Value::Map(entries) => count(entries.len()),
        _ => Value::Null,
    }),
    flink: Flink::Template("CAST(CARDINALITY({0}) AS BIGINT)"),
    doc: "The number of elements, nulls too, or of entries.",
    examples: &[
        Example::new(&["[7, null]"], "2"),
        Example::new(&["[]"], "0"),
        Example::new(&["{'a': 1}"], "1"),
    ],
};

pub(super) static INDEX_OF: Entry = Entry {
    id: FunctionId::IndexOf,
    name: "index_of",
    notation: Notation::Call,
    parameters: &[required("list", Takes::List), required("element", Takes::Any)],
    rule: Rule::Of("int", |arguments| {
        let (element, nullable) = with_element(arguments)?;
        Ok(Signature { arguments: element, result: DataType::Int, nullable })
    }),
    evaluator: Evaluator::Binary(|list, wanted, _| match list {
        Value::List(elements) => {
            let found =
                elements.iter().position(|element| !element.is_null() && order(element, wanted).is_eq());
            found.map_or(Value::Int(0), |index| count(index + 1))
        }
        _ => Value::Null,
    }),
    flink: Flink::Template("CAST(ARRAY_POSITION({0}, {1}) AS BIGINT)"),
    doc: "The position of the first such element; 0 if there is none.",
    examples: &[
        Example::new(&["[7, null, 8]", "8"], "3"),
        Example::new(&["[7]", "9"], "0"),
        Example::new(&["['a', 'b']", "'a'"], "1"),
    ],
};

pub(super) static LIST_MIN: Entry = Entry {
    id: FunctionId::ListMin,
    name: "list_min",
    notation: Notation::Call,
    parameters: &[required("list", Takes::List)],
    rule: Rule::Of("element?", |arguments| ordered(arguments, false)),
    evaluator: Evaluator::Unary(|list, _| extreme(list, Ordering::Less)),
    flink: Flink::Build(|arguments, _| flink_ordered("ARRAY_MIN", arguments)),
    doc: "The smallest element that is not null; null if there is none.",
    examples: &[
        Example::new(&["[3, null, 1]"], "1"),
        Example::new(&["[]"], "null"),
        Example::new(&["['b', 'a']"], "'a'"),
    ],
};

pub(super) static LIST_MAX: Entry = Entry {
    id: FunctionId::ListMax,
    name: "list_max",
    notation: Notation::Call,
    parameters: &[required("list", Takes::List)],
    rule: Rule::Of("element?", |arguments| ordered(arguments, false)),
    evaluator: Evaluator::Unary(|list, _| extreme(list, Ordering::Greater)),
    flink: Flink::Build(|arguments, _| flink_ordered("ARRAY_MAX", arguments)),
    doc: "The largest element that is not null; null if there is none.",
    examples: &[
        Example::new(&["[3, null, 1]"], "3"),
        Example::new(&["[null]"], "null"),
        Example::new(&["[1.50, 2.25]"], "2.25"),
    ],
};

pub(super) static LIST_SUM: Entry = Entry {
    id: FunctionId::ListSum,
    name: "list_sum",
    notation: Notation::Call,
    parameters: &[required("list", Takes::List)],
    rule: Rule::Of("number?", |arguments| total(arguments, false)),
    evaluator: Evaluator::Unary(|list, to| sum(list, to, false)),
    flink: Flink::Refused("Flink SQL adds up no arrays"),
    doc: "The sum of the elements that are not null, exact and rounded once; null if there is none.",
    examples: &[
        Example::new(&["[1, null, 2]"], "3"),
        Example::new(&["[]"], "null"),
        Example::new(&["[9223372036854775807, 1]"], "null"),
        Example::new(&["[1.50, 2.25]"], "3.75"),
        Example::new(&["[1e308, 1e308, -1e308]"], "1e308"),
    ],
};

pub(super) static LIST_AVG: Entry = Entry {
    id: FunctionId::ListAvg,
    name: "list_avg",
    notation: Notation::Call,
    parameters: &[required("list", Takes::List)],
    rule: Rule::Of("number?", |arguments| total(arguments, true)),
    evaluator: Evaluator::Unary(|list, to| sum(list, to, true)),
    flink: Flink::Refused("Flink SQL adds up no arrays"),
    doc: "The mean of the elements that are not null, of ints a double; null if there is none.",
    examples: &[
        Example::new(&["[1, null, 2]"], "1.5e0"),
        Example::new(&["[]"], "null"),
        Example::new(&["[1.50, 2.25]"], "1.875000"),
        Example::new(&["[1e0, 2e0]"], "1.5e0"),
    ],
};

pub(super) static LIST_DISTINCT: Entry = Entry {
    id: FunctionId::ListDistinct,
    name: "list_distinct",
    notation: Notation::Call,
    parameters: &[required("list", Takes::List)],
    rule: Rule::TotalAsFirst,
    evaluator: Evaluator::Unary(|list, _| match list {
        Value::List(elements) => Value::list(distinct(elements)),
        _ => Value::Null,
    }),
    flink: Flink::Template("`wr_list`(ARRAY_DISTINCT({0}))"),
    doc: "Each element once, where it stands first.",
    examples: &[
        Example::new(&["[2, 1, 2, null, null]"], "[2, 1, null]"),
        Example::new(&["['a', 'a']"], "['a']"),
    ],
};

pub(super) static LIST_SORT: Entry = Entry {
    id: FunctionId::ListSort,
    name: "list_sort",
    notation: Notation::Call,
    parameters: &[required("list", Takes::List)],
    rule: Rule::Of("list", |arguments| ordered(arguments, true)),
    evaluator: Evaluator::Unary(|list, _| match list {
        Value::List(elements) => {
            let mut sorted = elements.to_vec();
            sorted.sort_by(Value::total_cmp);
            Value::list(sorted)
        }
        _ => Value::Null,
    }),
    flink: Flink::Build(|arguments, _| Ok(typed_list(&flink_ordered("ARRAY_SORT", arguments)?))),
    doc: "The elements in ascending order, nulls first.",
    examples: &[
        Example::new(&["[3, null, 1]"], "[null, 1, 3]"),
        Example::new(&["['b', 'B', 'a']"], "['B', 'a', 'b']"),
    ],
};

pub(super) static SLICE: Entry = Entry {
    id: FunctionId::Slice,
    name: "slice",
    notation: Notation::Call,
    parameters: &[required("list", Takes::List), required("from", Takes::Int), required("count", Takes::Int)],
    rule: Rule::TotalAsFirst,
    evaluator: Evaluator::Strict(|values, _| match values {
        [Value::List(elements), Value::Int(from), Value::Int(count)] => {
            Value::list(slice(elements, (*from).into(), (*count).into()).to_vec())
        }
        _ => Value::Null,
    }),
    flink: Flink::Refused("what it makes of places outside would have to be shown equal"),
    doc: "So many elements from that position on; positions before the first count as empty.",
    examples: &[
        Example::new(&["[1, 2, 3]", "2", "5"], "[2, 3]"),
        Example::new(&["[1, 2, 3]", "0", "2"], "[1]"),
        Example::new(&["[1, 2]", "3", "1"], "[]"),
        Example::new(&["[1, 2]", "1", "-1"], "[]"),
    ],
};

pub(super) static LIST_CONCAT: Entry = Entry {
    id: FunctionId::ListConcat,
    name: "list_concat",
    notation: Notation::Call,
    parameters: &[repeated("list", Takes::List)],
    rule: Rule::Of("list", joined),
    evaluator: Evaluator::Strict(|values, _| {
        let elements = values.iter().flat_map(|list| match list {
            Value::List(elements) => elements.to_vec(),
            _ => Vec::new(),
        });
        Value::list(elements.collect::<Vec<_>>())
    }),
    flink: Flink::Refused("whether nulls are allowed inside would have to be shown equal"),
    doc: "All elements of the lists, one after the other; null if a list is null.",
    examples: &[
        Example::new(&["[1]", "[2, 3]"], "[1, 2, 3]"),
        Example::new(&["[1]", "null"], "null"),
        Example::new(&["['a']", "['b']"], "['a', 'b']"),
    ],
};

pub(super) static LIST_JOIN: Entry = Entry {
    id: FunctionId::ListJoin,
    name: "list_join",
    notation: Notation::Call,
    parameters: &[required("list", Takes::List), required("separator", Takes::Text)],
    rule: Rule::Of("string", texts),
    evaluator: Evaluator::Binary(|list, separator, _| match (list, separator) {
        (Value::List(elements), Value::String(separator)) => {
            let texts: Vec<_> = elements
                .iter()
                .filter_map(|element| match element {
                    Value::String(text) => Some(&**text),
                    _ => None,
                })
                .collect();
            Value::string(texts.join(separator))
        }
        _ => Value::Null,
    }),
    flink: Flink::Template("ARRAY_JOIN({0}, {1})"),
    doc: "The texts of a list that are not null, with the separator between them.",
    examples: &[Example::new(&["['a', null, 'b']", "'-'"], "'a-b'"), Example::new(&["['a']", "'-'"], "'a'")],
};

/// The element at a position from 1.
fn nth(elements: &[Value], position: i64) -> Value {
    let index = usize::try_from(position).ok().and_then(|position| position.checked_sub(1));
    index.and_then(|index| elements.get(index)).cloned().unwrap_or(Value::Null)
}

/// The value of a key; entries are ordered by key.
fn value_of(entries: &[(Value, Value)], key: &Value) -> Value {
    let found = entries.binary_search_by(|(known, _)| order(known, key));
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

/// Flink refuses a literal below 1 whatever guards it, and takes an INT.
fn subscript(parts: &Printed, at: &Printed) -> String {
    match parts.expr.data_type {
        DataType::List(_) => format!(
            "(CASE WHEN {at} >= 1 AND {at} <= CARDINALITY({list}) THEN {list}[CAST(GREATEST({at}, CAST(1 AS BIGINT)) AS INT)] END)",
            at = at.sql,
            list = parts.sql
        ),
        _ => format!("{}[{}]", parts.sql, at.sql),
    }
}

fn count(length: usize) -> Value {
    i64::try_from(length).map_or(Value::Null, Value::Int)
}

/// The element's type of the first argument.
fn element_type(arguments: &[Type]) -> Result<(DataType, DataType), TypeError> {
    match arguments[0].data_type {
        Some(list @ DataType::List(element)) => Ok((list, element.data_type)),
        Some(found) => Err(TypeError::Argument { position: 0, expected: "a list", found }),
        None => Err(TypeError::UntypedNull),
    }
}

/// A list and a value that its elements can be compared with; whether one is nullable.
fn with_element(arguments: &[Type]) -> Result<(Vec<DataType>, bool), TypeError> {
    let (list, element) = element_type(arguments)?;
    let other = arguments[1].data_type.unwrap_or(element);
    if element.widen(other).is_none() {
        return Err(TypeError::Mismatch { position: 1, left: list, right: other });
    }
    Ok((vec![list, other], arguments.iter().any(|argument| argument.nullable)))
}

/// Of elements that have an order: the list, or one of them.
fn ordered(arguments: &[Type], is_list: bool) -> Result<Signature, TypeError> {
    let (list, element) = element_type(arguments)?;
    if !element.is_scalar() {
        let expected = "a list of values without parts, which have an order";
        return Err(TypeError::Argument { position: 0, expected, found: list });
    }
    let (result, nullable) = if is_list { (list, arguments[0].nullable) } else { (element, true) };
    Ok(Signature { arguments: vec![list], result, nullable })
}

fn extreme(list: &Value, wanted: Ordering) -> Value {
    let Value::List(elements) = list else { return Value::Null };
    let present = elements.iter().filter(|element| !element.is_null());
    let best = present.reduce(|best, other| if order(other, best) == wanted { other } else { best });
    best.cloned().unwrap_or(Value::Null)
}

fn flink_ordered(function: &str, arguments: &[Printed]) -> Result<String, NoForm> {
    match arguments[0].expr.data_type {
        DataType::List(element) if element.data_type.is_numeric() => {
            Ok(format!("{function}({})", arguments[0].sql))
        }
        other => Err(NoForm {
            what: format!("{} of {other}", function.to_lowercase()),
            why: "it does not order such values as windrow does",
        }),
    }
}

/// The types of sums and means are those of the aggregates.
fn total(arguments: &[Type], mean: bool) -> Result<Signature, TypeError> {
    let (list, element) = element_type(arguments)?;
    let result = match element {
        DataType::Int if !mean => DataType::Int,
        DataType::Int | DataType::Double => DataType::Double,
        DataType::Decimal { scale, .. } => DataType::wide_decimal(if mean { scale.max(6) } else { scale }),
        _ => return Err(TypeError::Argument { position: 0, expected: "a list of numbers", found: list }),
    };
    Ok(Signature { arguments: vec![list], result, nullable: true })
}

fn sum(list: &Value, to: DataType, mean: bool) -> Value {
    let Value::List(elements) = list else { return Value::Null };
    let present: Vec<_> = elements.iter().filter(|element| !element.is_null()).collect();
    match present.first() {
        None => Value::Null,
        Some(Value::Double(_)) => sum_of_doubles(&present, mean),
        Some(Value::Int(_)) => sum_of_ints(&present, mean),
        Some(_) => sum_of_decimals(&present, to, mean).map_or(Value::Null, Value::Decimal),
    }
}

#[expect(clippy::cast_precision_loss, reason = "rounding once to the nearest double is the rule (S7)")]
fn sum_of_ints(present: &[&Value], mean: bool) -> Value {
    let ints = present.iter().filter_map(|value| match value {
        Value::Int(value) => Some(i128::from(*value)),
        _ => None,
    });
    let total: i128 = ints.sum();
    if mean {
        return Value::double(total as f64 / present.len() as f64);
    }
    i64::try_from(total).map_or(Value::Null, Value::Int)
}

#[expect(clippy::cast_precision_loss, reason = "no list is so long that its length is no double")]
fn sum_of_doubles(present: &[&Value], mean: bool) -> Value {
    let doubles = present.iter().filter_map(|value| match value {
        Value::Double(value) => Some(*value),
        _ => None,
    });
    let total = exact::sum(doubles);
    total.map_or(Value::Null, |total| Value::double(if mean { total / present.len() as f64 } else { total }))
}

/// Exact in 38 digits; `None` beyond, also on the way.
fn sum_of_decimals(present: &[&Value], to: DataType, mean: bool) -> Option<Decimal> {
    let DataType::Decimal { precision, scale } = to else { return None };
    let mut total = Decimal::new(0, 0)?;
    for value in present {
        if let Value::Decimal(value) = value {
            total = total.checked_add(*value)?;
        }
    }
    let count = Decimal::from_int(i64::try_from(present.len()).ok()?);
    if mean { total.checked_div(count, scale)?.fit(precision, scale) } else { total.fit(precision, scale) }
}

/// By their order, so that long lists take no quadratic time.
fn distinct(elements: &[Value]) -> Vec<Value> {
    let mut places: Vec<usize> = (0..elements.len()).collect();
    places.sort_by(|a, b| elements[*a].total_cmp(&elements[*b]).then(a.cmp(b)));
    places.dedup_by(|later, kept| elements[*later] == elements[*kept]);
    places.sort_unstable();
    places.into_iter().map(|place| elements[place].clone()).collect()
}

fn slice(elements: &[Value], from: i128, count: i128) -> &[Value] {
    let at = |position: i128| usize::try_from(position.max(0)).unwrap_or(usize::MAX).min(elements.len());
    let (start, end) = (at(from - 1), at(from - 1 + count));
    elements.get(start..end).unwrap_or_default()
}

/// Lists of one element type; one that may hold nulls makes the whole so.
fn joined(arguments: &[Type]) -> Result<Signature, TypeError> {
    let mut elements = Vec::new();
    for (position, argument) in arguments.iter().enumerate() {
        match argument.data_type {
            Some(DataType::List(element)) => elements.push((position, *element)),
            Some(found) => return Err(TypeError::Argument { position, expected: "a list", found }),
            None => {}
        }
    }
    let Some((_, first)) = elements.first().copied() else { return Err(TypeError::UntypedNull) };
    if let Some((position, other)) = elements.iter().find(|(_, element)| element.data_type != first.data_type)
    {
        let (left, right) = (first.data_type, other.data_type);
        return Err(TypeError::Mismatch { position: *position, left, right });
    }
    let result = DataType::list(first.data_type, elements.iter().any(|(_, element)| element.nullable));
    let nullable = arguments.iter().any(|argument| argument.nullable);
    // Each list as it is: only what may be inside differs.
    let targets = arguments.iter().map(|argument| argument.data_type.unwrap_or(result)).collect();
    Ok(Signature { arguments: targets, result, nullable })
}

fn texts(arguments: &[Type]) -> Result<Signature, TypeError> {
    let (list, element) = element_type(arguments)?;
    if element != DataType::String {
        return Err(TypeError::Argument { position: 0, expected: "a list of strings", found: list });
    }
    let nullable = arguments.iter().any(|argument| argument.nullable);
    Ok(Signature { arguments: vec![list, DataType::String], result: DataType::String, nullable })
}
