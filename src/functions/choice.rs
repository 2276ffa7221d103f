//! The largest, the smallest, and places in a range.

use std::cmp::Ordering;

use crate::types::{DataType, Value};

use super::compare::order;
use super::entry::{
    Entry, Evaluator, Example, Flink, NoForm, Notation, Printed, Rule, Signature, Type, TypeError,
};
use super::parameter::{Takes, repeated, required};
use super::{FunctionId, rule};

pub(super) static GREATEST: Entry = Entry {
    id: FunctionId::Greatest,
    name: "greatest",
    notation: Notation::Call,
    parameters: &[repeated("x", Takes::Any)],
    rule: Rule::Of("common type", common),
    evaluator: Evaluator::Strict(|values, _| extreme(values, Ordering::Greater)),
    flink: Flink::Build(|arguments, result| flink_extreme("GREATEST", arguments, result)),
    doc: "The largest argument; null if one is null. Strings by their UTF-8 bytes.",
    examples: &[
        Example::new(&["1", "3", "2"], "3"),
        Example::new(&["1", "null"], "null"),
        Example::new(&["'a'", "'B'"], "'a'"),
        Example::new(&["1", "2.5"], "2.5"),
    ],
};

pub(super) static LEAST: Entry = Entry {
    id: FunctionId::Least,
    name: "least",
    notation: Notation::Call,
    parameters: &[repeated("x", Takes::Any)],
    rule: Rule::Of("common type", common),
    evaluator: Evaluator::Strict(|values, _| extreme(values, Ordering::Less)),
    flink: Flink::Build(|arguments, result| flink_extreme("LEAST", arguments, result)),
    doc: "The smallest argument; null if one is null.",
    examples: &[
        Example::new(&["1", "3", "2"], "1"),
        Example::new(&["null", "1"], "null"),
        Example::new(&["1e0", "-2"], "-2e0"),
    ],
};

pub(super) static CLAMP: Entry = Entry {
    id: FunctionId::Clamp,
    name: "clamp",
    notation: Notation::Call,
    parameters: &[
        required("x", Takes::Number),
        required("low", Takes::Number),
        required("high", Takes::Number),
    ],
    rule: Rule::Of("common type", common),
    evaluator: Evaluator::Strict(|values, _| match values {
        [x, low, high] => extreme(&[&extreme(&[x, low], Ordering::Greater), high], Ordering::Less),
        _ => Value::Null,
    }),
    flink: Flink::Template("LEAST(GREATEST({0}, {1}), {2})"),
    doc: "x, but not below low and not above high.",
    examples: &[
        Example::new(&["5", "0", "3"], "3"),
        Example::new(&["-1", "0", "3"], "0"),
        Example::new(&["2", "0", "3"], "2"),
        Example::new(&["2", "null", "3"], "null"),
    ],
};

pub(super) static WIDTH_BUCKET: Entry = Entry {
    id: FunctionId::WidthBucket,
    name: "width_bucket",
    notation: Notation::Call,
    parameters: &[
        required("x", Takes::Double),
        required("low", Takes::Double),
        required("high", Takes::Double),
        required("count", Takes::Int),
    ],
    rule: Rule::Partial(DataType::Int),
    evaluator: Evaluator::Strict(|values, _| bucket(values)),
    flink: Flink::Refused("its rounding at the borders of buckets would have to be shown equal"),
    doc: "The bucket of x, from 1, of so many equal ones between low and high; 0 below, count + 1 from high on; null without a range.",
    examples: &[
        Example::new(&["5", "0", "10", "5"], "3"),
        Example::new(&["-1", "0", "10", "5"], "0"),
        Example::new(&["10", "0", "10", "5"], "6"),
        Example::new(&["5", "10", "0", "5"], "null"),
        Example::new(&["5", "0", "10", "0"], "null"),
    ],
};

fn common(arguments: &[Type]) -> Result<Signature, TypeError> {
    let result = rule::common(arguments)?;
    if !result.is_scalar() {
        let expected = "values without parts, which have an order";
        return Err(TypeError::Argument { position: 0, expected, found: result });
    }
    let nullable = arguments.iter().any(|argument| argument.nullable);
    Ok(Signature { arguments: vec![result; arguments.len()], result, nullable })
}

fn extreme(values: &[&Value], wanted: Ordering) -> Value {
    let better = |best: &Value, other: &Value| order(other, best) == wanted;
    let best = values.iter().copied().reduce(|best, other| if better(best, other) { other } else { best });
    best.cloned().unwrap_or(Value::Null)
}

fn flink_extreme(function: &str, arguments: &[Printed], result: DataType) -> Result<String, NoForm> {
    if !result.is_numeric() {
        let what = format!("{} of {result}", function.to_lowercase());
        return Err(NoForm { what, why: "it does not order such values as windrow does" });
    }
    let all: Vec<_> = arguments.iter().map(|argument| argument.sql.as_str()).collect();
    Ok(format!("{function}({})", all.join(", ")))
}

fn bucket(values: &[&Value]) -> Value {
    let [Value::Double(x), Value::Double(low), Value::Double(high), Value::Int(count)] = values else {
        return Value::Null;
    };
    let width = high - low;
    if width <= 0.0 || !width.is_finite() || *count <= 0 {
        return Value::Null;
    }
    if x < low {
        return Value::Int(0);
    }
    if x >= high {
        return count.checked_add(1).map_or(Value::Null, Value::Int);
    }
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "a place in the range, cut to the bucket"
    )]
    let place = ((x - low) / width * *count as f64).floor() as i64;
    // Rounding may reach the border that x itself does not.
    Value::Int(place.min(count - 1) + 1)
}
