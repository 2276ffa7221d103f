//! What is kept of a set of values: fed value by value, or from another accumulator's bytes.
//!
//! The outcome depends on the set alone, never on the order of calls, so a chunk's bytes stand for
//! its events.

use std::cmp::Ordering;

use super::datum::Datum;
use super::{Count, ExactSum, Extreme, IntegerSum, Kind, Last, avg, sum};
use crate::types::bytes::{self, Malformed, Reader};
use crate::types::{DataType, Value};

/// What an accumulator is of: aggregates with equal shapes over equal inputs share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shape {
    family: Family,
    /// Type of the input; `None`: rows are counted.
    input: Option<DataType>,
    /// Type of the event id, where it breaks ties.
    id: Option<DataType>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Family {
    Count,
    Total,
    Min,
    Max,
    Last,
}

/// The running state of one [`Shape`].
#[derive(Debug, Clone)]
pub struct Accumulator {
    shape: Shape,
    state: State,
}

#[derive(Debug, Clone)]
enum State {
    Count(Count),
    Integers { total: IntegerSum, count: u64 },
    Doubles { total: ExactSum, count: u64 },
    Extreme(Extreme, Ordering),
    Last(Last),
}

impl Shape {
    /// What `kind` over an input of that type keeps. `id` is the type of a declared event id.
    #[must_use]
    pub fn of(kind: Kind, input: Option<DataType>, id: Option<DataType>) -> Self {
        let family = match kind {
            Kind::Count => Family::Count,
            Kind::Sum | Kind::Avg => Family::Total,
            Kind::Min => Family::Min,
            Kind::Max => Family::Max,
            Kind::Last => Family::Last,
            Kind::Variance
            | Kind::Stddev
            | Kind::First
            | Kind::FirstK(_)
            | Kind::LastK(_)
            | Kind::TopK(_)
            | Kind::BottomK(_)
            | Kind::UniqueCount
            | Kind::ApproxUniqueCount
            | Kind::ApproxPercentile(_)
            | Kind::Histogram => unreachable!("plans with these are refused before they are run"),
        };
        let counts = family == Family::Count;
        Self { family, input: input.filter(|_| !counts), id: id.filter(|_| kind.is_ordered()) }
    }
}

impl Accumulator {
    #[must_use]
    pub fn new(shape: Shape) -> Self {
        let state = match (shape.family, shape.input) {
            (Family::Count, _) => State::Count(Count::default()),
            (Family::Total, Some(DataType::Double)) => {
                State::Doubles { total: ExactSum::default(), count: 0 }
            }
            (Family::Total, _) => State::Integers { total: IntegerSum::default(), count: 0 },
            (Family::Min, _) => State::Extreme(Extreme::default(), Ordering::Less),
            (Family::Max, _) => State::Extreme(Extreme::default(), Ordering::Greater),
            (Family::Last, _) => State::Last(Last::default()),
        };
        Self { shape, state }
    }

    pub fn clear(&mut self) {
        match &mut self.state {
            State::Count(count) => *count = Count::default(),
            State::Integers { total, count } => (*total, *count) = (IntegerSum::default(), 0),
            State::Doubles { total, count } => {
                total.clear();
                *count = 0;
            }
            State::Extreme(extreme, _) => extreme.clear(),
            State::Last(last) => last.clear(),
        }
    }

    /// Adds one value that is not null. `id` breaks ties; null if the source declares none.
    pub fn add(&mut self, ts: i64, id: Datum<'_>, value: Datum<'_>) {
        match (&mut self.state, value) {
            (State::Count(count), _) => count.0 += 1,
            (State::Integers { total, count }, Datum::Int(value)) => {
                total.add(i128::from(value));
                *count += 1;
            }
            (State::Integers { total, count }, Datum::Decimal(units)) => {
                total.add(units);
                *count += 1;
            }
            (State::Doubles { total, count }, Datum::Double(value)) => {
                total.add(value);
                *count += 1;
            }
            (State::Extreme(extreme, wanted), value) => extreme.add(value, *wanted),
            (State::Last(last), value) => last.add(ts, id, value),
            // Expressions are typed: a sum never sees another type than its input's.
            (State::Integers { .. } | State::Doubles { .. }, _) => {
                debug_assert!(false, "a sum was given a value of another type");
            }
        }
    }

    /// Writes what has been seen, compactly.
    pub fn write(&self, out: &mut Vec<u8>) {
        match &self.state {
            State::Count(count) => bytes::put_u64(out, count.0),
            State::Integers { total, count } => {
                bytes::put_u64(out, *count);
                total.write(out);
            }
            State::Doubles { total, count } => {
                bytes::put_u64(out, *count);
                total.write(out);
            }
            State::Extreme(extreme, _) => extreme.get().write(out),
            State::Last(last) => {
                let (ts, id, value) = last.get();
                value.write(out);
                if !value.is_null() {
                    bytes::put_i64(out, ts);
                    id.write(out);
                }
            }
        }
    }

    /// Adds what an accumulator of the same shape has written.
    pub fn merge_bytes(&mut self, reader: &mut Reader<'_>) -> Result<(), Malformed> {
        let shape = self.shape;
        match &mut self.state {
            State::Count(count) => count.0 += reader.u64()?,
            State::Integers { total, count } => {
                *count += reader.u64()?;
                total.add_wide(IntegerSum::read(reader)?);
            }
            State::Doubles { total, count } => {
                *count += reader.u64()?;
                total.merge_bytes(reader)?;
            }
            State::Extreme(extreme, wanted) => {
                let value = Datum::read(reader, shape.input.ok_or(Malformed)?)?;
                if !value.is_null() {
                    extreme.add(value, *wanted);
                }
            }
            State::Last(last) => merge_last(last, shape, reader)?,
        }
        Ok(())
    }

    /// The value of `kind` over everything seen.
    #[must_use]
    pub fn value(&self, kind: Kind, output: DataType) -> Value {
        match (&self.state, kind) {
            (State::Count(count), _) => count.value(),
            (State::Integers { count: 0, .. } | State::Doubles { count: 0, .. }, _) => Value::Null,
            (State::Integers { total, count }, Kind::Avg) => {
                let scale = match self.shape.input {
                    Some(DataType::Decimal { scale, .. }) => scale,
                    _ => 0,
                };
                avg::of_integers(total, *count, scale, output)
            }
            (State::Integers { total, .. }, _) => sum::of_integers(total, output),
            (State::Doubles { total, count }, Kind::Avg) => avg::of_doubles(total, *count),
            (State::Doubles { total, .. }, _) => sum::of_doubles(total),
            (State::Extreme(extreme, _), _) => extreme.get().to_value(output),
            (State::Last(last), _) => last.get().2.to_value(output),
        }
    }
}

fn merge_last(last: &mut Last, shape: Shape, reader: &mut Reader<'_>) -> Result<(), Malformed> {
    let value = Datum::read(reader, shape.input.ok_or(Malformed)?)?;
    if value.is_null() {
        return Ok(());
    }
    let ts = reader.i64()?;
    // Without a declared id there is only the null that `write` put there.
    let id = Datum::read(reader, shape.id.unwrap_or(DataType::Bool))?;
    last.add(ts, id, value);
    Ok(())
}
