//! What a plan may hold that the engine cannot run yet: each by name, at its definition.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::plan::{Format, Node, Operator, Plan};

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
        Operator::Source(_)
        | Operator::Decode(_)
        | Operator::Watermark(_)
        | Operator::Filter { .. }
        | Operator::Project { .. }
        | Operator::KeyBy { .. }
        | Operator::Union
        | Operator::Table(_)
        | Operator::Lookup(_)
        | Operator::WindowAggregate(_)
        | Operator::PointInTimeJoin(_)
        | Operator::Derive { .. }
        | Operator::Publish(_) => None,
    }
}
