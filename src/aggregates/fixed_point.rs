//! A signed number with so many bits before and behind its point that sums of doubles, or of their
//! squares, are exact in it.
//!
//! Limb i holds a signed multiple of 2^(32 i) units. An addition touches a few limbs and carries nothing;
//! carries are settled before a limb could overflow. Any order of additions and merges gives the same number.

use crate::types::bytes::{self, Malformed, Reader};

const MASK: i64 = 0xffff_ffff;
/// Each addition moves a limb by less than 2^32, so this many leave it far inside an i64.
const ADDS_MAX: u32 = 1 << 29;

/// `N` limbs of 32 bits.
#[derive(Debug, Clone)]
pub(super) struct FixedPoint<const N: usize> {
    limbs: Box<[i64; N]>,
    /// Additions since the carries were settled; 0: untouched zero.
    adds: u32,
}

impl<const N: usize> Default for FixedPoint<N> {
    fn default() -> Self {
        Self { limbs: Box::new([0; N]), adds: 0 }
    }
}

impl<const N: usize> FixedPoint<N> {
    pub(super) const fn is_untouched(&self) -> bool {
        self.adds == 0
    }

    pub(super) fn clear(&mut self) {
        if self.adds > 0 {
            self.limbs.fill(0);
            self.adds = 0;
        }
    }

    /// Adds `sign * mantissa * 2^exponent` units for a mantissa of at most 53 bits.
    pub(super) fn add_small(&mut self, sign: i64, mantissa: i64, exponent: usize) {
        let (limb, shift) = (exponent >> 5, exponent & 31);
        let upper = mantissa >> (32 - shift);
        self.limbs[limb] += sign * (mantissa << shift & MASK);
        self.limbs[limb + 1] += sign * (upper & MASK);
        self.limbs[limb + 2] += sign * (upper >> 32);
        self.count();
    }

    /// Adds `magnitude * 2^exponent` units.
    pub(super) fn add_large(&mut self, magnitude: u128, exponent: usize) {
        let (limb, shift) = (exponent >> 5, exponent & 31);
        let mut rest = magnitude;
        let mut low = 0_u64;
        for target in &mut self.limbs[limb..] {
            let word = u64::from(low_word(rest)) << shift | low;
            *target += word.cast_signed() & MASK;
            low = word >> 32;
            rest >>= 32;
            if rest == 0 && low == 0 {
                break;
            }
        }
        self.count();
    }

    fn count(&mut self) {
        self.adds += 1;
        if self.adds >= ADDS_MAX {
            self.settle();
        }
    }

    /// Afterwards all limbs have the sign of the number and are below 2^32 in size. Returns that sign.
    fn settle(&mut self) -> i64 {
        self.carry();
        self.adds = self.adds.min(1);
        if self.limbs[N - 1] >= 0 {
            return 1;
        }
        self.negate();
        self.carry();
        self.negate();
        -1
    }

    fn carry(&mut self) {
        let mut carry = 0;
        for limb in &mut self.limbs[..N - 1] {
            let value = *limb + carry;
            *limb = value & MASK;
            carry = value >> 32;
        }
        self.limbs[N - 1] += carry;
    }

    fn negate(&mut self) {
        self.limbs.iter_mut().for_each(|limb| *limb = -*limb);
    }

    /// Whether it is negative, and the limbs of its magnitude, each below 2^32.
    pub(super) fn magnitude(&self) -> (bool, [u64; N]) {
        let mut settled = self.clone();
        let sign = settled.settle();
        (sign < 0, settled.limbs.map(i64::unsigned_abs))
    }

    pub(super) fn merge(&mut self, other: &Self) {
        // Settled limbs are below 2^32: one merge is one addition.
        let mut other = other.clone();
        other.settle();
        self.limbs.iter_mut().zip(other.limbs.iter()).for_each(|(mine, theirs)| *mine += theirs);
        self.count();
    }

    /// Sign, first limb, number of limbs, limbs: the zero ends are left out.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let (negative, limbs) = self.magnitude();
        let from = limbs.iter().position(|limb| *limb != 0).unwrap_or(0);
        let to = limbs.iter().rposition(|limb| *limb != 0).map_or(from, |last| last + 1);
        out.push(u8::from(negative));
        bytes::put_u64(out, from as u64);
        bytes::put_u64(out, (to - from) as u64);
        for limb in &limbs[from..to] {
            out.extend_from_slice(&low_word(u128::from(*limb)).to_le_bytes());
        }
    }

    /// Merges what [`Self::write`] has written.
    pub(super) fn merge_bytes(&mut self, reader: &mut Reader<'_>) -> Result<(), Malformed> {
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

#[expect(clippy::cast_possible_truncation, reason = "the low word is what is asked for")]
const fn low_word(value: u128) -> u32 {
    value as u32
}
