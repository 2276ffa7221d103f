//! S7: variance and standard deviation of a population, `(n Σx² - (Σx)²) / n²` as one exact fraction that is
//! rounded once.

use crate::types::Value;

use super::big::Big;
use super::number;

/// Bits of a quotient before it is rounded; a double has 53.
const QUOTIENT_BITS: i64 = 67;
/// Quarters of the least double: finer is never needed.
const FINEST: i64 = 1076;

/// `above / below * 2^exponent`
struct Fraction {
    above: Big,
    below: Big,
    exponent: i64,
}

pub(super) fn variance(values: &[&Value]) -> Value {
    let fraction = fraction(values);
    if fraction.above.is_zero() {
        return Value::Double(0.0);
    }
    let fine = (QUOTIENT_BITS - fraction.size()).min(FINEST);
    let (quotient, rest) = fraction.times_two_to(fine);
    nearest(&quotient, !rest, fine)
}

pub(super) fn deviation(values: &[&Value]) -> Value {
    let fraction = fraction(values);
    if fraction.above.is_zero() {
        return Value::Double(0.0);
    }
    let fine = (QUOTIENT_BITS - fraction.size() / 2).min(FINEST);
    let (square, whole) = fraction.times_two_to(2 * fine);
    let root = root(&square);
    let whole = whole && root.times(&root) == square;
    nearest(&root, !whole, fine)
}

fn fraction(values: &[&Value]) -> Fraction {
    let n = Big::from_i128(number::count(values.len()));
    let mut scale = 0;
    let mut exponent = 0;
    let exact = values.iter().map(|value| match value {
        Value::Int(value) => Big::from_i128(i128::from(*value)),
        Value::Decimal(value) => {
            scale = u32::from(value.scale());
            Big::from_i128(value.units())
        }
        Value::Double(value) => {
            exponent = -2148;
            number::double_units(*value)
        }
        other => panic!("no variance of {other:?}"),
    });
    let (mut sum, mut squares) = (Big::default(), Big::default());
    for value in exact {
        squares = squares.plus(&value.times(&value));
        sum = sum.plus(&value);
    }
    let above = n.times(&squares).minus(&sum.times(&sum));
    Fraction { above, below: n.times(&n).times(&Big::pow10(2 * scale)), exponent }
}

impl Fraction {
    /// About its logarithm.
    fn size(&self) -> i64 {
        let bits = |big: &Big| i64::try_from(big.bits()).expect("a few thousand bits");
        bits(&self.above) - bits(&self.below) + self.exponent
    }

    /// The whole part of `self * 2^fine`, and whether that is all.
    fn times_two_to(&self, fine: i64) -> (Big, bool) {
        let shift = self.exponent + fine;
        let by = usize::try_from(shift.unsigned_abs()).expect("a few thousand bits");
        let (quotient, rest) = if shift >= 0 {
            self.above.shifted_left(by).divided(&self.below)
        } else {
            self.above.divided(&self.below.shifted_left(by))
        };
        (quotient, rest.is_zero())
    }
}

/// The whole part of a root, bit by bit from the highest.
fn root(square: &Big) -> Big {
    let mut root = Big::default();
    for bit in (0..=square.bits() / 2).rev() {
        let larger = root.plus(&Big::from_i128(1).shifted_left(bit));
        if larger.times(&larger) <= *square {
            root = larger;
        }
    }
    root
}

/// `quotient / 2^fine`, and a little more if `more`, as the nearest double.
fn nearest(quotient: &Big, more: bool, fine: i64) -> Value {
    // A last bit stands for all that was cut off: it decides ties only.
    let marked = quotient.shifted_left(1).plus(&Big::from_i128(i128::from(more)));
    if fine < FINEST {
        let whole = number::nearest_double(&marked.shifted_left(1074));
        return number::double(scaled(whole, -fine - 1));
    }
    // Tiny: whole multiples of the least double, of which there are three bits too many.
    if marked.bits() > 60 {
        return number::double(scaled(number::nearest_double(&marked.shifted_left(1074)), -fine - 1));
    }
    let eighths = marked.to_i128().expect("60 bits");
    let (whole, rest) = (eighths / 8, eighths % 8);
    let up = rest > 4 || rest == 4 && whole % 2 == 1;
    number::double(number::nearest_double(&Big::from_i128(whole + i128::from(up))))
}

/// `value * 2^exponent`, exactly, in steps that a double can take.
fn scaled(value: f64, exponent: i64) -> f64 {
    let step = if exponent < 0 { 0.5 } else { 2.0 };
    (0..exponent.unsigned_abs()).fold(value, |value, _| value * step)
}
