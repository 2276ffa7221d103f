//! Lists and maps, element by element.

use std::cmp::Ordering;

use crate::functions::FunctionId;
use crate::oracle::big::Big;
use crate::oracle::number::{self, double_of, double_units, nearest_double, order, units};
use crate::types::{DataType, Value};

use super::text::join_list;
use super::{count, elements, int, string};

/// `None`: of another family.
pub(in crate::oracle) fn list(function: FunctionId, arguments: &[Value], to: DataType) -> Option<Value> {
    Some(match function {
        FunctionId::ElementAt => element_at(&arguments[0], &arguments[1]),
        FunctionId::Size => match &arguments[0] {
            Value::Map(entries) => count(entries.len()),
            list => count(elements(list).len()),
        },
        FunctionId::Contains => match &arguments[0] {
            Value::String(text) => {
                let part = string(&arguments[1]).as_bytes();
                Value::Bool((0..=text.len()).any(|at| text.as_bytes()[at..].starts_with(part)))
            }
            list => Value::Bool(place(elements(list), &arguments[1]).is_some()),
        },
        FunctionId::IndexOf => count(place(elements(&arguments[0]), &arguments[1]).map_or(0, |at| at + 1)),
        FunctionId::ListMin => extreme(&arguments[0], Ordering::Less),
        FunctionId::ListMax => extreme(&arguments[0], Ordering::Greater),
        FunctionId::ListSum => sum(elements(&arguments[0]), to, false),
        FunctionId::ListAvg => sum(elements(&arguments[0]), to, true),
        FunctionId::ListDistinct => distinct(elements(&arguments[0])),
        FunctionId::ListSort => sorted(elements(&arguments[0])),
        FunctionId::Slice => slice(arguments),
        FunctionId::ListConcat => {
            Value::list(arguments.iter().flat_map(elements).cloned().collect::<Vec<_>>())
        }
        FunctionId::ListJoin => join_list(arguments),
        FunctionId::MapKeys => {
            Value::list(entries(&arguments[0]).iter().map(|(key, _)| key.clone()).collect::<Vec<_>>())
        }
        FunctionId::MapValues => {
            Value::list(entries(&arguments[0]).iter().map(|(_, value)| value.clone()).collect::<Vec<_>>())
        }
        FunctionId::ContainsKey => {
            Value::Bool(entries(&arguments[0]).iter().any(|(key, _)| order(key, &arguments[1]).is_eq()))
        }
        _ => return None,
    })
}

fn entries(value: &Value) -> &[(Value, Value)] {
    match value {
        Value::Map(entries) => entries,
        other => panic!("`{other:?}` is not a map"),
    }
}

fn element_at(parts: &Value, at: &Value) -> Value {
    let found = match parts {
        Value::Map(entries) => entries.iter().find(|(key, _)| order(key, at).is_eq()).map(|(_, value)| value),
        list => elements(list).iter().enumerate().find(|(index, _)| count(index + 1) == *at).map(|(_, e)| e),
    };
    found.cloned().unwrap_or(Value::Null)
}

/// Where a value first stands, from 0.
fn place(elements: &[Value], wanted: &Value) -> Option<usize> {
    elements.iter().position(|element| !element.is_null() && order(element, wanted).is_eq())
}

fn present(elements: &[Value]) -> impl Iterator<Item = &Value> {
    elements.iter().filter(|element| !element.is_null())
}

fn extreme(list: &Value, wanted: Ordering) -> Value {
    let is_best = |best: &&Value| present(elements(list)).all(|other| order(other, best) != wanted);
    present(elements(list)).find(is_best).cloned().unwrap_or(Value::Null)
}

/// S7: exact, rounded once; a mean divides what was rounded, of decimals it is rounded itself.
fn sum(elements: &[Value], to: DataType, mean: bool) -> Value {
    let length = number::count(present(elements).count());
    match present(elements).next() {
        None => Value::Null,
        Some(Value::Int(_)) => {
            let total: i128 = present(elements).map(|element| i128::from(int(element))).sum();
            if mean { number::double(double_of(total) / double_of(length)) } else { number::int(total) }
        }
        Some(Value::Double(_)) => {
            let add = |total: Big, element| total.plus(&double_units(super::double(element)));
            let total = nearest_double(&present(elements).fold(Big::default(), add));
            number::double(if mean { total / double_of(length) } else { total })
        }
        Some(_) => {
            let decimal = |element: &Value| match element {
                Value::Decimal(value) => units(*value),
                other => panic!("`{other:?}` is not a number"),
            };
            // All elements of a list have the scale of its type.
            let scale = present(elements).map(|element| decimal(element).1).max().unwrap_or(0);
            let at_scale = |(units, own): (Big, u32)| units.times(&Big::pow10(scale - own));
            let total = present(elements)
                .fold(Big::default(), |total, element| total.plus(&at_scale(decimal(element))));
            let divisor = Big::from_i128(if mean { length } else { 1 });
            number::quotient(&total, &divisor, scale, to)
        }
    }
}

fn is_same(a: &Value, b: &Value) -> bool {
    if a.is_null() || b.is_null() { a.is_null() && b.is_null() } else { order(a, b).is_eq() }
}

fn distinct(elements: &[Value]) -> Value {
    let mut kept: Vec<Value> = Vec::new();
    for element in elements {
        if !kept.iter().any(|known| is_same(known, element)) {
            kept.push(element.clone());
        }
    }
    Value::list(kept)
}

/// Nulls, then again and again the least that is left.
fn sorted(elements: &[Value]) -> Value {
    let mut sorted: Vec<Value> = elements.iter().filter(|element| element.is_null()).cloned().collect();
    let mut rest: Vec<Value> = present(elements).cloned().collect();
    while !rest.is_empty() {
        let least =
            (0..rest.len()).reduce(|best, at| if order(&rest[at], &rest[best]).is_lt() { at } else { best });
        sorted.push(rest.remove(least.expect("not empty")));
    }
    Value::list(sorted)
}

fn slice(arguments: &[Value]) -> Value {
    let (from, length) = (i128::from(int(&arguments[1])), i128::from(int(&arguments[2])));
    let is_within =
        |(index, _): &(usize, &Value)| (from..from + length).contains(&(number::count(*index) + 1));
    let kept = elements(&arguments[0]).iter().enumerate().filter(is_within);
    Value::list(kept.map(|(_, element)| element.clone()).collect::<Vec<_>>())
}
