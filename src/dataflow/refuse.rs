//! What a plan may hold that the engine cannot run yet: each by name, at its definition.

use crate::aggregates::Kind;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::plan::{AggregateColumn, Format, Node, Operator, Plan};

/// Empty: the engine runs the plan.
#[must_use]
pub fn refusals(plan: &Plan) -> Diagnostics {
    let mut problems = Diagnostics::default();
    for node in plan.topological().into_iter().map(|id| plan.node(id)) {
        if let Some(what) = missing(node) {
            let message = format!("{what}, which `{}` needs, cannot be run yet", node.definition);
            let hint = "it is checked, planned and explained; leave it out of what is run";
            problems.push(Diagnostic::error(Code::E0808, node.origin, message).hint(hint));
        }
    }
    problems
}

fn missing(node: &Node) -> Option<&'static str> {
    match &node.operator {
        Operator::Call(_) => Some("a model call"),
        Operator::Source(source) if !source.history.is_empty() => Some("a history"),
        Operator::Decode(decode) if decode.format != Format::Json => Some("the format avro"),
        Operator::WindowAggregate(aggregate) => aggregate.columns.iter().find_map(column),
        Operator::Source(_)
        | Operator::Decode(_)
        | Operator::Watermark(_)
        | Operator::Filter { .. }
        | Operator::Project { .. }
        | Operator::KeyBy { .. }
        | Operator::Union
        | Operator::Table(_)
        | Operator::Lookup(_)
        | Operator::PointInTimeJoin(_)
        | Operator::Derive { .. }
        | Operator::Publish(_) => None,
    }
}

fn column(column: &AggregateColumn) -> Option<&'static str> {
    let AggregateColumn {
        name: _,
        kind,
        input,
        order,
        filter: _,
        by,
        window,
        default,
        output: _,
        nullable: _,
    } = column;
    match kind {
        Kind::Count | Kind::Sum | Kind::Avg | Kind::Min | Kind::Max | Kind::Last => {}
        Kind::Variance | Kind::Stddev => return Some("a variance"),
        Kind::First => return Some("`first`"),
        Kind::FirstK(_) | Kind::LastK(_) | Kind::TopK(_) | Kind::BottomK(_) => {
            return Some("a list of k values");
        }
        Kind::UniqueCount | Kind::ApproxUniqueCount => return Some("a count of different values"),
        Kind::ApproxPercentile(_) => return Some("a percentile"),
        Kind::Histogram => return Some("a histogram"),
    }
    if window.is_none() {
        return Some("a lifetime column");
    }
    if by.is_some() || default.is_some() || order.is_some() {
        return Some("`by`, `default` or an ordering");
    }
    input.as_ref().filter(|input| !input.data_type.is_scalar()).map(|_| "an aggregate of a list or map")
}
