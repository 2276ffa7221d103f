//! Values of expressions that depend on no row, computed while definitions are checked: constants, values of tests.
//! A line of text must not become a gigabyte.

use crate::diag::{Code, Diagnostic, Diagnostics, Span};
use crate::functions::{Expr, ExprKind, FunctionId, eval};
use crate::types::Value;

/// The longest text that is computed, in bytes. One that is written out may be as long as its file.
const BYTES_MAX: usize = 2048;

/// The value, unless it could be larger than anybody means, which is reported.
pub(super) fn value(expr: &Expr, span: Span, diagnostics: &mut Diagnostics) -> Option<Value> {
    if let ExprKind::Literal(value) = &expr.kind {
        return Some(value.clone());
    }
    if bytes_at_most(expr) <= BYTES_MAX {
        return Some(eval(expr, &[]));
    }
    let message = format!("this could be a text of more than {BYTES_MAX} bytes");
    let problem = Diagnostic::error(Code::E0322, span, message);
    diagnostics.push(problem.hint("write the text out, or compute it from shorter ones"));
    None
}

/// How large the value, and what it is computed from, can be.
fn bytes_at_most(expr: &Expr) -> usize {
    match &expr.kind {
        ExprKind::Literal(value) => bytes(value),
        ExprKind::Column(_) => 0,
        ExprKind::Call { function, arguments } => {
            let mut sizes = arguments.iter().map(bytes_at_most);
            let all = |sizes: &mut dyn Iterator<Item = usize>| sizes.fold(0, usize::saturating_add);
            match function {
                // The length is the second argument, a literal.
                FunctionId::Repeat => sizes.next().unwrap_or(0).saturating_mul(number(arguments.get(1))),
                FunctionId::LPad | FunctionId::RPad => {
                    all(&mut sizes).saturating_add(number(arguments.get(1)).saturating_mul(4))
                }
                // Each character may become the other text; and what joins a list stands between all its elements.
                FunctionId::Replace | FunctionId::RegexpReplace | FunctionId::ListJoin => {
                    sizes.map(|size| size.saturating_add(1)).fold(1, usize::saturating_mul)
                }
                _ => all(&mut sizes),
            }
        }
        ExprKind::Case { arms, otherwise } => {
            let arms = arms.iter().flat_map(|(when, then)| [when, then]);
            arms.chain([&**otherwise]).map(bytes_at_most).fold(0, usize::saturating_add)
        }
        ExprKind::Field(operand, _) | ExprKind::Cast(operand) => bytes_at_most(operand).saturating_add(16),
    }
}

fn bytes(value: &Value) -> usize {
    value.to_string().len()
}

fn number(literal: Option<&Expr>) -> usize {
    match literal.map(|expr| &expr.kind) {
        Some(ExprKind::Literal(Value::Int(number))) => usize::try_from(*number).unwrap_or(0),
        _ => usize::MAX,
    }
}
