//! Random values of every type, biased to edges.

use crate::types::{DataType, Date, Decimal, EventTime, Field, Value};

use super::rng::Rng;

const TEXTS: [&str; 8] = ["a", "zz", "Ab", "aß", "", "😀\"\\", "[\"a\",1]", "\u{0}"];
const INTS: [i64; 9] = [0, 1, -1, 2, 7, i64::MAX, i64::MIN, 9_007_199_254_740_993, -9_007_199_254_740_993];
const DOUBLES: [f64; 12] =
    [1e16, 1.0, -1e16, 0.1, 0.2, 0.3, 0.0, 5e-324, f64::MAX, -f64::MAX, 9_007_199_254_740_992.0, -2.5];
const LENGTH_MAX: usize = 4;

/// A pool of values: those that expressions compare with are as likely as all edges together.
#[derive(Debug)]
pub(super) struct Values<'l> {
    pub(super) literals: &'l [Value],
    /// How many numbers are edges; among many of them most sums are null.
    pub(super) edges_percent: usize,
    /// About when the scenario is, ms.
    pub(super) around: i64,
}

impl Values<'_> {
    pub(super) fn field(&self, field: &Field, rng: &mut Rng) -> Value {
        if field.nullable && rng.percent(15) { Value::Null } else { self.value(field.data_type, rng) }
    }

    pub(super) fn value(&self, data_type: DataType, rng: &mut Rng) -> Value {
        // Of several conditions on texts all must hold at times.
        let chance = if data_type == DataType::String { 70 } else { 40 };
        if rng.percent(chance)
            && let Some(value) = self.literal(data_type, rng)
        {
            return value;
        }
        let edge = rng.percent(self.edges_percent);
        match data_type {
            DataType::String => Value::string(*rng.pick(&TEXTS)),
            DataType::Bool => Value::Bool(rng.percent(50)),
            DataType::Int => Value::Int(if edge { *rng.pick(&INTS) } else { rng.between(-50, 500) }),
            DataType::Double if edge => Value::double(*rng.pick(&DOUBLES)),
            #[expect(clippy::cast_precision_loss, reason = "some double near that number")]
            DataType::Double => Value::double(rng.between(-5_000, 50_000) as f64 / 64.0),
            DataType::Decimal { precision, scale } => decimal(precision, scale, edge, rng),
            DataType::Timestamp => {
                Value::Timestamp(EventTime(self.around + rng.between(-90_000_000, 90_000_000)))
            }
            DataType::Date => {
                let day = self.around.div_euclid(86_400_000) + rng.between(-3, 3);
                Date::from_days(day).map_or(Value::Null, Value::Date)
            }
            DataType::Bytes => {
                Value::bytes((0..rng.below(LENGTH_MAX)).map(|_| low_byte(rng)).collect::<Vec<_>>())
            }
            DataType::List(of) => {
                let element = |rng: &mut Rng| {
                    if of.nullable && rng.percent(20) { Value::Null } else { self.value(of.data_type, rng) }
                };
                Value::list((0..rng.below(LENGTH_MAX)).map(|_| element(rng)).collect::<Vec<_>>())
            }
            DataType::Map(of) => Value::map(
                (0..rng.below(LENGTH_MAX))
                    .map(|_| (self.value(of.key, rng), self.value(of.value.data_type, rng)))
                    .collect(),
            ),
            DataType::Struct(of) => {
                Value::structure(of.fields.iter().map(|f| self.field(f, rng)).collect::<Vec<_>>())
            }
        }
    }

    /// Whether texts are compared with constants.
    pub(super) fn has_texts(&self) -> bool {
        self.literals.iter().any(|value| matches!(value, Value::String(_)))
    }

    /// One of the constants, or its neighbour: conditions are edges too.
    fn literal(&self, data_type: DataType, rng: &mut Rng) -> Option<Value> {
        let fits = |value: &&Value| {
            matches!(
                (value, data_type),
                (Value::String(_), DataType::String)
                    | (Value::Int(_) | Value::Decimal(_), DataType::Decimal { .. })
                    | (Value::Int(_), DataType::Int | DataType::Double)
            )
        };
        let known: Vec<&Value> = self.literals.iter().filter(fits).collect();
        if known.is_empty() {
            return None;
        }
        match (*rng.pick(&known), data_type) {
            (Value::Int(value), DataType::Int) => Some(Value::Int(value.saturating_add(rng.between(-1, 1)))),
            #[expect(clippy::cast_precision_loss, reason = "some double near that number")]
            (Value::Int(value), DataType::Double) => Some(Value::double(*value as f64)),
            (Value::Int(value), DataType::Decimal { precision, scale }) => {
                near(Decimal::from_int(*value), precision, scale, rng)
            }
            (Value::Decimal(value), DataType::Decimal { precision, scale }) => {
                near(*value, precision, scale, rng)
            }
            (value, _) => Some(value.clone()),
        }
    }
}

fn near(value: Decimal, precision: u8, scale: u8, rng: &mut Rng) -> Option<Value> {
    let exact = value.rescale(scale, crate::types::Rounding::Exact)?;
    let moved = Decimal::new(exact.units() + i128::from(rng.between(-1, 1)), scale)?;
    moved.fit(precision, scale).map(Value::Decimal)
}

fn decimal(precision: u8, scale: u8, edge: bool, rng: &mut Rng) -> Value {
    let largest = 10_i128.pow(u32::from(precision)) - 1;
    let units = match (edge, rng.below(4)) {
        (true, 0) => largest,
        (true, 1) => -largest,
        (true, 2) => 0,
        (true, _) => 1,
        (false, _) => i128::from(rng.between(-5_000, 50_000)).clamp(-largest, largest),
    };
    Decimal::new(units, scale).map_or(Value::Null, Value::Decimal)
}

fn low_byte(rng: &mut Rng) -> u8 {
    (rng.next() & 0xff) as u8
}
