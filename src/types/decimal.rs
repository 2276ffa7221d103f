//! Exact decimals: an i128 of units and a scale. Arithmetic either is exact, rounds HALF_UP once,
//! or reports that the result does not fit 38 digits.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// The largest unscaled magnitude a decimal can hold: 38 nines.
const UNITS_MAX: i128 = 10_i128.pow(38) - 1;

/// `units * 10^-scale`, |units| < 10^38. Equality and order are by numeric value.
#[derive(Debug, Clone, Copy)]
pub struct Decimal {
    units: i128,
    scale: u8,
}

/// What to do with digits that the target scale cannot hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// Half away from zero, as Flink and SQL engines do.
    HalfUp,
    /// Refuse (`None`) instead of losing a digit.
    Exact,
}

/// The text was not a decimal literal, or has more than 38 significant digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a decimal of at most 38 digits")]
pub struct ParseDecimalError(String);

impl Decimal {
    /// A decimal of `units * 10^-scale`; `None` beyond 38 digits.
    #[must_use]
    pub fn new(units: i128, scale: u8) -> Option<Self> {
        (scale <= 38 && (-UNITS_MAX..=UNITS_MAX).contains(&units)).then_some(Self { units, scale })
    }

    /// Reads a number of any length at a scale, rounded once or refused; `None` also beyond 38 digits.
    #[must_use]
    pub fn read(text: &str, scale: u8, rounding: Rounding) -> Option<Self> {
        read(text, scale, rounding)
    }

    #[must_use]
    pub const fn from_int(value: i64) -> Self {
        Self { units: value as i128, scale: 0 }
    }

    #[must_use]
    pub const fn units(self) -> i128 {
        self.units
    }

    #[must_use]
    pub const fn scale(self) -> u8 {
        self.scale
    }

    /// The same number at another scale; `None` if it does not fit, or rounding was refused.
    #[must_use]
    pub fn rescale(self, scale: u8, rounding: Rounding) -> Option<Self> {
        if scale >= self.scale {
            let units = self.units.checked_mul(10_i128.checked_pow(u32::from(scale - self.scale))?)?;
            return Self::new(units, scale);
        }
        let divisor = 10_i128.checked_pow(u32::from(self.scale - scale))?;
        let units = div_half_up(self.units, divisor);
        if rounding == Rounding::Exact && units.checked_mul(divisor) != Some(self.units) {
            return None;
        }
        Self::new(units, scale)
    }

    /// The number rounded to `scale`, if it has at most `precision` digits then.
    #[must_use]
    pub fn fit(self, precision: u8, scale: u8) -> Option<Self> {
        let fitted = self.rescale(scale, Rounding::HalfUp)?;
        (fitted.units.unsigned_abs() < 10_u128.pow(u32::from(precision.min(38)))).then_some(fitted)
    }

    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let (a, b, scale) = self.aligned(other)?;
        Self::new(a.checked_add(b)?, scale)
    }

    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.checked_add(Self { units: -other.units, scale: other.scale })
    }

    /// The exact sum rounded HALF_UP to `scale`; `None` if it does not fit 38 digits there.
    #[must_use]
    pub fn add_at(self, other: Self, scale: u8) -> Option<Self> {
        let common = self.scale.max(other.scale).max(scale);
        let up = |d: Self| (d.units, u32::from(common - d.scale));
        wide::add_scaled(up(self), up(other), u32::from(common - scale))
            .and_then(|units| Self::new(units, scale))
    }

    /// The exact product (scale = sum of scales), rounded HALF_UP to `scale`.
    #[must_use]
    pub fn checked_mul(self, other: Self, scale: u8) -> Option<Self> {
        wide::mul_div_pow10(
            self.units,
            other.units,
            i32::from(self.scale) + i32::from(other.scale) - i32::from(scale),
        )
        .and_then(|units| Self::new(units, scale))
    }

    /// The quotient rounded HALF_UP to `scale`; `None` for a zero divisor or a result too large.
    #[must_use]
    pub fn checked_div(self, other: Self, scale: u8) -> Option<Self> {
        let shift = i32::from(scale) + i32::from(other.scale) - i32::from(self.scale);
        wide::mul_pow10_div(self.units, shift, other.units).and_then(|units| Self::new(units, scale))
    }

    /// The remainder with the sign of the dividend, as in SQL; `None` for a zero divisor.
    #[must_use]
    pub fn checked_rem(self, other: Self) -> Option<Self> {
        if let Some((a, b, scale)) = self.aligned(other) {
            return Self::new(a.checked_rem(b)?, scale);
        }
        if self.scale >= other.scale {
            // The divisor outgrew i128 at the dividend's scale: it is the larger, and nothing is taken off.
            return (other.units != 0).then_some(self);
        }
        let units = wide::mul_pow10_rem(self.units, u32::from(other.scale - self.scale), other.units)?;
        Self::new(units, other.scale)
    }

    #[must_use]
    pub fn negated(self) -> Self {
        Self { units: -self.units, scale: self.scale }
    }

    /// The nearest double (ties to even), through the shortest exact path: parsing its text.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    fn aligned(self, other: Self) -> Option<(i128, i128, u8)> {
        let scale = self.scale.max(other.scale);
        let up = |d: Self| d.units.checked_mul(10_i128.checked_pow(u32::from(scale - d.scale))?);
        Some((up(self)?, up(other)?, scale))
    }
}

