//! Ints as 64 bits, two's complement.

use crate::types::{DataType, Value};

use super::FunctionId;
use super::entry::{Entry, Evaluator, Example, Flink, Notation, Rule};
use super::parameter::{Takes, required};

pub(super) static BIT_AND: Entry = Entry {
    id: FunctionId::BitAnd,
    name: "bit_and",
    notation: Notation::Call,
    parameters: &[required("a", Takes::Int), required("b", Takes::Int)],
    rule: Rule::Total(DataType::Int),
    evaluator: Evaluator::Binary(|a, b, _| ints(a, b, |a, b| Some(a & b))),
    flink: Flink::Refused("Flink SQL has no operators on bits"),
    doc: "The bits that both have.",
    examples: &[Example::new(&["12", "10"], "8"), Example::new(&["-1", "7"], "7")],
};

pub(super) static BIT_OR: Entry = Entry {
    id: FunctionId::BitOr,
    name: "bit_or",
    notation: Notation::Call,
    parameters: &[required("a", Takes::Int), required("b", Takes::Int)],
    rule: Rule::Total(DataType::Int),
    evaluator: Evaluator::Binary(|a, b, _| ints(a, b, |a, b| Some(a | b))),
    flink: Flink::Refused("Flink SQL has no operators on bits"),
    doc: "The bits that one of them has.",
    examples: &[Example::new(&["12", "10"], "14"), Example::new(&["0", "-1"], "-1")],
};

pub(super) static BIT_XOR: Entry = Entry {
    id: FunctionId::BitXor,
    name: "bit_xor",
    notation: Notation::Call,
    parameters: &[required("a", Takes::Int), required("b", Takes::Int)],
    rule: Rule::Total(DataType::Int),
    evaluator: Evaluator::Binary(|a, b, _| ints(a, b, |a, b| Some(a ^ b))),
    flink: Flink::Refused("Flink SQL has no operators on bits"),
    doc: "The bits that exactly one of them has.",
    examples: &[Example::new(&["12", "10"], "6"), Example::new(&["5", "5"], "0")],
};

pub(super) static BIT_NOT: Entry = Entry {
    id: FunctionId::BitNot,
    name: "bit_not",
    notation: Notation::Call,
    parameters: &[required("x", Takes::Int)],
    rule: Rule::Total(DataType::Int),
    evaluator: Evaluator::Unary(|x, _| match x {
        Value::Int(x) => Value::Int(!x),
        _ => Value::Null,
    }),
    flink: Flink::Refused("Flink SQL has no operators on bits"),
    doc: "All bits the other way round.",
    examples: &[Example::new(&["0"], "-1"), Example::new(&["7"], "-8")],
};

pub(super) static SHIFT_LEFT: Entry = Entry {
    id: FunctionId::ShiftLeft,
    name: "shift_left",
    notation: Notation::Call,
    parameters: &[required("x", Takes::Int), required("count", Takes::Int)],
    rule: Rule::Partial(DataType::Int),
    evaluator: Evaluator::Binary(|x, count, _| ints(x, count, |x, count| Some(x << places(count)?))),
    flink: Flink::Refused("Flink SQL has no operators on bits"),
    doc: "The bits moved up, zeros below; null unless the count is 0 to 63.",
    examples: &[
        Example::new(&["1", "4"], "16"),
        Example::new(&["1", "64"], "null"),
        Example::new(&["1", "-1"], "null"),
    ],
};

pub(super) static SHIFT_RIGHT: Entry = Entry {
    id: FunctionId::ShiftRight,
    name: "shift_right",
    notation: Notation::Call,
    parameters: &[required("x", Takes::Int), required("count", Takes::Int)],
    rule: Rule::Partial(DataType::Int),
    evaluator: Evaluator::Binary(|x, count, _| ints(x, count, |x, count| Some(x >> places(count)?))),
    flink: Flink::Refused("Flink SQL has no operators on bits"),
    doc: "The bits moved down, the sign kept; null unless the count is 0 to 63.",
    examples: &[
        Example::new(&["16", "4"], "1"),
        Example::new(&["-16", "2"], "-4"),
        Example::new(&["1", "64"], "null"),
    ],
};

fn ints(a: &Value, b: &Value, function: fn(i64, i64) -> Option<i64>) -> Value {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => function(*a, *b).map_or(Value::Null, Value::Int),
        _ => Value::Null,
    }
}

fn places(count: i64) -> Option<u32> {
    u32::try_from(count).ok().filter(|count| *count < 64)
}
