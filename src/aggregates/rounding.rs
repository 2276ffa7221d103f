//! From exact numbers to the nearest double, once.

/// Doubles are whole multiples of 2 to this.
pub(super) const LOWEST_EXPONENT: i64 = -1074;

/// The double nearest to `head * 2^exponent`, and a little more if `sticky`; ties to even. It may be infinite.
/// The head has at most 120 bits.
pub(super) fn nearest(head: u128, sticky: bool, exponent: i64) -> f64 {
    let bits = i64::from(128 - head.leading_zeros());
    // A double keeps 53 bits, fewer below 2^-1022.
    let cut = (bits - 53).max(LOWEST_EXPONENT - exponent).max(0);
    if cut > bits + 1 {
        return 0.0;
    }
    let (rest, half) = (head & ((1 << cut) - 1), if cut == 0 { 0 } else { 1_u128 << (cut - 1) });
    let kept = u64::try_from(head >> cut).expect("at most 53 bits are kept");
    let up = cut > 0 && (rest > half || rest == half && (sticky || kept & 1 == 1));
    scale(kept + u64::from(up), exponent + cut)
}

/// `mantissa * 2^exponent` for at most 54 bits at an exponent of at least -1074: exact or infinite.
fn scale(mantissa: u64, exponent: i64) -> f64 {
    if mantissa == 0 {
        return 0.0;
    }
    let bits = i64::from(64 - mantissa.leading_zeros());
    if bits + exponent > 1024 {
        return f64::INFINITY;
    }
    if bits + exponent <= -1022 {
        // Subnormal or the least normal: the exponent is -1074 here.
        return f64::from_bits(mantissa << (exponent - LOWEST_EXPONENT));
    }
    let shift = 53 - bits;
    let fraction = if shift >= 0 { mantissa << shift } else { mantissa >> -shift };
    let biased = (exponent - shift + 1075).cast_unsigned();
    f64::from_bits(biased << 52 | fraction & ((1 << 52) - 1))
}