/// `a / b` rounded half away from zero; `b` > 0.
fn div_half_up(a: i128, b: i128) -> i128 {
    let (quotient, rest) = (a / b, a % b);
    // rest.abs() >= b / 2 without overflow: compare with what is missing to b.
    if rest.unsigned_abs() >= b.unsigned_abs() - rest.unsigned_abs() {
        quotient + a.signum()
    } else {
        quotient
    }
}

/// 256-bit intermediate products: a decimal product or scaled dividend may need up to 76 digits.
mod wide {
    /// An unsigned 256-bit integer as (high, low) u128 words.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    struct U256(u128, u128);

    impl U256 {
        fn mul(a: u128, b: u128) -> Self {
            const MASK: u128 = u64::MAX as u128;
            let (a1, a0, b1, b0) = (a >> 64, a & MASK, b >> 64, b & MASK);
            let low = a0 * b0;
            let mid = a1 * b0 + (low >> 64);
            let mid2 = a0 * b1 + (mid & MASK);
            Self(a1 * b1 + (mid >> 64) + (mid2 >> 64), (mid2 << 64) | (low & MASK))
        }

        /// Of two products below 10^76 each: 256 bits hold the sum.
        fn add(self, other: Self) -> Self {
            let (low, carry) = self.1.overflowing_add(other.1);
            Self(self.0 + other.0 + u128::from(carry), low)
        }

        /// `self >= other`.
        fn sub(self, other: Self) -> Self {
            let (low, borrow) = self.1.overflowing_sub(other.1);
            Self(self.0 - other.0 - u128::from(borrow), low)
        }

        /// Quotient and remainder by schoolbook binary division; `None` if the quotient needs more than 128 bits.
        fn div_rem(self, divisor: u128) -> Option<(u128, u128)> {
            if self.0 >= divisor {
                return None;
            }
            let (mut rest, mut quotient) = (self.0, 0_u128);
            for bit in (0..128).rev() {
                let carry = rest >> 127;
                rest = (rest << 1) | ((self.1 >> bit) & 1);
                quotient <<= 1;
                if carry == 1 || rest >= divisor {
                    rest = rest.wrapping_sub(divisor);
                    quotient |= 1;
                }
            }
            Some((quotient, rest))
        }
    }

    /// The sum of two numbers given as (units, power of ten), divided by `10^down` and rounded half
    /// up; powers up to 38.
    pub(super) fn add_scaled(left: (i128, u32), right: (i128, u32), down: u32) -> Option<i128> {
        let left_size = U256::mul(left.0.unsigned_abs(), pow10(left.1)?);
        let right_size = U256::mul(right.0.unsigned_abs(), pow10(right.1)?);
        let (negative, magnitude) = if (left.0 < 0) == (right.0 < 0) {
            (left.0 < 0, left_size.add(right_size))
        } else if left_size >= right_size {
            (left.0 < 0, left_size.sub(right_size))
        } else {
            (right.0 < 0, right_size.sub(left_size))
        };
        let divisor = pow10(down)?;
        signed(negative, round_half_up(magnitude.div_rem(divisor)?, divisor)?)
    }

    /// The remainder of `a * 10^up / b` with the sign of `a`.
    pub(super) fn mul_pow10_rem(a: i128, up: u32, b: i128) -> Option<i128> {
        let divisor = (b != 0).then_some(b.unsigned_abs())?;
        let product = U256::mul(a.unsigned_abs(), pow10(up)?);
        let (_, rest) = U256(product.0 % divisor, product.1).div_rem(divisor)?;
        signed(a < 0, rest)
    }

    fn round_half_up((quotient, rest): (u128, u128), divisor: u128) -> Option<u128> {
        if rest >= divisor - rest { quotient.checked_add(1) } else { Some(quotient) }
    }

    fn signed(negative: bool, magnitude: u128) -> Option<i128> {
        let value = i128::try_from(magnitude).ok()?;
        Some(if negative { -value } else { value })
    }

