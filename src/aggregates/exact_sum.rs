//! The exact sum of doubles, rounded once (rule S7), and the exact sum of their squares.
//!
//! Fixed-point numbers wide enough for every double: {1e308, 1e308, -1e308} is 1e308.

use crate::types::bytes::{Malformed, Reader};

use super::fixed_point::FixedPoint;
use super::natural::Natural;
use super::rounding::{self, LOWEST_EXPONENT};

/// From 2^-1074 to 2^1024, and 64 bits for carries.
const SUM_LIMBS: usize = 68;
/// From 2^-2148 to 2^2048, and 64 bits for carries.
const SQUARE_LIMBS: usize = 134;

/// An exact sum of finite doubles, in units of 2^-1074.
#[derive(Debug, Clone, Default)]
pub struct ExactSum(FixedPoint<SUM_LIMBS>);

/// An exact sum of squares of finite doubles, in units of 2^-2148.
#[derive(Debug, Clone, Default)]
pub(super) struct ExactSquares(FixedPoint<SQUARE_LIMBS>);

/// Sign, mantissa and exponent of a finite double: it is `sign * mantissa * 2^(exponent - 1074)`.
fn parts(value: f64) -> (i64, i64, usize) {
    let bits = value.to_bits();
    let raw_exponent = (bits >> 52 & 0x7ff) as usize;
    let fraction = (bits & ((1 << 52) - 1)).cast_signed();
    let sign = if value.is_sign_negative() { -1 } else { 1 };
    if raw_exponent == 0 { (sign, fraction, 0) } else { (sign, fraction | 1 << 52, raw_exponent - 1) }
}

impl ExactSum {
    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub fn add(&mut self, value: f64) {
        let (sign, mantissa, exponent) = parts(value);
        self.0.add_small(sign, mantissa, exponent);
    }

    /// The sum rounded half to even, or `None` beyond the largest double.
    #[must_use]
    pub fn rounded(&self) -> Option<f64> {
        if self.0.is_untouched() {
            return Some(0.0);
        }
        let (negative, magnitude) = self.0.magnitude();
        let value = round(&magnitude);
        value.is_finite().then_some(if negative { -value } else { value } + 0.0)
    }

    pub(super) fn magnitude(&self) -> Natural {
        Natural::from_halves(&self.0.magnitude().1)
    }

    pub fn merge(&mut self, other: &Self) {
        self.0.merge(&other.0);
    }

    pub fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
    }

    /// Merges what [`Self::write`] has written.
    pub fn merge_bytes(&mut self, reader: &mut Reader<'_>) -> Result<(), Malformed> {
        self.0.merge_bytes(reader)
    }
}

impl ExactSquares {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Adds the square of `value`.
    pub(super) fn add(&mut self, value: f64) {
        let (_, mantissa, exponent) = parts(value);
        let mantissa = u128::from(mantissa.unsigned_abs());
        self.0.add_large(mantissa * mantissa, 2 * exponent);
    }

    pub(super) fn magnitude(&self) -> Natural {
        Natural::from_halves(&self.0.magnitude().1)
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
    }

    pub(super) fn merge_bytes(&mut self, reader: &mut Reader<'_>) -> Result<(), Malformed> {
        self.0.merge_bytes(reader)
    }
}

/// The double nearest to `Σ limbs[i] * 2^(32 i - 1074)`, ties to even.
fn round(limbs: &[u64]) -> f64 {
    let Some(top) = limbs.iter().rposition(|limb| *limb != 0) else {
        return 0.0;
    };
    // The highest three limbs hold at least 65 bits of the number; what is below is one sticky bit.
    let at = |i: usize| if i <= top { u128::from(limbs[top - i]) } else { 0 };
    let head = at(0) << 64 | at(1) << 32 | at(2);
    let sticky = top >= 3 && limbs[..top - 2].iter().any(|limb| *limb != 0);
    // `lowest` may be below the least exponent only with zero bits.
    let lowest = LOWEST_EXPONENT + 32 * (i64::try_from(top).unwrap_or(i64::MAX) - 2);
    rounding::nearest(head, sticky, lowest)
}
