//! The constants that a model's expressions compare with: values worth having in records, else a
//! `where status = 'settled'` would hardly ever be true.

use crate::functions::{Expr, ExprKind};
use crate::model::{Model, StreamBody};
use crate::types::Value;

/// Every literal of every expression, each once.
pub(super) fn literals(model: &Model) -> Vec<Value> {
    let mut found = Vec::new();
    for expr in expressions(model) {
        collect(expr, &mut found);
    }
    found.sort_by(Value::total_cmp);
    found.dedup();
    found
}

fn expressions(model: &Model) -> Vec<&Expr> {
    let mut all: Vec<&Expr> = Vec::new();
    for stream in &model.streams {
        if let StreamBody::Derive(of) = &stream.body {
            all.extend(of.filter.iter().chain(of.lets.iter().chain(&of.select).map(|column| &column.expr)));
        }
    }
    for group_by in &model.group_bys {
        all.extend(group_by.filter.iter().chain(group_by.lets.iter().map(|column| &column.expr)));
        for aggregate in &group_by.aggregates {
            all.extend(
                aggregate.input.iter().chain(&aggregate.order).chain(&aggregate.filter).chain(&aggregate.by),
            );
        }
    }
    all.extend(model.joins.iter().flat_map(|join| &join.derived).map(|column| &column.expr));
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