    /// `a * b / 10^shift`, rounded half up (a negative shift multiplies).
    pub(super) fn mul_div_pow10(a: i128, b: i128, shift: i32) -> Option<i128> {
        let negative = (a < 0) != (b < 0);
        let product = U256::mul(a.unsigned_abs(), b.unsigned_abs());
        let magnitude = if shift <= 0 {
            let (low, factor) = ((product.0 == 0).then_some(product.1)?, pow10(shift.unsigned_abs())?);
            low.checked_mul(factor)?
        } else if shift > 38 {
            let first = product.div_rem(pow10(38)?)?;
            // The digits below 10^38 cannot tip the rounding: the second divisor is an even power of
            // ten, so a remainder below its half stays below whatever is added beneath one unit.
            let divisor = pow10(shift.unsigned_abs() - 38)?;
            round_half_up((first.0 / divisor, first.0 % divisor), divisor)?
        } else {
            let divisor = pow10(shift.unsigned_abs())?;
            round_half_up(product.div_rem(divisor)?, divisor)?
        };
        signed(negative, magnitude)
    }

    /// `a * 10^shift / b`, rounded half up (a negative shift divides further).
    pub(super) fn mul_pow10_div(a: i128, shift: i32, b: i128) -> Option<i128> {
        if b == 0 {
            return None;
        }
        let negative = (a < 0) != (b < 0);
        let (dividend, divisor) = if shift >= 0 {
            if shift > 38 {
                let first = a.unsigned_abs().checked_mul(pow10(shift.unsigned_abs() - 38)?)?;
                (U256::mul(first, pow10(38)?), b.unsigned_abs())
            } else {
                (U256::mul(a.unsigned_abs(), pow10(shift.unsigned_abs())?), b.unsigned_abs())
            }
        } else {
            (U256(0, a.unsigned_abs()), b.unsigned_abs().checked_mul(pow10(shift.unsigned_abs())?)?)
        };
        let magnitude = round_half_up(dividend.div_rem(divisor)?, divisor)?;
        signed(negative, magnitude)
    }

    fn pow10(exponent: u32) -> Option<u128> {
        10_u128.checked_pow(exponent)
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        if let Some((a, b, _)) = self.aligned(*other) {
            return a.cmp(&b);
        }
        // One side does not fit at the common scale: it is the larger in magnitude.
        let split = |d: &Self| {
            let unit = 10_i128.pow(u32::from(d.scale));
            (d.units.div_euclid(unit), d.units.rem_euclid(unit))
        };
        let ((a, a_rest), (b, b_rest)) = (split(self), split(other));
        let scale = self.scale.max(other.scale);
        let up = |rest: i128, d: &Self| rest.saturating_mul(10_i128.pow(u32::from(scale - d.scale)));
        a.cmp(&b).then_with(|| up(a_rest, self).cmp(&up(b_rest, other)))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scale == 0 {
            return write!(f, "{}", self.units);
        }
        let unit = 10_u128.pow(u32::from(self.scale));
        let magnitude = self.units.unsigned_abs();
        let sign = if self.units < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:0width$}", magnitude / unit, magnitude % unit, width = usize::from(self.scale))
    }
}

impl FromStr for Decimal {
    type Err = ParseDecimalError;

    /// Plain notation or with an exponent (`-12.50`, `1e3`); the scale is as written, at least 0.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).ok_or_else(|| ParseDecimalError(text.chars().take(64).collect()))
    }
}

/// Sign, all digits, and the power of ten they are to be multiplied by.
fn scientific(text: &str) -> Option<(bool, String, i64)> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let unsigned = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = [whole, fraction].concat();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((mantissa.starts_with('-'), digits, i64::from(exponent) - i64::try_from(fraction.len()).ok()?))
}

fn parse(text: &str) -> Option<Decimal> {
    let (negative, digits, exponent) = scientific(text)?;
    let magnitude: i128 = digits.parse().ok()?;
    let units = if negative { -magnitude } else { magnitude };
    match u8::try_from(-exponent) {
        Ok(scale) => Decimal::new(units, scale),
        Err(_) if units == 0 => Decimal::new(0, 0),
        Err(_) if exponent > 0 => {
            let factor = 10_i128.checked_pow(u32::try_from(exponent).ok()?)?;
            Decimal::new(units.checked_mul(factor)?, 0)
        }
        Err(_) => None,
    }
}

fn read(text: &str, scale: u8, rounding: Rounding) -> Option<Decimal> {
    let (negative, digits, exponent) = scientific(text)?;
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Decimal::new(0, scale);
    }
    // How many digits the units have at that scale; the others are dropped or missing zeros.
    let kept = i64::try_from(digits.len()).ok()? + exponent + i64::from(scale);
    let (units, dropped) = digits.split_at(usize::try_from(kept).unwrap_or(0).min(digits.len()));
    if kept > 38 || (rounding == Rounding::Exact && dropped.bytes().any(|digit| digit != b'0')) {
        return None;
    }
    let zeros = usize::try_from(kept).unwrap_or(0) - units.len();
    let magnitude: i128 = format!("0{units}{}", "0".repeat(zeros)).parse().ok()?;
    // Half away from zero: the first dropped digit decides, unless it is behind zeros itself.
    let round_up = kept >= 0 && dropped.bytes().next().is_some_and(|digit| digit >= b'5');
    let magnitude = magnitude + i128::from(round_up);
    Decimal::new(if negative { -magnitude } else { magnitude }, scale)
}
