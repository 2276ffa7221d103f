//! The constants that a definition's expressions compare with: values worth having in records, else a
//! `where status = 'settled'` would hardly ever be true.

use crate::functions::{Expr, ExprKind};
use crate::model::{Input, Model, StreamBody, Target};
use crate::types::Value;

use super::times::group_bys;

/// Every literal of every expression of the target and of what it reads, each once.
pub(super) fn literals(model: &Model, target: Target) -> Vec<Value> {
    let mut found = Vec::new();
    for expr in expressions(model, target) {
        collect(expr, &mut found);
    }
    found.sort_by(Value::total_cmp);
    found.dedup();
    found
}

fn expressions(model: &Model, target: Target) -> Vec<&Expr> {
    let mut all: Vec<&Expr> = Vec::new();
    let mut inputs = Vec::new();
    for group_by in group_bys(model, target).into_iter().map(|id| model.group_by(id)) {
        inputs.push(group_by.from);
        all.extend(group_by.filter.iter().chain(group_by.lets.iter().map(|column| &column.expr)));
        for aggregate in &group_by.aggregates {
            all.extend(
                aggregate.input.iter().chain(&aggregate.order).chain(&aggregate.filter).chain(&aggregate.by),
            );
        }
    }
    if let Target::Join(id) = target {
        inputs.push(model.join(id).left);
        all.extend(model.join(id).derived.iter().map(|column| &column.expr));
    }
    while let Some(input) = inputs.pop() {
        let Input::Stream(id) = input else { continue };
        match &model.stream(id).body {
            StreamBody::Union(united) => inputs.extend(united),
            StreamBody::Derive(of) => {
                inputs.push(of.from);
                let columns = of.lets.iter().chain(&of.select).map(|column| &column.expr);
                all.extend(of.filter.iter().chain(columns));
            }
        }
    }
    all
}

fn collect(expr: &Expr, found: &mut Vec<Value>) {
    match &expr.kind {
        ExprKind::Literal(Value::Null) | ExprKind::Column(_) => {}
        ExprKind::Literal(value) => found.push(value.clone()),
        ExprKind::Call { arguments, .. } => arguments.iter().for_each(|argument| collect(argument, found)),
        ExprKind::Case { arms, otherwise } => {
            for (when, then) in arms {
                collect(when, found);
                collect(then, found);
            }
            collect(otherwise, found);
        }
        ExprKind::Cast(operand) | ExprKind::Field(operand, _) => collect(operand, found),
    }
}
