//! The texts of numbers: which are integers, which are decimals, and their exact value.

use crate::types::{Decimal, Rounding};

/// Whether a JSON number is written as an integer: no point, no exponent.
pub(super) fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the text is a decimal number, perhaps with sign and exponent.
pub(super) fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = split_exponent(text);
    let digits = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    whole.len() + fraction.len() > 0
        && whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit())
        && exponent.is_none_or(|text| text.parse::<i32>().is_ok())
}

fn split_exponent(text: &str) -> (&str, Option<&str>) {
    match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    }
}

/// The decimal of at most `precision` digits at `scale`, if no digit is lost.
pub(super) fn exact_decimal(text: &str, precision: u8, scale: u8) -> Option<Decimal> {
    let (mantissa, exponent) = split_exponent(text);
    let (negative, digits) = match mantissa.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let significant = format!("{whole}{fraction}");
    let kept = significant.trim_end_matches('0');
    let shifted = significant.len() - kept.len();
    let kept = kept.trim_start_matches('0');
    if kept.is_empty() {
        return Decimal::new(0, scale);
    }
    let exponent = exponent.map_or(Some(0), |text| text.parse::<i32>().ok())?;
    // Where the last significant digit stands: 10^-place.
    let place = i64::try_from(fraction.len()).ok()? - i64::try_from(shifted).ok()?;
    let place = place.checked_sub(i64::from(exponent))?;
    let units: i128 = kept.parse().ok()?;
    let units = if negative { -units } else { units };
    let decimal = match u8::try_from(place) {
        Ok(place) => Decimal::new(units, place)?,
        Err(_) => Decimal::new(units.checked_mul(10_i128.checked_pow(u32::try_from(-place).ok()?)?)?, 0)?,
    };
    let rescaled = decimal.rescale(scale, Rounding::Exact)?;
    rescaled.fit(precision, scale)
}
