//! The types a field, an expression or a feature can have.

use std::fmt;

/// A scalar data type. Nullability is not part of it: a [`super::Field`] carries that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DataType {
    /// UTF-8 text, ordered by its bytes.
    String,
    /// 64-bit signed integer.
    Int,
    /// IEEE 754 double; always finite, `-0.0` is stored as `0.0`.
    Double,
    Bool,
    /// Exact decimal of `precision` digits (1..=38), `scale` of them after the point.
    Decimal {
        precision: u8,
        scale: u8,
    },
    /// An instant: milliseconds since 1970-01-01 UTC.
    Timestamp,
}

impl DataType {
    /// The widest decimal with the given scale, which sums use.
    #[must_use]
    pub const fn wide_decimal(scale: u8) -> Self {
        Self::Decimal { precision: 38, scale }
    }

    #[must_use]
    pub const fn is_numeric(self) -> bool {
        matches!(self, Self::Int | Self::Double | Self::Decimal { .. })
    }

    /// The common type two operands widen to (int → decimal → double), if there is one.
    ///
    /// Two decimals widen to the decimal that holds every value of both; where that needs more
    /// than 38 digits, integer digits are kept and the scale gives way, as in Flink.
    #[must_use]
    pub fn widen(self, other: Self) -> Option<Self> {
        match (self, other) {
            (a, b) if a == b => Some(a),
            (Self::Double, b) if b.is_numeric() => Some(Self::Double),
            (a, Self::Double) if a.is_numeric() => Some(Self::Double),
            (Self::Int, d @ Self::Decimal { .. }) => Self::INT_AS_DECIMAL.widen(d),
            (d @ Self::Decimal { .. }, Self::Int) => d.widen(Self::INT_AS_DECIMAL),
            (Self::Decimal { precision: p1, scale: s1 }, Self::Decimal { precision: p2, scale: s2 }) => {
                let digits = (p1 - s1).max(p2 - s2);
                let scale = s1.max(s2).min(38 - digits);
                Some(Self::Decimal { precision: digits + scale, scale })
            }
            _ => None,
        }
    }

    /// What an int is when it meets a decimal: 19 digits hold every i64.
    pub const INT_AS_DECIMAL: Self = Self::Decimal { precision: 19, scale: 0 };
}

impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String => f.write_str("string"),
            Self::Int => f.write_str("int"),
            Self::Double => f.write_str("double"),
            Self::Bool => f.write_str("bool"),
            Self::Decimal { precision, scale } => write!(f, "decimal({precision},{scale})"),
            Self::Timestamp => f.write_str("timestamp"),
        }
    }
}
