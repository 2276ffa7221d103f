//! The exact sum of ints or decimal units: 192 bits, so that no order of additions overflows on the way.

use crate::types::bytes::{self, Malformed, Reader};

use super::natural::Natural;

/// A signed 192-bit total: `high * 2^128 + low`. 2^64 decimals of 38 digits fit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IntegerSum {
    low: u128,
    high: i64,
}

impl IntegerSum {
    pub fn add(&mut self, value: i128) {
        self.add_wide(Self { low: value.cast_unsigned(), high: if value < 0 { -1 } else { 0 } });
    }

    pub fn add_wide(&mut self, other: Self) {
        let (low, carry) = self.low.overflowing_add(other.low);
        self.low = low;
        self.high = self.high.wrapping_add(other.high).wrapping_add(i64::from(carry));
    }

    /// The total, if 128 bits hold it.
    #[must_use]
    pub fn total(&self) -> Option<i128> {
        let total = self.low.cast_signed();
        (self.high == if total < 0 { -1 } else { 0 }).then_some(total)
    }

    /// `total * 10^up / count`, rounded half away from zero; `None` beyond 128 bits.
    #[must_use]
    pub fn mean(&self, up: u32, count: u64) -> Option<i128> {
        let factor = 10_u64.checked_pow(up)?;
        let (negative, limbs) = self.magnitude();
        let (quotient, rest) = div(mul(limbs, factor), count);
        let [low, middle, 0, 0] = quotient else {
            return None;
        };
        let rounded = (u128::from(middle) << 64 | u128::from(low)) + u128::from(rest >= count - rest);
        let magnitude = i128::try_from(rounded).ok()?;
        Some(if negative { -magnitude } else { magnitude })
    }

    /// The size of the total.
    pub(super) fn natural(&self) -> Natural {
        Natural::new(&self.magnitude().1)
    }

    fn magnitude(&self) -> (bool, [u64; 3]) {
        let negative = self.high < 0;
        let (low, high) = if negative {
            let (low, carry) = (!self.low).overflowing_add(1);
            (low, (!self.high).cast_unsigned().wrapping_add(u64::from(carry)))
        } else {
            (self.low, self.high.cast_unsigned())
        };
        (negative, [word(low), word(low >> 64), high])
    }

    pub fn write(&self, out: &mut Vec<u8>) {
        bytes::put_i128(out, self.low.cast_signed());
        // Mostly the sign extension of `low`, which is written as zero.
        bytes::put_i64(out, self.high.wrapping_sub(if self.low.cast_signed() < 0 { -1 } else { 0 }));
    }

    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let low = reader.i128()?;
        let high = reader.i64()?.wrapping_add(if low < 0 { -1 } else { 0 });
        Ok(Self { low: low.cast_unsigned(), high })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low word is what is asked for")]
const fn word(value: u128) -> u64 {
    (value & u64::MAX as u128) as u64
}

fn mul(limbs: [u64; 3], factor: u64) -> [u64; 4] {
    let mut product = [0; 4];
    let mut carry = 0_u128;
    for (out, limb) in product.iter_mut().zip(limbs.into_iter().chain([0])) {
        carry += u128::from(limb) * u128::from(factor);
        *out = word(carry);
        carry >>= 64;
    }
    product
}

fn div(limbs: [u64; 4], divisor: u64) -> ([u64; 4], u64) {
    let mut quotient = [0; 4];
    let mut rest = 0_u128;
    for i in (0..4).rev() {
        let dividend = rest << 64 | u128::from(limbs[i]);
        quotient[i] = word(dividend / u128::from(divisor));
        rest = dividend % u128::from(divisor);
    }
    (quotient, word(rest))
}
