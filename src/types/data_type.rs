//! The types a field, an expression or a feature can have.

use std::fmt;

use super::Field;
use super::interned::{Interned, Pool};

static ELEMENTS: Pool<Element> = Pool::new();
static MAPS: Pool<MapType> = Pool::new();
static STRUCTS: Pool<StructType> = Pool::new();

/// A data type. Nullability is not part of it: a [`super::Field`] or an [`Element`] carries that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DataType {
    /// UTF-8 text, ordered by its bytes.
    String,
    /// 64-bit signed integer.
    Int,
    /// IEEE 754 double; always finite, `-0.0` is stored as `0.0`.
    Double,
    Bool,
    /// Any bytes, ordered as unsigned.
    Bytes,
    /// A calendar day without a zone: days since 1970-01-01.
    Date,
    /// Exact decimal of `precision` digits (1..=38), `scale` of them after the point.
    Decimal {
        precision: u8,
        scale: u8,
    },
    /// An instant: milliseconds since 1970-01-01 UTC.
    Timestamp,
    /// Values of one type, in order.
    List(Interned<Element>),
    /// Keys of one scalar type, each once, to values of one type.
    Map(Interned<MapType>),
    /// Named fields.
    Struct(Interned<StructType>),
}

/// What a list holds, or a map's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Element {
    pub data_type: DataType,
    pub nullable: bool,
}

/// Keys are never null; their type is one of [`DataType::is_map_key`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MapType {
    pub key: DataType,
    pub value: Element,
}

/// The fields of a struct, in declared order; names are unique.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StructType {
    pub fields: Vec<Field>,
}

impl StructType {
    /// The position and the field of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<(usize, &Field)> {
        self.fields.iter().enumerate().find(|(_, field)| field.name == name)
    }
}

impl DataType {
    /// The widest decimal with the given scale, which sums use.
    #[must_use]
    pub const fn wide_decimal(scale: u8) -> Self {
        Self::Decimal { precision: 38, scale }
    }

    /// `list<data_type>`, with `?` if its elements may be null.
    #[must_use]
    pub fn list(data_type: Self, nullable: bool) -> Self {
        Self::List(ELEMENTS.intern(Element { data_type, nullable }))
    }

    /// `map<key, value>`, with `?` behind the value if it may be null.
    #[must_use]
    pub fn map(key: Self, value: Self, nullable: bool) -> Self {
        Self::Map(MAPS.intern(MapType { key, value: Element { data_type: value, nullable } }))
    }

    /// `struct{…}` of those fields.
    #[must_use]
    pub fn structure(fields: Vec<Field>) -> Self {
        Self::Struct(STRUCTS.intern(StructType { fields }))
    }

    /// Whether its values have no parts.
    #[must_use]
    pub const fn is_scalar(self) -> bool {
        !matches!(self, Self::List(_) | Self::Map(_) | Self::Struct(_))
    }

    /// Whether it may be the key of a map: it has a text, and equal values have one (no doubles).
    #[must_use]
    pub const fn is_map_key(self) -> bool {
        self.is_scalar() && !matches!(self, Self::Double | Self::Bytes)
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
            Self::Bytes => f.write_str("bytes"),
            Self::Date => f.write_str("date"),
            Self::List(element) => write!(f, "list<{element}>"),
            Self::Map(map) => write!(f, "map<{}, {}>", map.key, map.value),
            Self::Struct(fields) => write!(f, "struct{{{fields}}}"),
        }
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.data_type, if self.nullable { "?" } else { "" })
    }
}

impl fmt::Display for StructType {
    /// `a string, b int?`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, field) in self.fields.iter().enumerate() {
            let comma = if position == 0 { "" } else { ", " };
            let mark = if field.nullable { "?" } else { "" };
            write!(f, "{comma}{} {}{mark}", field.name, field.data_type)?;
        }
        Ok(())
    }
}
