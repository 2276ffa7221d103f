//! Bent definitions: the engine computes another plan.

use crate::aggregates::Kind;
use crate::functions::{Expr, ExprKind, FunctionId};
use crate::model::{Aggregate, Tail, Window};
use crate::types::{DataType, Value};
use crate::verify::scenario::Scenario;

fn each_aggregate(scenario: &mut Scenario, change: fn(&mut Aggregate)) {
    scenario.model.group_bys.iter_mut().flat_map(|group_by| &mut group_by.aggregates).for_each(change);
}

fn each_window(scenario: &mut Scenario, change: fn(&mut Window)) {
    let group_bys = scenario.model.group_bys.iter_mut();
    group_bys
        .flat_map(|group_by| &mut group_by.aggregates)
        .filter_map(|a| a.window.as_mut())
        .for_each(change);
}

pub(super) fn start_late(scenario: &mut Scenario) {
    each_window(scenario, |window| window.size_ms -= 1);
}

pub(super) fn start_early(scenario: &mut Scenario) {
    each_window(scenario, |window| window.size_ms += 1);
}

pub(super) fn hop_as_exact(scenario: &mut Scenario) {
    each_window(scenario, |window| window.tail = Tail::Exact);
}

pub(super) fn hop_halved(scenario: &mut Scenario) {
    each_window(scenario, |window| {
        if let Tail::Hop { hop_ms } = &mut window.tail {
            *hop_ms /= 2;
        }
    });
}

pub(super) fn hop_rounded_up(scenario: &mut Scenario) {
    each_window(scenario, |window| {
        if let Tail::Hop { hop_ms } = window.tail {
            window.size_ms -= hop_ms;
        }
    });
}

/// Of what is aggregated: rows of a join are keyed by the left event's id.
pub(super) fn copies_counted(scenario: &mut Scenario) {
    let lefts = scenario.left_sources();
    let sources = scenario.model.sources.iter_mut().filter(|source| !lefts.contains(&source.name));
    sources.for_each(|source| source.event_id = None);
    if lefts.is_empty() {
        scenario.model.streams.iter_mut().for_each(|stream| stream.event_id = None);
    }
}

pub(super) fn future_accepted(scenario: &mut Scenario) {
    scenario.model.sources.iter_mut().for_each(|source| source.ahead_ms = i64::MAX / 4);
}

pub(super) fn future_strict(scenario: &mut Scenario) {
    scenario.model.sources.iter_mut().for_each(|source| source.ahead_ms -= 1);
}

pub(super) fn where_ignored(scenario: &mut Scenario) {
    scenario.model.group_bys.iter_mut().for_each(|group_by| group_by.filter = None);
}

pub(super) fn aggregate_where_ignored(scenario: &mut Scenario) {
    each_aggregate(scenario, |aggregate| aggregate.filter = None);
}

pub(super) fn sum_drifts(scenario: &mut Scenario) {
    each_aggregate(scenario, |aggregate| {
        if let Some(input) = aggregate.input.take() {
            let is_double_sum =
                input.data_type == DataType::Double && matches!(aggregate.kind, Kind::Sum | Kind::Avg);
            aggregate.input = Some(if is_double_sum { with_two_digits(input) } else { input });
        }
    });
}

fn with_two_digits(input: Expr) -> Expr {
    let cast = |operand: Expr, data_type| Expr {
        kind: ExprKind::Cast(Box::new(operand)),
        data_type,
        nullable: true,
    };
    cast(cast(input, DataType::Decimal { precision: 38, scale: 2 }), DataType::Double)
}

pub(super) fn nulls_as_zero(scenario: &mut Scenario) {
    each_aggregate(scenario, |aggregate| {
        let zero = match aggregate.input.as_ref().map(|input| input.data_type) {
            Some(DataType::Int) => Value::Int(0),
            Some(DataType::Double) => Value::double(0.0),
            Some(data_type @ DataType::Decimal { scale, .. }) => {
                let zero = crate::types::Decimal::new(0, scale).map_or(Value::Null, Value::Decimal);
                return coalesce(aggregate, zero, data_type);
            }
            _ => return,
        };
        let data_type = aggregate.input.as_ref().map_or(DataType::Int, |input| input.data_type);
        coalesce(aggregate, zero, data_type);
    });
}

fn coalesce(aggregate: &mut Aggregate, zero: Value, data_type: DataType) {
    let zero = Expr { kind: ExprKind::Literal(zero), data_type, nullable: false };
    if let Some(input) = aggregate.input.take() {
        let kind = ExprKind::Call { function: FunctionId::Coalesce, arguments: vec![input, zero] };
        aggregate.input = Some(Expr { kind, data_type, nullable: false });
    }
}

pub(super) fn nulls_counted(scenario: &mut Scenario) {
    each_aggregate(scenario, |aggregate| {
        if aggregate.kind == Kind::Count {
            aggregate.input = None;
        }
    });
}

pub(super) fn first_as_last(scenario: &mut Scenario) {
    each_aggregate(scenario, |aggregate| {
        aggregate.kind = match aggregate.kind {
            Kind::First => Kind::Last,
            Kind::Last => Kind::First,
            Kind::FirstK(k) => Kind::LastK(k),
            Kind::LastK(k) => Kind::FirstK(k),
            other => other,
        };
    });
}

pub(super) fn list_one_short(scenario: &mut Scenario) {
    each_aggregate(scenario, |aggregate| {
        aggregate.kind = match aggregate.kind {
            Kind::FirstK(k) if k > 1 => Kind::FirstK(k - 1),
            Kind::LastK(k) if k > 1 => Kind::LastK(k - 1),
            Kind::TopK(k) if k > 1 => Kind::TopK(k - 1),
            Kind::BottomK(k) if k > 1 => Kind::BottomK(k - 1),
            other => other,
        };
    });
}

pub(super) fn defaults_ignored(scenario: &mut Scenario) {
    each_aggregate(scenario, |aggregate| aggregate.default = None);
}

pub(super) fn distinct_as_count(scenario: &mut Scenario) {
    each_aggregate(scenario, |aggregate| {
        if matches!(aggregate.kind, Kind::UniqueCount | Kind::ApproxUniqueCount) {
            aggregate.kind = Kind::Count;
        }
    });
}

pub(super) fn percentile_next_rank(scenario: &mut Scenario) {
    each_aggregate(scenario, |aggregate| {
        if let Kind::ApproxPercentile(billionths) = aggregate.kind {
            aggregate.kind = Kind::ApproxPercentile(billionths / 2);
        }
    });
}

pub(super) fn deviation_as_variance(scenario: &mut Scenario) {
    each_aggregate(scenario, |aggregate| {
        if aggregate.kind == Kind::Stddev {
            aggregate.kind = Kind::Variance;
        }
    });
}

pub(super) fn lives_endless(scenario: &mut Scenario) {
    scenario.model.group_bys.iter_mut().for_each(|group_by| group_by.ttl_ms = None);
}

pub(super) fn lives_short(scenario: &mut Scenario) {
    scenario.model.group_bys.iter_mut().filter_map(|of| of.ttl_ms.as_mut()).for_each(|ttl_ms| *ttl_ms -= 1);
}

pub(super) fn lookup_timeless(scenario: &mut Scenario) {
    scenario.model.tables.iter_mut().for_each(|table| table.event_time = None);
}
