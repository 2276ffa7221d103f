//! Arithmetic (rule S7): exact or null. Ints overflow to null, division by zero is null, int / int is
//! double, decimals have Flink's result types and round HALF_UP, doubles stay finite.

use crate::types::{DataType, Decimal, Value};

use super::entry::{Entry, Evaluator, Example, Flink, Notation, Printed, Rule, Signature, Type, TypeError};
use super::parameter::{Parameter, Takes, required};
use super::{FunctionId, flink, rule};

const SIDES: &[Parameter] = &[required("a", Takes::Number), required("b", Takes::Number)];

pub(super) static ADD: Entry = Entry {
    id: FunctionId::Add,
    name: "+",
    notation: Notation::Infix,
    parameters: SIDES,
    rule: Rule::Of("number", |arguments| arithmetic(arguments, sum_type, false)),
    evaluator: Evaluator::Binary(|left, right, result| match (left, right) {
        (Value::Int(a), Value::Int(b)) => int(a.checked_add(*b)),
        (Value::Double(a), Value::Double(b)) => Value::double(a + b),
        (Value::Decimal(a), Value::Decimal(b)) => fit(a.add_at(*b, scale_of(result)), result),
        _ => Value::Null,
    }),
    flink: Flink::Build(|arguments, result| Ok(binary(arguments, "+", result))),
    doc: "The sum; null if an int or double result is out of range.",
    examples: &[
        Example::new(&["1", "2"], "3"),
        Example::new(&["9223372036854775807", "1"], "null"),
        Example::new(&["1.25", "1"], "2.25"),
        Example::new(&["1.5", "1e0"], "2.5e0"),
        Example::new(&["1", "null"], "null"),
    ],
};

pub(super) static SUBTRACT: Entry = Entry {
    id: FunctionId::Subtract,
    name: "-",
    notation: Notation::Infix,
    parameters: SIDES,
    rule: Rule::Of("number", |arguments| arithmetic(arguments, sum_type, false)),
    evaluator: Evaluator::Binary(|left, right, result| match (left, right) {
        (Value::Int(a), Value::Int(b)) => int(a.checked_sub(*b)),
        (Value::Double(a), Value::Double(b)) => Value::double(a - b),
        (Value::Decimal(a), Value::Decimal(b)) => fit(a.add_at(b.negated(), scale_of(result)), result),
        _ => Value::Null,
    }),
    flink: Flink::Build(|arguments, result| Ok(binary(arguments, "-", result))),
    doc: "The difference; null if an int or double result is out of range.",
    examples: &[
        Example::new(&["1", "2"], "-1"),
        Example::new(&["-9223372036854775807", "2"], "null"),
        Example::new(&["1.25", "0.3"], "0.95"),
    ],
};

pub(super) static MULTIPLY: Entry = Entry {
    id: FunctionId::Multiply,
    name: "*",
    notation: Notation::Infix,
    parameters: SIDES,
    rule: Rule::Of("number", |arguments| arithmetic(arguments, product_type, false)),
    evaluator: Evaluator::Binary(|left, right, result| match (left, right) {
        (Value::Int(a), Value::Int(b)) => int(a.checked_mul(*b)),
        (Value::Double(a), Value::Double(b)) => Value::double(a * b),
        (Value::Decimal(a), Value::Decimal(b)) => fit(a.checked_mul(*b, scale_of(result)), result),
        _ => Value::Null,
    }),
    flink: Flink::Build(|arguments, result| Ok(binary(arguments, "*", result))),
    doc: "The product; null if an int or double result is out of range.",
    examples: &[
        Example::new(&["3", "4"], "12"),
        Example::new(&["4611686018427387904", "2"], "null"),
        Example::new(&["1.50", "0.5"], "0.750"),
        Example::new(&["1e200", "1e200"], "null"),
        Example::new(&["0e0", "-1e0"], "0e0"),
    ],
};

