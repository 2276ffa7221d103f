//! Rounding: to the nearest, up, down, toward zero. What is half goes away from zero.

use crate::types::{DataType, Decimal, Rounding, Value};

use super::arithmetic::{fit, scale_of};
use super::entry::{
    Entry, Evaluator, Example, Flink, NoForm, Notation, Printed, Rule, Signature, Type, TypeError,
};
use super::parameter::{Takes, optional, required};
use super::{FunctionId, flink, rule};

/// A double has no more digits behind the point that a sum of money, or a degree, could need.
const DIGITS: Takes = Takes::LiteralInt { least: 0, most: 18 };

pub(super) static SIGN: Entry = Entry {
    id: FunctionId::Sign,
    name: "sign",
    notation: Notation::Call,
    parameters: &[required("x", Takes::Number)],
    rule: Rule::Total(DataType::Int),
    evaluator: Evaluator::Unary(|value, _| {
        Value::Int(match value {
            Value::Int(value) => value.signum(),
            Value::Double(value) if *value > 0.0 => 1,
            Value::Double(value) if *value < 0.0 => -1,
            Value::Decimal(value) if value.units() != 0 => {
                if value.units() > 0 {
                    1
                } else {
                    -1
                }
            }
            _ => 0,
        })
    }),
    flink: Flink::Template(
        "(CASE WHEN {0} > 0 THEN CAST(1 AS BIGINT) WHEN {0} < 0 THEN CAST(-1 AS BIGINT) WHEN {0} = 0 THEN CAST(0 AS BIGINT) END)",
    ),
    doc: "1, 0 or -1.",
    examples: &[Example::new(&["-2.50"], "-1"), Example::new(&["0e0"], "0"), Example::new(&["7"], "1")],
};

pub(super) static CEIL: Entry = Entry {
    id: FunctionId::Ceil,
    name: "ceil",
    notation: Notation::Call,
    parameters: &[required("x", Takes::Number)],
    rule: Rule::Of("number", whole),
    evaluator: Evaluator::Unary(|value, to| to_whole(value, to, f64::ceil, 1)),
    flink: Flink::Build(|arguments, result| Ok(flink_whole("CEIL", arguments, result))),
    doc: "The least whole number that is not below x; of a decimal a decimal, of a double a double.",
    examples: &[
        Example::new(&["1.2"], "2"),
        Example::new(&["-1.7e0"], "-1e0"),
        Example::new(&["-0.5e0"], "0e0"),
        Example::new(&["5"], "5"),
    ],
};

pub(super) static FLOOR: Entry = Entry {
    id: FunctionId::Floor,
    name: "floor",
    notation: Notation::Call,
    parameters: &[required("x", Takes::Number)],
    rule: Rule::Of("number", whole),
    evaluator: Evaluator::Unary(|value, to| to_whole(value, to, f64::floor, -1)),
    flink: Flink::Build(|arguments, result| Ok(flink_whole("FLOOR", arguments, result))),
    doc: "The largest whole number that is not above x.",
    examples: &[
        Example::new(&["1.2"], "1"),
        Example::new(&["-1.2"], "-2"),
        Example::new(&["-1.7e0"], "-2e0"),
        Example::new(&["5"], "5"),
    ],
};

pub(super) static ROUND: Entry = Entry {
    id: FunctionId::Round,
    name: "round",
    notation: Notation::Call,
    parameters: &[required("x", Takes::Number), optional("digits", DIGITS)],
    rule: Rule::Of("number", |arguments| to_digits(arguments, 1)),
    evaluator: Evaluator::Strict(|values, to| shortened(values, to, Rounding::HalfUp)),
    flink: Flink::Build(|arguments, result| flink_digits("ROUND", arguments, result)),
    doc: "x with so many digits behind the point (0 if not said), half away from zero; a double by its shortest decimal text.",
    examples: &[
        Example::new(&["2.5"], "3"),
        Example::new(&["-2.5"], "-3"),
        Example::new(&["1.005", "2"], "1.01"),
        Example::new(&["1.005e0", "2"], "1.01e0"),
        Example::new(&["2.5e0"], "3e0"),
        Example::new(&["5", "2"], "5"),
    ],
};

pub(super) static TRUNC: Entry = Entry {
    id: FunctionId::Trunc,
    name: "trunc",
    notation: Notation::Call,
    parameters: &[required("x", Takes::Number), optional("digits", DIGITS)],
    rule: Rule::Of("number", |arguments| to_digits(arguments, 0)),
    evaluator: Evaluator::Strict(|values, to| shortened(values, to, Rounding::Exact)),
    flink: Flink::Build(|arguments, result| flink_digits("TRUNCATE", arguments, result)),
    doc: "x without the digits behind that place, which is the point if not said.",
    examples: &[
        Example::new(&["2.99"], "2"),
        Example::new(&["-2.99"], "-2"),
        Example::new(&["1.239", "2"], "1.23"),
        Example::new(&["-1.239e0", "2"], "-1.23e0"),
        Example::new(&["-0.5e0"], "0e0"),
    ],
};

