//! Constant folding: what does not depend on the row is computed once, here.
//!
//! Expressions are total and pure, so evaluating one without columns gives what every row would
//! give. `and` and `or` lose their neutral and yield to their absorbing side, which holds in
//! three-valued logic too. No other algebra: `a - b` stays as it was written.

use crate::functions::{Expr, ExprKind, FunctionId, eval};
use crate::plan::{Operator, Plan};
use crate::types::Value;

use super::Rebuild;

pub(super) fn run(plan: &Plan) -> Plan {
    let mut rebuild = Rebuild::new(plan);
    for id in plan.topological() {
        let mut node = plan.node(id).clone();
        node.operator = node.operator.map_expressions(&fold);
        if lets_all_pass(&node.operator) {
            let input = rebuild.inputs(id)[0];
            rebuild.stand_for(id, input);
        } else {
            rebuild.put(id, node);
        }
    }
    rebuild.plan
}

fn lets_all_pass(operator: &Operator) -> bool {
    matches!(operator, Operator::Filter { predicate } if is_bool(predicate, true))
}

pub(super) fn fold(expr: &Expr) -> Expr {
    let kind = match &expr.kind {
        ExprKind::Literal(_) | ExprKind::Column(_) => return expr.clone(),
        ExprKind::Call { function, arguments } => {
            let arguments: Vec<Expr> = arguments.iter().map(fold).collect();
            if let Some(side) = neutral_or_absorbing(*function, &arguments) {
                return side;
            }
            ExprKind::Call { function: *function, arguments }
        }
        ExprKind::Case { arms, otherwise } => match fold_case(arms, otherwise) {
            Ok(decided) => return decided,
            Err(open) => open,
        },
        ExprKind::Field(operand, position) => ExprKind::Field(Box::new(fold(operand)), *position),
        ExprKind::Cast(operand) => ExprKind::Cast(Box::new(fold(operand))),
    };
    evaluate(Expr { kind, ..*expr })
}

/// A literal, if nothing in it depends on the row.
fn evaluate(expr: Expr) -> Expr {
    let mut columns = Vec::new();
    expr.collect_columns(&mut columns);
    if !columns.is_empty() {
        return expr;
    }
    let value = eval(&expr, &[]);
    Expr { nullable: value.is_null(), data_type: expr.data_type, kind: ExprKind::Literal(value) }
}

/// `true and x` is x, `false and x` is false; `or` the other way round.
fn neutral_or_absorbing(function: FunctionId, arguments: &[Expr]) -> Option<Expr> {
    let (neutral, [a, b]) = match (function, arguments) {
        (FunctionId::And, [a, b]) => (true, [a, b]),
        (FunctionId::Or, [a, b]) => (false, [a, b]),
        _ => return None,
    };
    if is_bool(a, neutral) || is_bool(b, !neutral) {
        return Some(b.clone());
    }
    (is_bool(b, neutral) || is_bool(a, !neutral)).then(|| a.clone())
}

fn is_bool(expr: &Expr, expected: bool) -> bool {
    matches!(expr.kind, ExprKind::Literal(Value::Bool(value)) if value == expected)
}

/// Leaves out arms that can never match; an arm that always matches is the last. `Ok` when the
/// first arm left always matches, or none is left.
fn fold_case(arms: &[(Expr, Expr)], otherwise: &Expr) -> Result<Expr, ExprKind> {
    let mut open = Vec::new();
    let mut last = fold(otherwise);
    for (when, then) in arms {
        let when = fold(when);
        if is_bool(&when, true) {
            last = fold(then);
            break;
        }
        if !matches!(when.kind, ExprKind::Literal(_)) {
            open.push((when, fold(then)));
        }
    }
    if open.is_empty() { Ok(last) } else { Err(ExprKind::Case { arms: open, otherwise: Box::new(last) }) }
}
