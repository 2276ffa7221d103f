//! Rule S7: the places where a number is rounded, and what no longer fits becomes null.

use std::cmp::Ordering;

use crate::types::{DataType, Decimal, Value};

use super::big::Big;

/// Of a double's mantissa, the hidden one included.
const MANTISSA_BITS: usize = 53;

/// A double as a whole number of 2^-1074, exactly.
pub(super) fn double_units(value: f64) -> Big {
    let bits = value.abs().to_bits();
    let (exponent, fraction) = (bits >> 52, bits & ((1 << 52) - 1));
    // Subnormals have no hidden bit and the exponent of the first normal ones.
    let (mantissa, shift) = if exponent == 0 { (fraction, 0) } else { (fraction | 1 << 52, exponent - 1) };
    let magnitude =
        Big::from_i128(i128::from(mantissa)).shifted_left(usize::try_from(shift).expect("11 bits"));
    if value < 0.0 { magnitude.negated() } else { magnitude }
}

/// The double nearest to a whole number of 2^-1074, ties to even; not finite if it is too large.
pub(super) fn nearest_double(units: &Big) -> f64 {
    let bits = units.bits();
    let shift = bits.saturating_sub(MANTISSA_BITS);
    let mantissa = (shift..bits).rev().fold(0, |value, bit| value * 2 + u64::from(units.bit(bit)));
    // What is cut off: its first bit is the half, the others decide whether it is more than that.
    let half = shift > 0 && units.bit(shift - 1);
    let beyond_half = (0..shift.saturating_sub(1)).any(|bit| units.bit(bit));
    let round_up = half && (beyond_half || mantissa % 2 == 1);
    // A double's bits are its exponent above its fraction: adding the mantissa with its hidden bit
    // to `shift` exponent steps gives them, also for subnormals and where rounding carries over.
    let exponent = u64::try_from(shift).expect("a few thousand bits") << 52;
    let magnitude = f64::from_bits((exponent + mantissa + u64::from(round_up)).min(f64::INFINITY.to_bits()));
    if units.is_negative() { -magnitude } else { magnitude }
}

/// A double result: finite or null, -0.0 is 0.0.
pub(super) fn double(value: f64) -> Value {
    if value.is_finite() { Value::Double(if value == 0.0 { 0.0 } else { value }) } else { Value::Null }
}

/// The double nearest to an integer, ties to even.
#[expect(clippy::cast_precision_loss, reason = "the rounding, once and to nearest even, is the rule")]
pub(super) fn double_of(value: i128) -> f64 {
    value as f64
}

/// A count as an integer.
pub(super) fn count(values: usize) -> i128 {
    i128::try_from(values).expect("a count has 64 bits")
}

/// An int result: null if it does not fit.
pub(super) fn int(value: i128) -> Value {
    i64::try_from(value).map_or(Value::Null, Value::Int)
}

/// A decimal result `units / 10^scale` in the type `to`: `HALF_UP` to its scale, null if it has
/// more digits than its precision.
pub(super) fn decimal(units: &Big, scale: u32, to: DataType) -> Value {
    quotient(units, &Big::from_i128(1), scale, to)
}

/// `dividend / divisor / 10^scale` in the decimal type `to`, rounded once.
pub(super) fn quotient(dividend: &Big, divisor: &Big, scale: u32, to: DataType) -> Value {
    let DataType::Decimal { precision, scale: to_scale } = to else { panic!("{to} is not a decimal") };
    let to_scale_wide = u32::from(to_scale);
    let units = if to_scale_wide >= scale {
        dividend.times(&Big::pow10(to_scale_wide - scale)).divided_half_up(divisor)
    } else {
        dividend.divided_half_up(&divisor.times(&Big::pow10(scale - to_scale_wide)))
    };
    let bound = Big::pow10(u32::from(precision));
    if units >= bound || units <= bound.negated() {
        return Value::Null;
    }
    let units = units.to_i128().expect("below 10^38");
    Value::Decimal(Decimal::new(units, to_scale).expect("at most 38 digits"))
}

/// A decimal as exact units and scale.
pub(super) fn units(value: Decimal) -> (Big, u32) {
    (Big::from_i128(value.units()), u32::from(value.scale()))
}

/// Two decimals as units of one scale.
pub(super) fn aligned(a: Decimal, b: Decimal) -> (Big, Big, u32) {
    let ((a, a_scale), (b, b_scale)) = (units(a), units(b));
    let scale = a_scale.max(b_scale);
    (a.times(&Big::pow10(scale - a_scale)), b.times(&Big::pow10(scale - b_scale)), scale)
}

/// A number as the nearest double.
pub(super) fn as_double(value: &Value) -> Value {
    match value {
        Value::Int(value) => double(double_of(i128::from(*value))),
        Value::Decimal(value) => {
            let exact = format!("{}e-{}", value.units(), value.scale());
            double(exact.parse().expect("a number"))
        }
        _ => value.clone(),
    }
}

/// The order of two values, neither null: numbers by value (an int and a decimal exactly, with a
/// double as doubles), strings by UTF-8 bytes, `false` before `true`, times by instant.
pub(super) fn order(a: &Value, b: &Value) -> Ordering {
    let decimals = |a: Decimal, b: Decimal| {
        let (a, b, _) = aligned(a, b);
        a.cmp(&b)
    };
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Double(a), Value::Double(b)) => a.partial_cmp(b).expect("doubles are finite"),
        (Value::Decimal(a), Value::Decimal(b)) => decimals(*a, *b),
        (Value::Int(a), Value::Decimal(b)) => decimals(Decimal::from_int(*a), *b),
        (Value::Decimal(a), Value::Int(b)) => decimals(*a, Decimal::from_int(*b)),
        (Value::Double(_), Value::Int(_) | Value::Decimal(_))
        | (Value::Int(_) | Value::Decimal(_), Value::Double(_)) => order(&as_double(a), &as_double(b)),
        (Value::String(a), Value::String(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Value::Timestamp(a), Value::Timestamp(b)) => a.0.cmp(&b.0),
        (Value::Date(a), Value::Date(b)) => a.days().cmp(&b.days()),
        (Value::Bytes(a), Value::Bytes(b)) => a.cmp(b),
        (Value::List(a), Value::List(b)) | (Value::Struct(a), Value::Struct(b)) => order_of_all(a, b),
        (Value::Map(a), Value::Map(b)) => {
            let flat = |entries: &[(Value, Value)]| -> Vec<Value> {
                entries.iter().flat_map(|(key, value)| [key.clone(), value.clone()]).collect()
            };
            order_of_all(&flat(a), &flat(b))
        }
        _ => panic!("`{a:?}` and `{b:?}` have no order"),
    }
}

/// Part by part, nulls first; what ends earlier is less.
fn order_of_all(a: &[Value], b: &[Value]) -> Ordering {
    for (a, b) in a.iter().zip(b) {
        let part = match (a.is_null(), b.is_null()) {
            (false, false) => order(a, b),
            (a, b) => b.cmp(&a),
        };
        if part.is_ne() {
            return part;
        }
    }
    a.len().cmp(&b.len())
}
