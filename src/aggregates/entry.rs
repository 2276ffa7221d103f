//! What the catalog knows of one aggregate: spelling, arguments, type rule, what it needs, documentation.

use crate::types::{DataType, Decimal, Rounding, Value};

use super::Kind;

/// The longest list that `first_k`, `last_k`, `top_k` and `bottom_k` give: a row with a few of them stays
/// far below the megabyte that Kafka takes.
pub const K_MAX: u32 = 1_000;

/// Fractions are whole billionths, so that `floor(p n)` is exact.
pub(super) const BILLION: u32 = 1_000_000_000;

const BILLIONTHS_SCALE: u8 = 9;

/// One aggregate.
#[derive(Debug)]
pub struct Entry {
    /// The spelling, in lower case.
    pub name: &'static str,
    /// In the order they are written.
    pub arguments: &'static [Argument],
    /// The aggregate with these parameters, which [`Entry::kind`] has checked.
    pub(super) make: fn(Option<u32>) -> Kind,
    /// The output type for an input's.
    pub(super) rule: fn(DataType) -> Result<DataType, TypeError>,
    /// What it gives of no events: null, or 0.
    pub empty: Empty,
    /// Whether something that has values may be null all the same, because the output does not fit.
    pub may_not_fit: bool,
    /// Whether the value depends on the order of event time, and so on what breaks ties (rule S5).
    pub is_ordered: bool,
    /// The constant of `Aggregate.java` in Flink bundles.
    pub java: &'static str,
    /// One line for the language reference.
    pub doc: &'static str,
    /// They run as tests.
    pub examples: &'static [Example],
}

/// One argument of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argument {
    pub name: &'static str,
    pub role: Role,
    pub optional: bool,
}

/// What an argument is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The expression that is aggregated.
    Input,
    /// The expression that says which values are greater.
    Order,
    /// A literal.
    Parameter(Parameter),
}

/// What a literal argument may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter {
    /// A length from 1 to [`K_MAX`].
    Length,
    /// A fraction from 0 to 1 in billionths.
    Fraction,
}

/// The value of an aggregate of nothing, where no default says otherwise (rule S6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Empty {
    Null,
    Zero,
}

/// `call` over events with these values, oldest first, gives `result`. Values are SQL literals; what is
/// behind a `:` is the event's order value.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    pub call: &'static str,
    pub values: &'static [&'static str],
    /// As a table shows it; `null`.
    pub result: &'static str,
}

/// Why a type rule refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TypeError {
    #[error("expected {expected}, found {found}")]
    Input { expected: &'static str, found: DataType },
    #[error("expected an expression, found nothing")]
    NoInput,
}

/// Why the literal arguments make no aggregate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    /// The literal at `position` among the parameters is not what it must be.
    #[error("expected {expected}, found {found}")]
    Value { position: usize, expected: &'static str, found: String },
    #[error("expected {expected} literal arguments, found {found}")]
    Count { expected: usize, found: usize },
}

impl Argument {
    pub(super) const INPUT: Self = Self { name: "x", role: Role::Input, optional: false };
    pub(super) const MAYBE_INPUT: Self = Self { name: "x", role: Role::Input, optional: true };
    pub(super) const ORDER: Self = Self { name: "order", role: Role::Order, optional: true };
    pub(super) const LENGTH: Self =
        Self { name: "k", role: Role::Parameter(Parameter::Length), optional: false };
    pub(super) const FRACTION: Self =
        Self { name: "p", role: Role::Parameter(Parameter::Fraction), optional: false };
}

impl Entry {
    /// The aggregate of that name, in any case.
    #[must_use]
    pub fn by_name(name: &str) -> Option<&'static Self> {
        Self::all().find(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    /// The literal arguments, in the order they are written.
    pub fn parameters(&self) -> impl Iterator<Item = Parameter> {
        self.arguments.iter().filter_map(|argument| match argument.role {
            Role::Parameter(parameter) => Some(parameter),
            Role::Input | Role::Order => None,
        })
    }

    /// The aggregate with these literal arguments.
    ///
    /// # Errors
    /// When one of them is not what [`Entry::parameters`] asks for.
    pub fn kind(&self, parameters: &[Value]) -> Result<Kind, ParameterError> {
        let expected = self.parameters().count();
        if expected != parameters.len() {
            return Err(ParameterError::Count { expected, found: parameters.len() });
        }
        let mut read = None;
        for (position, (parameter, value)) in self.parameters().zip(parameters).enumerate() {
            let found = || if value.is_null() { "null".to_owned() } else { value.to_string() };
            let refused =
                || ParameterError::Value { position, expected: parameter.expected(), found: found() };
            read = Some(parameter.read(value).ok_or_else(refused)?);
        }
        Ok((self.make)(read))
    }

    /// How it is called: `top_k(x, k[, order])`.
    #[must_use]
    pub fn signature(&self) -> String {
        let mut text = format!("{}(", self.name);
        for (position, argument) in self.arguments.iter().enumerate() {
            let comma = if position == 0 { "" } else { ", " };
            let (open, close) = if argument.optional { ("[", "]") } else { ("", "") };
            text.push_str(&[open, comma, argument.name, close].concat());
        }
        text + ")"
    }
}

impl Parameter {
    /// What it must be, in words.
    #[must_use]
    pub const fn expected(self) -> &'static str {
        match self {
            Self::Length => "a whole number from 1 to 1000",
            Self::Fraction => "a number from 0 to 1 with at most nine decimals",
        }
    }

    fn read(self, value: &Value) -> Option<u32> {
        match self {
            Self::Length => match value {
                Value::Int(length) => u32::try_from(*length).ok().filter(|k| (1..=K_MAX).contains(k)),
                _ => None,
            },
            Self::Fraction => {
                let decimal = match value {
                    Value::Int(int) => Decimal::from_int(*int),
                    Value::Decimal(decimal) => *decimal,
                    // `95e-2`: the shortest digits that stand for it.
                    Value::Double(double) => double.to_string().parse().ok()?,
                    _ => return None,
                };
                let units = decimal.rescale(BILLIONTHS_SCALE, Rounding::Exact)?.units();
                u32::try_from(units).ok().filter(|p| *p <= BILLION)
            }
        }
    }
}
