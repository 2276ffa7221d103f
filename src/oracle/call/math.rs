//! Numbers: rounding by their decimal digits, choice by their order, bits one by one.

use std::cmp::Ordering;

use crate::functions::FunctionId;
use crate::oracle::big::Big;
use crate::oracle::cast::read_decimal;
use crate::oracle::decode::scientific;
use crate::oracle::number::{self, as_double, order, units};
use crate::types::{DataType, Value};

use super::{double, int};

/// `None`: of another family.
pub(in crate::oracle) fn math(function: FunctionId, arguments: &[Value], to: DataType) -> Option<Value> {
    let of_one = |function: fn(f64) -> f64| number::double(function(double(&arguments[0])));
    Some(match function {
        FunctionId::Sign => Value::Int(match order(&arguments[0], &Value::Int(0)) {
            Ordering::Less => -1,
            Ordering::Equal => 0,
            Ordering::Greater => 1,
        }),
        FunctionId::Ceil => whole(&arguments[0], to, true),
        FunctionId::Floor => whole(&arguments[0], to, false),
        FunctionId::Round => rounded(arguments, to, true),
        FunctionId::Trunc => rounded(arguments, to, false),
        FunctionId::Greatest => extreme(arguments, Ordering::Greater),
        FunctionId::Least => extreme(arguments, Ordering::Less),
        FunctionId::Clamp => {
            let raised = extreme(&arguments[..2], Ordering::Greater);
            extreme(&[raised, arguments[2].clone()], Ordering::Less)
        }
        FunctionId::WidthBucket => bucket(arguments),
        FunctionId::Sqrt => of_one(f64::sqrt),
        FunctionId::Exp => of_one(f64::exp),
        FunctionId::Ln => of_one(f64::ln),
        FunctionId::Log10 => of_one(f64::log10),
        FunctionId::Log2 => of_one(f64::log2),
        FunctionId::Sin => of_one(f64::sin),
        FunctionId::Cos => of_one(f64::cos),
        FunctionId::Log => number::double(double(&arguments[1]).ln() / double(&arguments[0]).ln()),
        FunctionId::Power => number::double(double(&arguments[0]).powf(double(&arguments[1]))),
        FunctionId::DistanceKm => distance(arguments),
        FunctionId::BitAnd => by_bit(arguments, |a, b| a && b),
        FunctionId::BitOr => by_bit(arguments, |a, b| a || b),
        FunctionId::BitXor => by_bit(arguments, |a, b| a != b),
        // Two's complement: all bits turned are one less than the number with the other sign.
        FunctionId::BitNot => Value::Int(-1 - int(&arguments[0])),
        FunctionId::ShiftLeft => shifted(arguments, true),
        FunctionId::ShiftRight => shifted(arguments, false),
        _ => return None,
    })
}

fn whole(value: &Value, to: DataType, up: bool) -> Value {
    match value {
        Value::Double(x) => {
            // From 2^52 on every double is whole.
            let cut = if x.abs() < 4_503_599_627_370_496.0 { x % 1.0 } else { 0.0 };
            let toward_zero = x - cut;
            number::double(match up {
                true if cut > 0.0 => toward_zero + 1.0,
                false if cut < 0.0 => toward_zero - 1.0,
                _ => toward_zero,
            })
        }
        Value::Decimal(value) => {
            let (value, scale) = units(*value);
            let (quotient, rest) = value.divided(&Big::pow10(scale));
            let one = Big::from_i128(1);
            let quotient = match (up, rest.is_zero(), rest.is_negative()) {
                (true, false, false) => quotient.plus(&one),
                (false, false, true) => quotient.minus(&one),
                _ => quotient,
            };
            number::decimal(&quotient, 0, to)
        }
        int => int.clone(),
    }
}

