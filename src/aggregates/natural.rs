//! Natural numbers of any size, for the one division at the end of a variance.

use std::cmp::Ordering;

/// Words of 64 bits, least first, the last one not zero.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Natural(Vec<u64>);

/// Bits of a quotient: enough that its root has more than a double's 53.
const QUOTIENT_BITS: i64 = 112;

/// `digits * 2^exponent`, and a little more if not `exact`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quotient {
    pub(super) digits: u128,
    pub(super) exact: bool,
    pub(super) exponent: i64,
}

impl Natural {
    pub(super) fn new(words: &[u64]) -> Self {
        let len = words.iter().rposition(|word| *word != 0).map_or(0, |last| last + 1);
        Self(words[..len].to_vec())
    }

    /// From words that hold 32 bits each.
    pub(super) fn from_halves(halves: &[u64]) -> Self {
        let words: Vec<u64> =
            halves.chunks(2).map(|pair| pair[0] | pair.get(1).map_or(0, |high| high << 32)).collect();
        Self::new(&words)
    }

    /// Its words, which the target has room for.
    pub(super) fn copy_to(&self, words: &mut [u64]) {
        words[..self.0.len()].copy_from_slice(&self.0);
    }

    pub(super) const fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    fn bits(&self) -> i64 {
        let whole = i64::try_from(self.0.len()).unwrap_or(i64::MAX) * 64;
        self.0.last().map_or(0, |last| whole - i64::from(last.leading_zeros()))
    }

    pub(super) fn times(&self, other: &Self) -> Self {
        let mut words = vec![0_u64; self.0.len() + other.0.len()];
        for (i, a) in self.0.iter().enumerate() {
            let mut carry = 0_u128;
            for (j, b) in other.0.iter().enumerate() {
                carry += u128::from(words[i + j]) + u128::from(*a) * u128::from(*b);
                words[i + j] = low(carry);
                carry >>= 64;
            }
            words[i + other.0.len()] = low(carry);
        }
        Self::new(&words)
    }

    /// `self - other`, which is not greater.
    pub(super) fn minus(mut self, other: &Self) -> Self {
        self.subtract(other);
        Self::new(&self.0)
    }

    fn subtract(&mut self, other: &Self) {
        let mut borrow = false;
        for (i, word) in self.0.iter_mut().enumerate() {
            let (part, first) = word.overflowing_sub(other.0.get(i).copied().unwrap_or(0));
            let (rest, second) = part.overflowing_sub(u64::from(borrow));
            *word = rest;
            borrow = first || second;
        }
        debug_assert!(!borrow, "only what is not greater is taken away");
    }

    fn shifted_left(&self, bits: usize) -> Self {
        let mut words = vec![0; bits / 64];
        words.extend_from_slice(&self.0);
        words.push(0);
        let shift = bits % 64;
        if shift > 0 {
            for i in (1..words.len()).rev() {
                words[i] = words[i] << shift | words[i - 1] >> (64 - shift);
            }
            words[0] <<= shift;
        }
        Self::new(&words)
    }

    /// `self / divisor`, cut off after more than a hundred bits; `even`: with an even exponent. Neither
    /// is zero.
    pub(super) fn divided(&self, divisor: &Self, even: bool) -> Quotient {
        let apart = self.bits() - divisor.bits();
        let by = |bits: i64| usize::try_from(bits.max(0)).expect("a few thousand bits");
        let mut rest = self.shifted_left(by(-apart));
        let divisor = divisor.shifted_left(by(apart));
        // Of equal length now: the quotient is below 2, and each step gives one bit more of it.
        let steps = QUOTIENT_BITS - i64::from(even && (apart - QUOTIENT_BITS) % 2 != 0);
        let mut digits = 0_u128;
        for _ in 0..=steps {
            digits <<= 1;
            if rest.compare(&divisor).is_ge() {
                rest = rest.minus(&divisor);
                digits |= 1;
            }
            rest = rest.shifted_left(1);
        }
        Quotient { digits, exact: rest.is_zero(), exponent: apart - steps }
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low word is what is asked for")]
const fn low(value: u128) -> u64 {
    value as u64
}