pub(super) static DIVIDE: Entry = Entry {
    id: FunctionId::Divide,
    name: "/",
    notation: Notation::Infix,
    parameters: SIDES,
    rule: Rule::Of("double|decimal?", |arguments| match rule::common(arguments) {
        Ok(DataType::Int) => {
            let doubles: Vec<_> = arguments.iter().map(|a| Type::new(DataType::Double, a.nullable)).collect();
            arithmetic(&doubles, quotient_type, true)
        }
        _ => arithmetic(arguments, quotient_type, true),
    }),
    evaluator: Evaluator::Binary(|left, right, result| match (left, right) {
        (Value::Double(a), Value::Double(b)) => Value::double(a / b),
        (Value::Decimal(a), Value::Decimal(b)) => fit(a.checked_div(*b, scale_of(result)), result),
        _ => Value::Null,
    }),
    flink: Flink::Build(|arguments, result| Ok(binary(&guarded(arguments), "/", result))),
    doc: "The quotient: of two ints a double; null if the divisor is zero.",
    examples: &[
        Example::new(&["5", "2"], "2.5e0"),
        Example::new(&["5", "0"], "null"),
        Example::new(&["0e0", "0e0"], "null"),
        Example::new(&["1.00", "3"], "0.3333333333333333333333"),
        Example::new(&["1.00", "0.0"], "null"),
    ],
};

pub(super) static MODULO: Entry = Entry {
    id: FunctionId::Modulo,
    name: "%",
    notation: Notation::Infix,
    parameters: &[required("a", Takes::Exact), required("b", Takes::Exact)],
    rule: Rule::Of("int|decimal?", |arguments| arithmetic(arguments, remainder_type, true)),
    evaluator: Evaluator::Binary(|left, right, result| match (left, right) {
        // i64::MIN % -1 is 0; checked_rem calls it an overflow.
        (Value::Int(_), Value::Int(-1)) => Value::Int(0),
        (Value::Int(a), Value::Int(b)) => int(a.checked_rem(*b)),
        (Value::Decimal(a), Value::Decimal(b)) => fit(a.checked_rem(*b), result),
        _ => Value::Null,
    }),
    flink: Flink::Build(|arguments, _| {
        let [left, right] = guarded(arguments);
        Ok(format!("MOD({}, {})", left.sql, right.sql))
    }),
    doc: "The remainder, with the sign of the dividend; null if the divisor is zero.",
    examples: &[
        Example::new(&["7", "3"], "1"),
        Example::new(&["-7", "3"], "-1"),
        Example::new(&["7", "0"], "null"),
        Example::new(&["7.5", "2.00"], "1.50"),
    ],
};

pub(super) static NEGATE: Entry = Entry {
    id: FunctionId::Negate,
    name: "-",
    notation: Notation::Prefix,
    parameters: &[required("x", Takes::Number)],
    rule: Rule::Of("number", one_number),
    evaluator: Evaluator::Unary(|value, _| match value {
        Value::Int(value) => int(value.checked_neg()),
        Value::Double(value) => Value::double(-value),
        Value::Decimal(value) => Value::Decimal(value.negated()),
        _ => Value::Null,
    }),
    flink: Flink::Build(|arguments, result| {
        let sql = &arguments[0].sql;
        Ok(match result {
            DataType::Int => flink::int_range(&format!("(CAST(0 AS DECIMAL(20, 0)) - {sql})")),
            _ => format!("(- {sql})"),
        })
    }),
    doc: "The number with the other sign.",
    examples: &[
        Example::new(&["3"], "-3"),
        Example::new(&["-2.50"], "2.50"),
        Example::new(&["0e0"], "0e0"),
        Example::new(&["-9223372036854775808"], "null"),
    ],
};

pub(super) static ABS: Entry = Entry {
    id: FunctionId::Abs,
    name: "abs",
    notation: Notation::Call,
    parameters: &[required("x", Takes::Number)],
    rule: Rule::Of("number", one_number),
    evaluator: Evaluator::Unary(|value, _| match value {
        Value::Int(value) => int(value.checked_abs()),
        Value::Double(value) => Value::double(value.abs()),
        Value::Decimal(value) => Value::Decimal(if value.units() < 0 { value.negated() } else { *value }),
        _ => Value::Null,
    }),
    flink: Flink::Build(|arguments, result| {
        let sql = &arguments[0].sql;
        Ok(match result {
            DataType::Int => format!("ABS(NULLIF({sql}, {}))", flink::INT_MIN),
            _ => format!("ABS({sql})"),
        })
    }),
    doc: "The number without its sign.",
    examples: &[
        Example::new(&["-3"], "3"),
        Example::new(&["-2.50"], "2.50"),
        Example::new(&["-9223372036854775808"], "null"),
    ],
};