/// Whole numbers of the same kind; a decimal may need one digit more.
fn whole(arguments: &[Type]) -> Result<Signature, TypeError> {
    let own = rule::common(arguments)?;
    let result = match own {
        DataType::Decimal { precision, scale } => {
            DataType::Decimal { precision: carried(precision - scale), scale: 0 }
        }
        _ => own,
    };
    let nullable = arguments[0].nullable || result == DataType::Decimal { precision: 38, scale: 0 };
    Ok(Signature { arguments: vec![own], result, nullable })
}

/// The digits before the point when rounding may carry into one more.
fn carried(digits: u8) -> u8 {
    (digits + 1).min(38)
}

fn to_whole(value: &Value, to: DataType, of_double: fn(f64) -> f64, up: i128) -> Value {
    match value {
        Value::Int(_) => value.clone(),
        Value::Double(value) => Value::double(of_double(*value)),
        Value::Decimal(value) => {
            let unit = 10_i128.pow(u32::from(value.scale()));
            let (quotient, rest) = (value.units() / unit, value.units() % unit);
            let units = if rest.signum() == up { quotient + up } else { quotient };
            fit(Decimal::new(units, 0), to)
        }
        _ => Value::Null,
    }
}

fn flink_whole(function: &str, arguments: &[Printed], result: DataType) -> String {
    let sql = &arguments[0].sql;
    match result {
        DataType::Int => sql.clone(),
        DataType::Double => flink::finite(&format!("{function}({sql})")),
        _ => format!("CAST({function}({sql}) AS {})", flink::type_name(result)),
    }
}

/// The wanted digits behind the point; `carry`: a decimal may need one more before it.
fn to_digits(arguments: &[Type], carry: u8) -> Result<Signature, TypeError> {
    let own = rule::common(&arguments[..1])?;
    let digits = digits(arguments.get(1).and_then(|argument| argument.literal));
    let result = match own {
        DataType::Decimal { precision, scale } if digits < scale => {
            let whole = (precision - scale + carry).min(38 - digits);
            DataType::Decimal { precision: (whole + digits).max(1), scale: digits }
        }
        _ => own,
    };
    let targets = [own, DataType::Int][..arguments.len()].to_vec();
    let is_full = matches!(result, DataType::Decimal { precision: 38, .. });
    Ok(Signature { arguments: targets, result, nullable: arguments[0].nullable || is_full })
}

fn digits(literal: Option<&Value>) -> u8 {
    match literal {
        Some(Value::Int(digits)) => u8::try_from(*digits).unwrap_or(0),
        _ => 0,
    }
}

fn shortened(values: &[&Value], to: DataType, rounding: Rounding) -> Value {
    let digits = digits(values.get(1).copied());
    match values[0] {
        Value::Decimal(value) if digits < value.scale() => fit(cut(*value, scale_of(to), rounding), to),
        Value::Double(value) => Value::double(of_double(*value, digits, rounding)),
        // Whole already, or with no more digits than wanted.
        value => value.clone(),
    }
}

fn cut(value: Decimal, scale: u8, rounding: Rounding) -> Option<Decimal> {
    match rounding {
        Rounding::HalfUp => value.rescale(scale, Rounding::HalfUp),
        Rounding::Exact => {
            let unit = 10_i128.checked_pow(u32::from(value.scale().saturating_sub(scale)))?;
            Decimal::new(value.units() / unit, scale)
        }
    }
}

/// By the shortest text that reads back as the same double. What has more than 38 digits at that
/// place has none behind the point.
fn of_double(value: f64, digits: u8, rounding: Rounding) -> f64 {
    let text = format!("{value:e}");
    let Some(exact) = shortest(&text) else { return if value.abs() < 1.0 { 0.0 } else { value } };
    if exact.scale() <= digits {
        return value;
    }
    cut(exact, digits, rounding).map_or(value, Decimal::to_f64)
}

/// `None` where it needs more than 38 digits, which are then all before or all behind the point.
fn shortest(text: &str) -> Option<Decimal> {
    text.parse().ok()
}

fn flink_digits(function: &str, arguments: &[Printed], result: DataType) -> Result<String, NoForm> {
    let sql = &arguments[0].sql;
    let digits = match arguments.get(1).map(|argument| &argument.expr.kind) {
        Some(super::ExprKind::Literal(literal)) => digits(Some(literal)),
        _ => 0,
    };
    match result {
        DataType::Double => Err(NoForm {
            what: function.to_lowercase(),
            why: "the JVM's text of a double is not always the shortest; cast to a decimal first",
        }),
        DataType::Int => Ok(sql.clone()),
        _ => Ok(format!("CAST({function}({sql}, {digits}) AS {})", flink::type_name(result))),
    }
}
