//! What is kept of a set of values: fed value by value, or from another accumulator's bytes.
//!
//! The outcome depends on the set alone, never on the order of calls, so a chunk's bytes stand for
//! its events.

use std::cmp::Ordering;

use super::approx_unique_count::Hashes;
use super::buckets::Buckets;
use super::histogram::Histogram;
use super::k_list::{self, KList};
use super::last::Edge;
use super::percentile::{self, Percentile};
use super::shape::Family;
use super::unique_count::Distinct;
use super::variance::Moments;
use super::{Count, Datum, ExactSum, Extreme, Given, IntegerSum, Kind, Shape, avg, sum};
use crate::types::bytes::{self, Malformed, Reader};
use crate::types::{DataType, Value};

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
    Moments(Moments),
    Extreme(Extreme, Ordering),
    Edge(Edge),
    List(KList),
    Distinct(Distinct),
    Hashes(Hashes),
    Percentile(Percentile),
    Histogram(Histogram),
    Buckets(Buckets),
}

impl Shape {
    /// Whether a value gives nothing: it has no place in the order that is asked for.
    pub(super) const fn skips(&self, given: &Given<'_>) -> bool {
        self.inputs.order.is_some() && given.order.is_null()
    }
}

impl Accumulator {
    #[must_use]
    pub fn new(shape: Shape) -> Self {
        let state = match shape.family {
            _ if shape.inputs.bucket.is_some() => State::Buckets(Buckets::new(shape.of_bucket())),
            Family::Count => State::Count(Count::default()),
            Family::Total if shape.inputs.value == Some(DataType::Double) => {
                State::Doubles { total: ExactSum::default(), count: 0 }
            }
            Family::Total => State::Integers { total: IntegerSum::default(), count: 0 },
            Family::Moments => State::Moments(Moments::of(shape.inputs.value)),
            Family::Extreme(wanted) => State::Extreme(Extreme::default(), wanted),
            Family::Edge(wanted) => State::Edge(Edge::new(wanted)),
            Family::List { by, wanted, k } => State::List(KList::new(by, wanted, k)),
            Family::Distinct => State::Distinct(Distinct::default()),
            Family::Hashes => State::Hashes(Hashes::default()),
            Family::Percentile => State::Percentile(Percentile::default()),
            Family::Histogram => State::Histogram(Histogram::default()),
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
            State::Moments(moments) => moments.clear(),
            State::Extreme(extreme, _) => extreme.clear(),
            State::Edge(edge) => edge.clear(),
            State::List(list) => list.clear(),
            State::Distinct(distinct) => distinct.clear(),
            State::Hashes(hashes) => hashes.clear(),
            State::Percentile(percentile) => percentile.clear(),
            State::Histogram(histogram) => histogram.clear(),
            State::Buckets(buckets) => buckets.clear(),
        }
    }

