//! The exact sum of doubles, rounded once (rule S7).
//!
//! A fixed-point number wide enough for every double: limb i holds a signed multiple of
//! 2^(32 i - 1074). An addition touches three limbs and carries nothing; carries are settled before
//! a limb could overflow. Any order of additions and merges gives the same bits, and
//! {1e308, 1e308, -1e308} is 1e308.

use crate::types::bytes::{self, Malformed, Reader};

const LIMBS: usize = 68;
const MASK: i64 = 0xffff_ffff;
const LOWEST_EXPONENT: i64 = -1074;
/// Each addition moves a limb by less than 2^32, so this many leave it far inside an i64.
const ADDS_MAX: u32 = 1 << 29;

/// An exact sum of finite doubles.
#[derive(Debug, Clone)]
pub struct ExactSum {
    limbs: Box<[i64; LIMBS]>,
    /// Additions since the carries were settled; 0: the sum is untouched zero.
    adds: u32,
}

impl Default for ExactSum {
    fn default() -> Self {
        Self { limbs: Box::new([0; LIMBS]), adds: 0 }
    }
}

impl ExactSum {
    pub fn clear(&mut self) {
        if self.adds > 0 {
            self.limbs.fill(0);
            self.adds = 0;
        }
    }

    pub fn add(&mut self, value: f64) {
        let bits = value.to_bits();
        let raw_exponent = (bits >> 52 & 0x7ff) as usize;
        let fraction = (bits & ((1 << 52) - 1)).cast_signed();
        let (exponent, mantissa) =
            if raw_exponent == 0 { (0, fraction) } else { (raw_exponent - 1, fraction | 1 << 52) };
        let (limb, shift) = (exponent >> 5, exponent & 31);
        let sign = if value.is_sign_negative() { -1 } else { 1 };
        let upper = mantissa >> (32 - shift);
        self.limbs[limb] += sign * (mantissa << shift & MASK);
        self.limbs[limb + 1] += sign * (upper & MASK);
        self.limbs[limb + 2] += sign * (upper >> 32);
        self.count();
    }

    fn count(&mut self) {
        self.adds += 1;
        if self.adds >= ADDS_MAX {
            self.settle();
        }
    }

    /// Afterwards all limbs have the sign of the sum and are below 2^32 in size. Returns that sign.
    fn settle(&mut self) -> i64 {
        carry(&mut self.limbs);
        self.adds = self.adds.min(1);
        if self.limbs[LIMBS - 1] >= 0 {
            return 1;
        }
        negate(&mut self.limbs);
        carry(&mut self.limbs);
        negate(&mut self.limbs);
        -1
    }

    /// The sum rounded half to even, or `None` beyond the largest double.
    #[must_use]
    pub fn rounded(&self) -> Option<f64> {
        if self.adds == 0 {
            return Some(0.0);
        }
        let mut settled = self.clone();
        let sign = settled.settle();
        let magnitude = settled.limbs.map(i64::unsigned_abs);
        let value = round(&magnitude);
        value.is_finite().then_some(if sign < 0 { -value } else { value } + 0.0)
    }

    pub fn merge(&mut self, other: &Self) {
        // Settled limbs are below 2^32: one merge is one addition.
        let mut other = other.clone();
        other.settle();
        self.limbs.iter_mut().zip(other.limbs.iter()).for_each(|(mine, theirs)| *mine += theirs);
        self.count();
    }

    /// Sign, first limb, number of limbs, limbs: the zero ends are left out.
    pub fn write(&self, out: &mut Vec<u8>) {
        let mut settled = self.clone();
        let sign = settled.settle();
        let from = settled.limbs.iter().position(|limb| *limb != 0).unwrap_or(0);
        let to = settled.limbs.iter().rposition(|limb| *limb != 0).map_or(from, |last| last + 1);
        out.push(u8::from(sign < 0));
        bytes::put_u64(out, from as u64);
        bytes::put_u64(out, (to - from) as u64);
        for limb in &settled.limbs[from..to] {
            out.extend_from_slice(&low_word(limb.unsigned_abs()).to_le_bytes());
        }
    }

    /// Merges what [`Self::write`] has written.
    pub fn merge_bytes(&mut self, reader: &mut Reader<'_>) -> Result<(), Malformed> {
        let sign = if reader.u8()? == 1 { -1 } else { 1 };
        let from = usize::try_from(reader.u64()?).map_err(|_| Malformed)?;
        let count = usize::try_from(reader.u64()?).map_err(|_| Malformed)?;
        let to = from.checked_add(count).ok_or(Malformed)?;
        for limb in self.limbs.get_mut(from..to).ok_or(Malformed)? {
            let word: [u8; 4] = reader.take(4)?.try_into().map_err(|_| Malformed)?;
            *limb += sign * i64::from(u32::from_le_bytes(word));
        }
        self.count();
        Ok(())
    }
}

const fn low_word(value: u64) -> u32 {
    (value & 0xffff_ffff) as u32
}

fn carry(limbs: &mut [i64; LIMBS]) {
    let mut carry = 0;
    for limb in &mut limbs[..LIMBS - 1] {
        let value = *limb + carry;
        *limb = value & MASK;
        carry = value >> 32;
    }
    limbs[LIMBS - 1] += carry;
}

fn negate(limbs: &mut [i64; LIMBS]) {
    for limb in limbs {
        *limb = -*limb;
    }
}

/// The double nearest to `Σ limbs[i] * 2^(32 i - 1074)`, ties to even.
fn round(limbs: &[u64; LIMBS]) -> f64 {
    let Some(top) = limbs.iter().rposition(|limb| *limb != 0) else {
        return 0.0;
    };
    // The highest three limbs hold at least 65 bits of the number; what is below is one sticky bit.
    let at = |i: usize| if i <= top { u128::from(limbs[top - i]) } else { 0 };
    let head = at(0) << 64 | at(1) << 32 | at(2);
    let sticky = top >= 3 && limbs[..top - 2].iter().any(|limb| *limb != 0);
    // head * 2^(lowest) is the value; `lowest` may be below the least exponent only with zero bits.
    let lowest = LOWEST_EXPONENT + 32 * (i64::try_from(top).unwrap_or(i64::MAX) - 2);
    let bits = i64::from(128 - head.leading_zeros());
    // A double keeps 53 bits, fewer below 2^-1022.
    let cut = (bits - 53).max(LOWEST_EXPONENT - lowest).max(0);
    let kept = u64::try_from(head >> cut).expect("at most 53 bits are kept");
    let rest = head & ((1_u128 << cut) - 1);
    let half = if cut == 0 { 0 } else { 1_u128 << (cut - 1) };
    let up = cut > 0 && (rest > half || rest == half && (sticky || kept & 1 == 1));
    scale(kept + u64::from(up), lowest + cut)
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
