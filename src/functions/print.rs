//! Expressions as windrow writes them: for plans, snapshots and explanations. Never parsed again.

use super::{Expr, ExprKind, FunctionId, Notation, literal};

/// The expression with all its casts; `column` names the column of a slot.
#[must_use]
pub fn sql(expr: &Expr, column: &impl Fn(usize) -> String) -> String {
    match &expr.kind {
        ExprKind::Literal(value) => literal::sql(value),
        ExprKind::Column(slot) => column(*slot),
        ExprKind::Call { function, arguments } => {
            call(*function, &arguments.iter().map(|argument| sql(argument, column)).collect::<Vec<_>>())
        }
        ExprKind::Case { arms, otherwise } => {
            let arm = |(when, then): &(Expr, Expr)| {
                format!("when {} then {}", sql(when, column), sql(then, column))
            };
            let arms: Vec<_> = arms.iter().map(arm).collect();
            format!("case {} else {} end", arms.join(" "), sql(otherwise, column))
        }
        ExprKind::Cast(operand) => format!("cast({} as {})", sql(operand, column), expr.data_type),
    }
}

fn call(function: FunctionId, arguments: &[String]) -> String {
    let entry = function.entry();
    match (entry.notation, arguments) {
        (Notation::Infix, [left, right]) => format!("({left} {} {right})", entry.name),
        (Notation::Prefix, [operand]) if entry.name == "-" => format!("(-{operand})"),
        (Notation::Prefix, [operand]) => format!("({} {operand})", entry.name),
        (Notation::Postfix, [operand]) => format!("({operand} {})", entry.name),
        (Notation::List, [operand, list @ ..]) => format!("({operand} {} ({}))", entry.name, list.join(", ")),
        _ => format!("{}({})", entry.name, arguments.join(", ")),
    }
}