    /// Whether nothing was aggregated: a default stands in its place (rule S6).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match &self.state {
            State::Count(count) => count.0 == 0,
            State::Integers { count, .. } | State::Doubles { count, .. } => *count == 0,
            State::Moments(moments) => moments.count() == 0,
            State::Extreme(extreme, _) => extreme.get().is_null(),
            State::Edge(edge) => edge.get().value.is_null(),
            State::List(list) => list.is_empty(),
            State::Distinct(distinct) => distinct.is_empty(),
            State::Hashes(hashes) => hashes.is_empty(),
            State::Percentile(percentile) => percentile.is_empty(),
            State::Histogram(histogram) => histogram.is_empty(),
            State::Buckets(buckets) => buckets.is_empty(),
        }
    }

    /// Adds one value that is not null.
    pub fn add(&mut self, given: &Given<'_>) {
        match (&mut self.state, given.value) {
            (State::Count(count), _) => count.0 += 1,
            (State::Integers { total, count }, value) => {
                total.add(integer(value));
                *count += 1;
            }
            (State::Doubles { total, count }, value) => {
                total.add(double(value));
                *count += 1;
            }
            (State::Moments(moments), Datum::Double(value)) => moments.add_double(value),
            (State::Moments(moments), value) => moments.add_integer(integer(value)),
            (State::Extreme(extreme, wanted), value) => extreme.add(value, *wanted),
            (State::Edge(edge), _) => edge.add(given),
            (State::List(list), _) => list.add(given),
            (State::Distinct(distinct), value) => distinct.add(value),
            (State::Hashes(hashes), value) => hashes.add(value),
            (State::Percentile(percentile), Datum::Double(value)) => {
                percentile.add(percentile::ordinal(value), true);
            }
            (State::Percentile(percentile), value) => percentile.add(integer(value), false),
            (State::Histogram(histogram), value) => histogram.add(value, 1),
            (State::Buckets(buckets), _) => buckets.add(given),
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
            State::Moments(moments) => moments.write(out),
            State::Extreme(extreme, _) => extreme.get().write(out),
            State::Edge(edge) => {
                let given = edge.get();
                given.value.write(out);
                if !given.value.is_null() {
                    k_list::put_ties(&given, self.shape.inputs, out);
                }
            }
            State::List(list) => list.write(self.shape.inputs, out),
            State::Distinct(distinct) => distinct.write(out),
            State::Hashes(hashes) => hashes.write(out),
            State::Percentile(percentile) => percentile.write(out),
            State::Histogram(histogram) => histogram.write(out),
            State::Buckets(buckets) => buckets.write(out),
        }
    }

    /// Adds what an accumulator of the same shape has written.
    pub fn merge_bytes(&mut self, reader: &mut Reader<'_>) -> Result<(), Malformed> {
        let inputs = self.shape.inputs;
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
            State::Moments(moments) => moments.merge_bytes(reader)?,
            State::Extreme(extreme, wanted) => {
                let value = Datum::read(reader, inputs.value.ok_or(Malformed)?)?;
                if !value.is_null() {
                    extreme.add(value, *wanted);
                }
            }
            State::Edge(edge) => {
                let value = Datum::read(reader, inputs.value.ok_or(Malformed)?)?;
                if !value.is_null() {
                    edge.add(&Given { value, ..k_list::read_ties(inputs, reader)? });
                }
            }
            State::List(list) => list.merge_bytes(inputs, reader)?,
            State::Distinct(distinct) => distinct.merge_bytes(inputs.value, reader)?,
            State::Hashes(hashes) => hashes.merge_bytes(reader)?,
            State::Percentile(percentile) => {
                percentile.merge_bytes(inputs.value == Some(DataType::Double), reader)?;
            }
            State::Histogram(histogram) => histogram.merge_bytes(inputs.value, reader)?,
            State::Buckets(buckets) => buckets.merge_bytes(inputs.bucket, reader)?,
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
                let scale = match self.shape.inputs.value {
                    Some(DataType::Decimal { scale, .. }) => scale,
                    _ => 0,
                };
                avg::of_integers(total, *count, scale, output)
            }
            (State::Integers { total, .. }, _) => sum::of_integers(total, output),
            (State::Doubles { total, count }, Kind::Avg) => avg::of_doubles(total, *count),
            (State::Doubles { total, .. }, _) => sum::of_doubles(total),
            (State::Moments(moments), kind) => moments.value(kind == Kind::Stddev),
            (State::Extreme(extreme, _), _) => extreme.get().to_value(output),
            (State::Edge(edge), _) => edge.get().value.to_value(output),
            (State::List(list), _) => list.value(output),
            (State::Distinct(distinct), _) => distinct.value(),
            (State::Hashes(hashes), _) => hashes.value(),
            (State::Percentile(percentile), Kind::ApproxPercentile(p)) => percentile.value(p, output),
            (State::Percentile(_), _) => Value::Null,
            (State::Histogram(histogram), _) => histogram.value(output),
            (State::Buckets(buckets), kind) => buckets.value(kind, output),
        }
    }
}

/// An int or decimal units. Expressions are typed: a sum never sees another type than its input's.
fn integer(value: Datum<'_>) -> i128 {
    match value {
        Datum::Int(value) => i128::from(value),
        Datum::Decimal(units) => units,
        other => {
            debug_assert!(false, "{other:?} is no whole number");
            0
        }
    }
}

fn double(value: Datum<'_>) -> f64 {
    match value {
        Datum::Double(value) => value,
        other => {
            debug_assert!(false, "{other:?} is no double");
            0.0
        }
    }
}
