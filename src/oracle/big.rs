//! Integers of any size, by schoolbook methods: slow, and short enough to be checked by eye.
//!
//! Sums of doubles and all decimal arithmetic of the oracle go through them, so that nothing is
//! rounded before the one place where a rule says so.

use std::cmp::Ordering;

/// Sign and magnitude; limbs of 32 bits, least first, no leading zeros; zero is not negative.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Big {
    negative: bool,
    limbs: Vec<u32>,
}

/// The bits of one limb.
const LIMB: u128 = u32::MAX as u128;

impl Big {
    fn new(negative: bool, mut limbs: Vec<u32>) -> Self {
        while limbs.last() == Some(&0) {
            limbs.pop();
        }
        Self { negative: negative && !limbs.is_empty(), limbs }
    }

    pub(super) fn from_i128(value: i128) -> Self {
        let magnitude = value.unsigned_abs();
        let limbs =
            (0..4).map(|limb| low32(u64::try_from(magnitude >> (32 * limb) & LIMB).expect("32 bits")));
        Self::new(value < 0, limbs.collect())
    }

    /// The value if it fits; up to 127 bits do.
    pub(super) fn to_i128(&self) -> Option<i128> {
        let magnitude = self.limbs.iter().rev().try_fold(0_i128, |value, limb| {
            value.checked_mul(1 << 32).and_then(|high| high.checked_add(i128::from(*limb)))
        })?;
        Some(if self.negative { -magnitude } else { magnitude })
    }

    pub(super) fn pow10(exponent: u32) -> Self {
        (0..exponent).fold(Self::from_i128(1), |power, _| power.times(&Self::from_i128(10)))
    }

    /// `self * 2^bits`.
    pub(super) fn shifted_left(&self, bits: usize) -> Self {
        let part = self.times(&Self::from_i128(1 << (bits % 32)));
        let limbs = std::iter::repeat_n(0, bits / 32).chain(part.limbs).collect();
        Self::new(self.negative, limbs)
    }

    pub(super) fn negated(&self) -> Self {
        Self::new(!self.negative, self.limbs.clone())
    }

    pub(super) fn plus(&self, other: &Self) -> Self {
        if self.negative == other.negative {
            return Self::new(self.negative, add(&self.limbs, &other.limbs));
        }
        match compare(&self.limbs, &other.limbs) {
            Ordering::Less => Self::new(other.negative, subtract(&other.limbs, &self.limbs)),
            Ordering::Equal | Ordering::Greater => {
                Self::new(self.negative, subtract(&self.limbs, &other.limbs))
            }
        }
    }

    pub(super) fn minus(&self, other: &Self) -> Self {
        self.plus(&other.negated())
    }

    pub(super) fn times(&self, other: &Self) -> Self {
        let mut limbs = vec![0_u32; self.limbs.len() + other.limbs.len()];
        for (i, a) in self.limbs.iter().enumerate() {
            let mut carry = 0;
            for (j, b) in other.limbs.iter().enumerate() {
                let sum = u64::from(limbs[i + j]) + u64::from(*a) * u64::from(*b) + carry;
                limbs[i + j] = low32(sum);
                carry = sum >> 32;
            }
            limbs[i + other.limbs.len()] = low32(carry);
        }
        Self::new(self.negative != other.negative, limbs)
    }

    /// Quotient towards zero, and the remainder with the sign of `self`. The divisor is not zero.
    pub(super) fn divided(&self, divisor: &Self) -> (Self, Self) {
        assert!(!divisor.limbs.is_empty(), "callers answer division by zero themselves");
        let mut quotient = vec![0; self.limbs.len()];
        let mut rest = Self::default();
        for bit in (0..self.bits()).rev() {
            rest = rest.shifted_left(1).plus(&Self::from_i128(i128::from(self.bit(bit))));
            if compare(&rest.limbs, &divisor.limbs) != Ordering::Less {
                rest = Self::new(false, subtract(&rest.limbs, &divisor.limbs));
                quotient[bit / 32] |= 1 << (bit % 32);
            }
        }
        (Self::new(self.negative != divisor.negative, quotient), Self::new(self.negative, rest.limbs))
    }

    /// The quotient rounded half away from zero (`HALF_UP`).
    pub(super) fn divided_half_up(&self, divisor: &Self) -> Self {
        let (quotient, rest) = self.divided(divisor);
        if compare(&rest.shifted_left(1).limbs, &divisor.limbs) == Ordering::Less {
            return quotient;
        }
        let away = if self.negative == divisor.negative { 1 } else { -1 };
        quotient.plus(&Self::from_i128(away))
    }

    pub(super) const fn is_zero(&self) -> bool {
        self.limbs.is_empty()
    }

    pub(super) const fn is_negative(&self) -> bool {
        self.negative
    }

    /// Bits of the magnitude: 0 for 0, 1 for 1, 2 for 2 and 3.
    pub(super) fn bits(&self) -> usize {
        self.limbs.last().map_or(0, |last| self.limbs.len() * 32 - last.leading_zeros() as usize)
    }

    /// One bit of the magnitude, from the least.
    pub(super) fn bit(&self, bit: usize) -> bool {
        self.limbs.get(bit / 32).is_some_and(|limb| limb >> (bit % 32) & 1 == 1)
    }
}

impl PartialOrd for Big {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Big {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => compare(&self.limbs, &other.limbs),
            (true, true) => compare(&other.limbs, &self.limbs),
        }
    }
}

/// The low 32 bits.
fn low32(value: u64) -> u32 {
    u32::try_from(value & u64::from(u32::MAX)).expect("masked to 32 bits")
}

fn compare(a: &[u32], b: &[u32]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.iter().rev().cmp(b.iter().rev()))
}

fn add(a: &[u32], b: &[u32]) -> Vec<u32> {
    let mut sum = Vec::with_capacity(a.len().max(b.len()) + 1);
    let mut carry = 0;
    for i in 0..=a.len().max(b.len()) {
        let limb = |of: &[u32]| u64::from(of.get(i).copied().unwrap_or(0));
        let total = limb(a) + limb(b) + carry;
        sum.push(low32(total));
        carry = total >> 32;
    }
    sum
}

/// `a - b` for `a >= b`.
fn subtract(a: &[u32], b: &[u32]) -> Vec<u32> {
    let mut difference = Vec::with_capacity(a.len());
    let mut borrow = false;
    for (i, limb) in a.iter().enumerate() {
        let (partial, first) = limb.overflowing_sub(b.get(i).copied().unwrap_or(0));
        let (result, second) = partial.overflowing_sub(u32::from(borrow));
        difference.push(result);
        borrow = first || second;
    }
    difference
}
