//! What a plan may hold that the engine cannot run yet: each by name, at its definition.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::plan::{Decode, Format, Node, Operator, Plan};

use super::decode::avro::{AvroReader, missing_fields};

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
        if let Operator::Decode(decode) = &node.operator {
            for problem in avro(node, decode) {
                problems.push(problem);
            }
        }
    }
    problems
}

/// The writer schema must be one, and give each declared field.
fn avro(node: &Node, decode: &Decode) -> Vec<Diagnostic> {
    let Format::Avro { file, .. } = &decode.format else { return Vec::new() };
    let problem = |message| Diagnostic::error(Code::E0809, node.origin, message);
    if let Err(what) = AvroReader::new(decode) {
        return vec![problem(format!("`{file}` of `{}` cannot be read: {what}", node.definition))];
    }
    let missing = missing_fields(decode).into_iter();
    let say = |field| {
        let message = format!("`{file}` of `{}` has no field `{field}`", node.definition);
        problem(message).hint("declare it `from \"NAME\"` if it has another name there")
    };
    missing.map(say).collect()
}

fn missing(node: &Node) -> Option<&'static str> {
    match &node.operator {
        Operator::Source(source) if !source.history.is_empty() => Some("a history"),
        Operator::Source(_)
        | Operator::Decode(_)
        | Operator::Watermark(_)
        | Operator::Filter { .. }
        | Operator::Project { .. }
        | Operator::KeyBy { .. }
        | Operator::Union
        | Operator::Call(_)
        | Operator::Table(_)
        | Operator::Lookup(_)
        | Operator::WindowAggregate(_)
        | Operator::PointInTimeJoin(_)
        | Operator::Derive { .. }
        | Operator::Publish(_) => None,
    }
}
