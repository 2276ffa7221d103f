//! What an aggregate computes, in words.

use crate::aggregates::Kind;
use crate::functions::literal;
use crate::functions::print::{self, Detail};
use crate::model::Aggregate;
use crate::types::{DataType, Schema};

/// `sum of amount where …, last 24h`
pub(super) fn meaning(aggregate: &Aggregate, scope: &Schema) -> String {
    let text = |expr| print::text(expr, scope, Detail::Plain);
    let input = aggregate.input.as_ref().map(text);
    let order = aggregate.order.as_ref().map(text);
    let what = computed(aggregate.kind, input.as_deref(), order.as_deref());
    let filter = aggregate.filter.as_ref().map(|f| format!(" where {}", text(f))).unwrap_or_default();
    let per = match (&aggregate.by, aggregate.input.as_ref().map(|input| input.data_type)) {
        (Some(by), _) => format!(" per {}", text(by)),
        (None, Some(DataType::Map(_))) => " per key of the map".to_owned(),
        (None, Some(DataType::List(_))) => ", element by element".to_owned(),
        (None, _) => String::new(),
    };
    let over = match aggregate.window {
        Some(_) => format!("last {}", window_name(aggregate)),
        None => "since the beginning".to_owned(),
    };
    let default = aggregate.default.as_ref().map(literal::sql);
    let default = default.map(|value| format!("; {value} where there is nothing")).unwrap_or_default();
    format!("{what}{per}{filter}, {over}{default}")
}

/// `sum of amount`
fn computed(kind: Kind, input: Option<&str>, order: Option<&str>) -> String {
    let x = input.unwrap_or_default();
    let by = order.map(|order| format!(" by {order}")).unwrap_or_default();
    match kind {
        Kind::Count if input.is_none() => "number of events".to_owned(),
        Kind::Count => format!("number of events that have {x}"),
        Kind::Sum => format!("sum of {x}"),
        Kind::Avg => format!("average of {x}"),
        Kind::Min => format!("least {x}"),
        Kind::Max => format!("greatest {x}"),
        Kind::Variance => format!("variance of {x}"),
        Kind::Stddev => format!("standard deviation of {x}"),
        Kind::First => format!("{x} of the oldest event that has one"),
        Kind::Last => format!("{x} of the newest event that has one"),
        Kind::FirstK(k) => format!("{x} of the {k} oldest events that have one"),
        Kind::LastK(k) => format!("{x} of the {k} newest events that have one"),
        Kind::TopK(k) => format!("the {k} greatest {x}{by}"),
        Kind::BottomK(k) => format!("the {k} least {x}{by}"),
        Kind::UniqueCount => format!("number of different {x}"),
        Kind::ApproxUniqueCount => format!("approximate number of different {x}"),
        Kind::ApproxPercentile(_) => {
            format!("value at the fraction {} of all {x} in order", kind.parameter().unwrap_or_default())
        }
        Kind::Histogram => format!("how often each {x} occurs"),
    }
}

/// The window as its author wrote it, which is how the column's name ends.
pub(super) fn window_name(aggregate: &Aggregate) -> &str {
    aggregate.column.strip_prefix(&aggregate.feature).unwrap_or_default().trim_start_matches('_')
}
