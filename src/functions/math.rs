//! Powers, roots, logarithms and angles, of doubles. Out of the domain, or out of range: null.
//!
//! Engines compute these with different last digits, except the root: compare them at 1e-9 (rule S7).

use crate::types::{DataType, Value};

use super::FunctionId;
use super::entry::{Entry, Evaluator, Example, Flink, Notation, Rule};
use super::flink;
use super::parameter::{Takes, required};

pub(super) static SQRT: Entry = Entry {
    id: FunctionId::Sqrt,
    name: "sqrt",
    notation: Notation::Call,
    parameters: &[required("x", Takes::Double)],
    rule: Rule::Partial(DataType::Double),
    evaluator: Evaluator::Unary(|x, _| of_one(x, f64::sqrt)),
    flink: Flink::Build(|arguments, _| Ok(flink::finite(&format!("SQRT({})", arguments[0].sql)))),
    doc: "The square root; null below zero.",
    examples: &[
        Example::new(&["9"], "3e0"),
        Example::new(&["2e0"], "1.4142135623730951e0"),
        Example::new(&["-1"], "null"),
    ],
};

pub(super) static EXP: Entry = Entry {
    id: FunctionId::Exp,
    name: "exp",
    notation: Notation::Call,
    parameters: &[required("x", Takes::Double)],
    rule: Rule::Partial(DataType::Double),
    evaluator: Evaluator::Unary(|x, _| of_one(x, f64::exp)),
    flink: Flink::Build(|arguments, _| Ok(flink::finite(&format!("EXP({})", arguments[0].sql)))),
    doc: "e to the power of x.",
    examples: &[Example::new(&["0"], "1e0"), Example::new(&["1000"], "null")],
};

pub(super) static LN: Entry = Entry {
    id: FunctionId::Ln,
    name: "ln",
    notation: Notation::Call,
    parameters: &[required("x", Takes::Double)],
    rule: Rule::Partial(DataType::Double),
    evaluator: Evaluator::Unary(|x, _| of_one(x, f64::ln)),
    flink: Flink::Build(|arguments, _| Ok(flink::finite(&format!("LN({})", arguments[0].sql)))),
    doc: "The natural logarithm; null for x ≤ 0.",
    examples: &[Example::new(&["1"], "0e0"), Example::new(&["0"], "null"), Example::new(&["-1"], "null")],
};

pub(super) static LOG10: Entry = Entry {
    id: FunctionId::Log10,
    name: "log10",
    notation: Notation::Call,
    parameters: &[required("x", Takes::Double)],
    rule: Rule::Partial(DataType::Double),
    evaluator: Evaluator::Unary(|x, _| of_one(x, f64::log10)),
    flink: Flink::Build(|arguments, _| Ok(flink::finite(&format!("LOG10({})", arguments[0].sql)))),
    doc: "The logarithm to base 10; null for x ≤ 0.",
    examples: &[Example::new(&["1000"], "3e0"), Example::new(&["0"], "null")],
};

pub(super) static LOG2: Entry = Entry {
    id: FunctionId::Log2,
    name: "log2",
    notation: Notation::Call,
    parameters: &[required("x", Takes::Double)],
    rule: Rule::Partial(DataType::Double),
    evaluator: Evaluator::Unary(|x, _| of_one(x, f64::log2)),
    flink: Flink::Build(|arguments, _| Ok(flink::finite(&format!("LOG2({})", arguments[0].sql)))),
    doc: "The logarithm to base 2; null for x ≤ 0.",
    examples: &[Example::new(&["8"], "3e0"), Example::new(&["0"], "null")],
};

pub(super) static LOG: Entry = Entry {
    id: FunctionId::Log,
    name: "log",
    notation: Notation::Call,
    parameters: &[required("base", Takes::Double), required("x", Takes::Double)],
    rule: Rule::Partial(DataType::Double),
    evaluator: Evaluator::Binary(|base, x, _| of_two(base, x, |base, x| x.ln() / base.ln())),
    flink: Flink::Build(|arguments, _| {
        Ok(flink::finite(&format!("(LN({1}) / LN({0}))", arguments[0].sql, arguments[1].sql)))
    }),
    doc: "The logarithm of x to a base.",
    examples: &[
        Example::new(&["2", "8"], "3e0"),
        Example::new(&["1", "8"], "null"),
        Example::new(&["10", "0"], "null"),
    ],
};

