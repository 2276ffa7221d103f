//! The sum of doubles, exact and rounded once (rule S7), for the few elements of a list. Windows,
//! which take elements in and out, have their own in `aggregates`.

/// Limb i holds a signed multiple of 2^(32 i - 1074): wide enough for every double, and for carries.
const LIMBS: usize = 68;
const LIMB: i64 = 1 << 32;

/// `None` beyond the largest double. No list is so long that a limb overflows: an addition moves
/// one by less than 2^32.
pub(super) fn sum(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut limbs = [0_i64; LIMBS];
    for value in values {
        add(&mut limbs, value);
    }
    carry(&mut limbs);
    // The last limb has the sign of the whole.
    let is_negative = limbs[LIMBS - 1] < 0;
    if is_negative {
        for limb in &mut limbs {
            *limb = -*limb;
        }
        carry(&mut limbs);
    }
    let magnitude = rounded(&limbs);
    magnitude.is_finite().then_some(if is_negative { -magnitude } else { magnitude })
}

fn add(limbs: &mut [i64; LIMBS], value: f64) {
    let bits = value.to_bits();
    let (exponent, fraction) = ((bits >> 52 & 0x7ff) as usize, bits & ((1 << 52) - 1));
    // Subnormals have no hidden bit and the exponent of the first normal ones.
    let (shift, mantissa) = if exponent == 0 { (0, fraction) } else { (exponent - 1, fraction | 1 << 52) };
    let mut rest = u128::from(mantissa) << (shift % 32);
    for limb in &mut limbs[shift / 32..shift / 32 + 3] {
        let part = i64::from((rest & 0xffff_ffff) as u32);
        *limb += if value.is_sign_negative() { -part } else { part };
        rest >>= 32;
    }
}

/// Afterwards all limbs but the last are from 0 to 2^32 - 1.
fn carry(limbs: &mut [i64; LIMBS]) {
    let mut over = 0;
    for limb in &mut limbs[..LIMBS - 1] {
        let whole = *limb + over;
        (*limb, over) = (whole.rem_euclid(LIMB), whole.div_euclid(LIMB));
    }
    limbs[LIMBS - 1] += over;
}

/// The nearest double, ties to even. Its bits are its exponent above its fraction: adding the
/// mantissa with its hidden bit to `shift` exponent steps gives them, also for subnormals and where
/// rounding carries over.
fn rounded(limbs: &[i64; LIMBS]) -> f64 {
    let bit = |at: usize| limbs[at / 32] >> (at % 32) & 1 == 1;
    let length = (0..LIMBS * 32).rev().find(|at| bit(*at)).map_or(0, |highest| highest + 1);
    let shift = length.saturating_sub(53);
    let mantissa = (shift..length).rev().fold(0_u64, |value, at| value << 1 | u64::from(bit(at)));
    let half = shift > 0 && bit(shift - 1);
    let beyond_half = (0..shift.saturating_sub(1)).any(bit);
    let up = u64::from(half && (beyond_half || mantissa & 1 == 1));
    f64::from_bits((((shift as u64) << 52) + mantissa + up).min(f64::INFINITY.to_bits()))
}
