//! `variance(x)` and `stddev(x)` of a whole population: `(n Σx² - (Σx)²) / n²` from exact sums, rounded once
//! (rule S7). Any order of events, and any eviction, gives the same bits.

use crate::types::bytes::{self, Malformed, Reader};
use crate::types::{DataType, Value};

use super::entry::{Argument, Empty, Entry, Example, TypeError};
use super::exact_sum::ExactSquares;
use super::natural::{Natural, Quotient};
use super::{ExactSum, IntegerSum, Kind, rounding, rule};

pub(super) static VARIANCE: Entry = Entry {
    name: "variance",
    arguments: &[Argument::INPUT],
    make: |_| Kind::Variance,
    rule: output,
    empty: Empty::Null,
    may_not_fit: true,
    is_ordered: false,
    java: "VARIANCE",
    doc: "the population variance, exact and rounded once to a double",
    examples: &[
        Example { call: "variance(x)", values: &["1", "2", "3", "4"], result: "1.25" },
        Example { call: "variance(x)", values: &["0.10", "0.10", "null"], result: "0.0" },
    ],
};

pub(super) static STDDEV: Entry = Entry {
    name: "stddev",
    arguments: &[Argument::INPUT],
    make: |_| Kind::Stddev,
    rule: output,
    empty: Empty::Null,
    may_not_fit: true,
    is_ordered: false,
    java: "STDDEV",
    doc: "the population standard deviation, exact and rounded once to a double",
    examples: &[
        Example { call: "stddev(x)", values: &["2", "4", "4", "4", "5", "5", "7", "9"], result: "2.0" },
        Example { call: "stddev(x)", values: &["1e0"], result: "0.0" },
    ],
};

fn output(input: DataType) -> Result<DataType, TypeError> {
    rule::number(input).map(|_| DataType::Double)
}

/// 2^64 squares of 38 digits fit.
const SQUARE_WORDS: usize = 5;

/// Number, sum and sum of squares of what was seen.
#[derive(Debug, Clone)]
pub(super) enum Moments {
    /// Of ints, or decimal units of that scale.
    Integers {
        count: u64,
        total: IntegerSum,
        squares: [u64; SQUARE_WORDS],
        scale: u8,
    },
    Doubles {
        count: u64,
        total: ExactSum,
        squares: ExactSquares,
    },
}

impl Moments {
    pub(super) fn of(input: Option<DataType>) -> Self {
        let integers = |scale| Self::Integers {
            count: 0,
            total: IntegerSum::default(),
            squares: [0; SQUARE_WORDS],
            scale,
        };
        match input {
            Some(DataType::Double) => {
                Self::Doubles { count: 0, total: ExactSum::default(), squares: ExactSquares::default() }
            }
            Some(DataType::Decimal { scale, .. }) => integers(scale),
            _ => integers(0),
        }
    }

    pub(super) fn clear(&mut self) {
        match self {
            Self::Integers { count, total, squares, scale: _ } => {
                (*count, *total, *squares) = (0, IntegerSum::default(), [0; SQUARE_WORDS]);
            }
            Self::Doubles { count, total, squares } => {
                *count = 0;
                total.clear();
                squares.clear();
            }
        }
    }

    pub(super) const fn count(&self) -> u64 {
        match self {
            Self::Integers { count, .. } | Self::Doubles { count, .. } => *count,
        }
    }

    pub(super) fn add_integer(&mut self, value: i128) {
        if let Self::Integers { count, total, squares, scale: _ } = self {
            *count += 1;
            total.add(value);
            add_words(squares, &square(value.unsigned_abs()));
        }
    }

    pub(super) fn add_double(&mut self, value: f64) {
        if let Self::Doubles { count, total, squares } = self {
            *count += 1;
            total.add(value);
            squares.add(value);
        }
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        bytes::put_u64(out, self.count());
        match self {
            Self::Integers { total, squares, .. } => {
                total.write(out);
                let len = squares.iter().rposition(|word| *word != 0).map_or(0, |last| last + 1);
                bytes::put_u64(out, len as u64);
                squares[..len].iter().for_each(|word| bytes::put_u64(out, *word));
            }
            Self::Doubles { total, squares, .. } => {
                total.write(out);
                squares.write(out);
            }
        }
    }

    pub(super) fn merge_bytes(&mut self, reader: &mut Reader<'_>) -> Result<(), Malformed> {
        let more = reader.u64()?;
        match self {
            Self::Integers { count, total, squares, scale: _ } => {
                *count += more;
                total.add_wide(IntegerSum::read(reader)?);
                let mut words = [0; SQUARE_WORDS];
                let len = reader.len()?;
                for word in words.get_mut(..len).ok_or(Malformed)? {
                    *word = reader.u64()?;
                }
                add_words(squares, &words);
            }
            Self::Doubles { count, total, squares } => {
                *count += more;
                total.merge_bytes(reader)?;
                squares.merge_bytes(reader)?;
            }
        }
        Ok(())
    }

    /// The variance, or its root.
    pub(super) fn value(&self, root: bool) -> Value {
        if self.count() == 0 {
            return Value::Null;
        }
        let n = Natural::new(&[self.count()]);
        let (total, squares, divisor, unit) = match self {
            Self::Integers { total, squares, scale, .. } => {
                let tens = power_of_ten(2 * u32::from(*scale));
                (total.natural(), Natural::new(squares), n.times(&n).times(&tens), 0)
            }
            Self::Doubles { total, squares, .. } => {
                (total.magnitude(), squares.magnitude(), n.times(&n), 2 * rounding::LOWEST_EXPONENT)
            }
        };
        let dividend = n.times(&squares).minus(&total.times(&total));
        if dividend.is_zero() {
            return Value::Double(0.0);
        }
        let Quotient { digits, exact, exponent } = dividend.divided(&divisor, root);
        let exponent = exponent + unit;
        if !root {
            return Value::double(rounding::nearest(digits, !exact, exponent));
        }
        let floor = digits.isqrt();
        Value::double(rounding::nearest(floor, !exact || floor * floor != digits, exponent / 2))
    }
}

fn power_of_ten(exponent: u32) -> Natural {
    let ten = Natural::new(&[10]);
    (0..exponent).fold(Natural::new(&[1]), |power, _| power.times(&ten))
}

fn square(value: u128) -> [u64; SQUARE_WORDS] {
    let mut square = [0; SQUARE_WORDS];
    if let Some(product) = value.checked_mul(value) {
        square[..2].copy_from_slice(&words(product));
    } else {
        let value = Natural::new(&words(value));
        value.times(&value).copy_to(&mut square);
    }
    square
}

#[expect(clippy::cast_possible_truncation, reason = "the words are what is asked for")]
const fn words(value: u128) -> [u64; 2] {
    [value as u64, (value >> 64) as u64]
}

fn add_words(total: &mut [u64; SQUARE_WORDS], more: &[u64; SQUARE_WORDS]) {
    let mut carry = false;
    for (word, other) in total.iter_mut().zip(more) {
        let (sum, first) = word.overflowing_add(*other);
        let (sum, second) = sum.overflowing_add(u64::from(carry));
        *word = sum;
        carry = first || second;
    }
}