pub(super) static POWER: Entry = Entry {
    id: FunctionId::Power,
    name: "power",
    notation: Notation::Call,
    parameters: &[required("x", Takes::Double), required("y", Takes::Double)],
    rule: Rule::Partial(DataType::Double),
    evaluator: Evaluator::Binary(|x, y, _| of_two(x, y, f64::powf)),
    flink: Flink::Build(|arguments, _| {
        Ok(flink::finite(&format!("POWER({}, {})", arguments[0].sql, arguments[1].sql)))
    }),
    doc: "x to the power of y; null where it is no finite number.",
    examples: &[
        Example::new(&["2", "10"], "1.024e3"),
        Example::new(&["2", "-1"], "5e-1"),
        Example::new(&["-8", "0.5"], "null"),
        Example::new(&["10", "400"], "null"),
    ],
};

pub(super) static SIN: Entry = Entry {
    id: FunctionId::Sin,
    name: "sin",
    notation: Notation::Call,
    parameters: &[required("x", Takes::Double)],
    rule: Rule::Partial(DataType::Double),
    evaluator: Evaluator::Unary(|x, _| of_one(x, f64::sin)),
    flink: Flink::Build(|arguments, _| Ok(flink::finite(&format!("SIN({})", arguments[0].sql)))),
    doc: "The sine of an angle in radians.",
    examples: &[Example::new(&["0"], "0e0"), Example::new(&["null"], "null")],
};

pub(super) static COS: Entry = Entry {
    id: FunctionId::Cos,
    name: "cos",
    notation: Notation::Call,
    parameters: &[required("x", Takes::Double)],
    rule: Rule::Partial(DataType::Double),
    evaluator: Evaluator::Unary(|x, _| of_one(x, f64::cos)),
    flink: Flink::Build(|arguments, _| Ok(flink::finite(&format!("COS({})", arguments[0].sql)))),
    doc: "The cosine of an angle in radians.",
    examples: &[Example::new(&["0"], "1e0"), Example::new(&["null"], "null")],
};

pub(super) static DISTANCE_KM: Entry = Entry {
    id: FunctionId::DistanceKm,
    name: "distance_km",
    notation: Notation::Call,
    parameters: &[
        required("lat_a", Takes::Double),
        required("lon_a", Takes::Double),
        required("lat_b", Takes::Double),
        required("lon_b", Takes::Double),
    ],
    rule: Rule::Total(DataType::Double),
    evaluator: Evaluator::Strict(|values, _| distance(values)),
    flink: Flink::Refused("its steps would have to be shown equal"),
    doc: "The way between two points on the globe (radius 6371.0088 km), by the haversine; latitudes and longitudes in degrees.",
    examples: &[Example::new(&["0", "0", "0", "0"], "0e0"), Example::new(&["0", "0", "0", "null"], "null")],
};

fn of_one(x: &Value, function: fn(f64) -> f64) -> Value {
    match x {
        Value::Double(x) => Value::double(function(*x)),
        _ => Value::Null,
    }
}

fn of_two(x: &Value, y: &Value, function: fn(f64, f64) -> f64) -> Value {
    match (x, y) {
        (Value::Double(x), Value::Double(y)) => Value::double(function(*x, *y)),
        _ => Value::Null,
    }
}

fn distance(values: &[&Value]) -> Value {
    const RADIUS_KM: f64 = 6_371.008_8;
    let [Value::Double(lat_a), Value::Double(lon_a), Value::Double(lat_b), Value::Double(lon_b)] = values
    else {
        return Value::Null;
    };
    let half_sine = |degrees: f64| (degrees.to_radians() / 2.0).sin();
    let (north, east) = (half_sine(lat_b - lat_a), half_sine(lon_b - lon_a));
    let share = north * north + lat_a.to_radians().cos() * lat_b.to_radians().cos() * east * east;
    // Rounding may leave the share a little outside of what a share can be.
    Value::double(2.0 * RADIUS_KM * share.clamp(0.0, 1.0).sqrt().asin())
}