fn rounded(arguments: &[Value], to: DataType, to_nearest: bool) -> Value {
    let digits = arguments.get(1).map_or(0, |digits| u8::try_from(int(digits)).expect("0 to 18"));
    match &arguments[0] {
        Value::Decimal(value) => {
            let (value, scale) = units(*value);
            let dropped = scale.saturating_sub(digits.into());
            if to_nearest || dropped == 0 {
                return number::decimal(&value, scale, to);
            }
            number::decimal(&value.divided(&Big::pow10(dropped)).0, digits.into(), to)
        }
        Value::Double(x) => {
            let text = format!("{x:e}");
            let text = if to_nearest { text } else { without_digits_behind(&text, digits) };
            let wanted = DataType::Decimal { precision: 38, scale: digits };
            match read_decimal(&text, wanted) {
                // Too large to have digits there.
                Value::Null => arguments[0].clone(),
                exact => as_double(&exact),
            }
        }
        int => int.clone(),
    }
}

/// The digits of a number's text that stand before or at that place.
fn without_digits_behind(text: &str, place: u8) -> String {
    let (negative, digits, exponent) = scientific(text).expect("the text of a double");
    let kept = i64::try_from(digits.len()).expect("short") + exponent + i64::from(place);
    let kept = usize::try_from(kept.max(0)).expect("short").min(digits.len());
    let zeros = i64::try_from(digits.len() - kept).expect("short");
    let (sign, digits) = (if negative { "-" } else { "" }, &digits[..kept]);
    format!("{sign}0{digits}e{}", exponent + zeros)
}

fn extreme(arguments: &[Value], wanted: Ordering) -> Value {
    let is_best = |best: &&Value| arguments.iter().all(|other| order(other, best) != wanted);
    arguments.iter().find(is_best).expect("an order has ends").clone()
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "the rule is told in doubles"
)]
fn bucket(arguments: &[Value]) -> Value {
    let (x, low, high, count) =
        (double(&arguments[0]), double(&arguments[1]), double(&arguments[2]), int(&arguments[3]));
    if high <= low || !(high - low).is_finite() || count < 1 {
        Value::Null
    } else if x < low {
        Value::Int(0)
    } else if x >= high {
        number::int(i128::from(count) + 1)
    } else {
        let place = ((x - low) / (high - low) * count as f64) as i64;
        Value::Int(if place >= count { count } else { place + 1 })
    }
}

/// `2 r asin √(sin²(Δφ/2) + cos φ₁ cos φ₂ sin²(Δλ/2))`.
fn distance(arguments: &[Value]) -> Value {
    let degrees: Vec<f64> = arguments.iter().map(double).collect();
    let half_sine = |from: usize, to: usize| ((degrees[to] - degrees[from]).to_radians() / 2.0).sin();
    let (north, east) = (half_sine(0, 2), half_sine(1, 3));
    // In this order: another one differs in the last digit.
    let share = north * north + degrees[0].to_radians().cos() * degrees[2].to_radians().cos() * east * east;
    number::double(2.0 * 6371.0088 * share.clamp(0.0, 1.0).sqrt().asin())
}

fn bits(value: i64) -> [bool; 64] {
    std::array::from_fn(|at| value.cast_unsigned() / 2_u64.pow(u32::try_from(at).expect("64")) % 2 == 1)
}

fn of_bits(bits: [bool; 64]) -> Value {
    let unsigned = bits.iter().rev().fold(0_u64, |value, bit| value.wrapping_mul(2) + u64::from(*bit));
    Value::Int(unsigned.cast_signed())
}

fn by_bit(arguments: &[Value], function: fn(bool, bool) -> bool) -> Value {
    let (a, b) = (bits(int(&arguments[0])), bits(int(&arguments[1])));
    of_bits(std::array::from_fn(|at| function(a[at], b[at])))
}

fn shifted(arguments: &[Value], up: bool) -> Value {
    let old = bits(int(&arguments[0]));
    let Ok(count @ 0..64) = usize::try_from(int(&arguments[1])) else { return Value::Null };
    of_bits(std::array::from_fn(
        |at| if up { at >= count && old[at - count] } else { old[(at + count).min(63)] },
    ))
}