pub(super) fn int(value: Option<i64>) -> Value {
    value.map_or(Value::Null, Value::Int)
}

/// A decimal result in its type, or null if it has more digits.
pub(super) fn fit(value: Option<Decimal>, result: DataType) -> Value {
    let DataType::Decimal { precision, scale } = result else { return Value::Null };
    value.and_then(|value| value.fit(precision, scale)).map_or(Value::Null, Value::Decimal)
}

pub(super) const fn scale_of(result: DataType) -> u8 {
    match result {
        DataType::Decimal { scale, .. } => scale,
        _ => 0,
    }
}

type DecimalRule = fn((u8, u8), (u8, u8)) -> (u8, u8);

/// (precision, scale) of Flink's decimal sums, before the limit of 38.
fn sum_type((p1, s1): (u8, u8), (p2, s2): (u8, u8)) -> (u8, u8) {
    let scale = s1.max(s2);
    ((p1 - s1).max(p2 - s2) + scale + 1, scale)
}

fn product_type((p1, s1): (u8, u8), (p2, s2): (u8, u8)) -> (u8, u8) {
    (p1 + p2 + 1, s1 + s2)
}

fn quotient_type((p1, s1): (u8, u8), (p2, s2): (u8, u8)) -> (u8, u8) {
    let scale = (s1 + p2 + 1).max(6);
    (p1 - s1 + s2 + scale, scale)
}

fn remainder_type((p1, s1): (u8, u8), (p2, s2): (u8, u8)) -> (u8, u8) {
    let scale = s1.max(s2);
    ((p1 - s1).min(p2 - s2) + scale, scale)
}

/// Two numbers: ints give int, a double gives double, decimals (an int among them as
/// `decimal(19,0)`) by `decimal`. Null where a result is out of range: a decimal type that was not cut
/// at 38 digits holds every result, unless the divisor is zero.
fn arithmetic(arguments: &[Type], decimal: DecimalRule, by_zero: bool) -> Result<Signature, TypeError> {
    let common = rule::common(arguments)?;
    let own = |position: usize| match (common, arguments[position].data_type) {
        (DataType::Decimal { .. }, Some(DataType::Int)) => DataType::INT_AS_DECIMAL,
        (DataType::Decimal { .. }, Some(own)) => own,
        _ => common,
    };
    let [left, right] = [0, 1].map(own);
    let (result, total) = match (left, right) {
        (DataType::Decimal { precision: p1, scale: s1 }, DataType::Decimal { precision: p2, scale: s2 }) => {
            let (precision, scale) = decimal((p1, s1), (p2, s2));
            (rule::adjusted_decimal(precision, scale), precision <= 38 && !by_zero)
        }
        _ => (common, false),
    };
    let nullable = !total || arguments.iter().any(|argument| argument.nullable);
    Ok(Signature { arguments: vec![left, right], result, nullable })
}

pub(super) fn one_number(arguments: &[Type]) -> Result<Signature, TypeError> {
    let result = rule::common(arguments)?;
    // The least int has no positive counterpart.
    let nullable = arguments[0].nullable || result == DataType::Int;
    Ok(Signature { arguments: vec![result], result, nullable })
}

/// Both arguments, the second as null instead of zero: Flink throws on a decimal or int zero.
pub(super) fn guarded<'a>(arguments: &[Printed<'a>]) -> [Printed<'a>; 2] {
    let zero = match arguments[1].expr.data_type {
        DataType::Double => "CAST(0 AS DOUBLE)",
        _ => "0",
    };
    let divisor = Printed { sql: format!("NULLIF({}, {zero})", arguments[1].sql), expr: arguments[1].expr };
    [arguments[0].clone(), divisor]
}

fn binary(arguments: &[Printed], operator: &str, result: DataType) -> String {
    let [left, right] = [&arguments[0].sql, &arguments[1].sql];
    match result {
        // BIGINT wraps: compute in decimals, which hold any sum or product of two.
        DataType::Int => flink::int_range(&format!(
            "(CAST({left} AS DECIMAL(19, 0)) {operator} CAST({right} AS DECIMAL(19, 0)))"
        )),
        _ => format!("({left} {operator} {right})"),
    }
}
