//! Bindings that may refer to each other in any order: the order to compute them in, and circles.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::syntax::ast::{Binding, Expr, ExprKind};

/// Positions of the bindings in an order in which each uses only those before it; declared order
/// where there is a choice. Those in or behind a circle are left out, and each circle is reported.
pub(in crate::model) fn computable(bindings: &[Binding], diagnostics: &mut Diagnostics) -> Vec<usize> {
    let positions = bindings.iter().enumerate().map(|(at, binding)| (binding.name.value.as_str(), at));
    // Of two bindings of one name, which is reported elsewhere, the first counts.
    let positions: BTreeMap<&str, usize> = positions.rev().collect();
    let uses: Vec<BTreeSet<usize>> = bindings.iter().map(|binding| used(binding, &positions)).collect();
    let mut users_of = vec![Vec::new(); bindings.len()];
    for (user, used) in uses.iter().enumerate() {
        for position in used {
            users_of[*position].push(user);
        }
    }
    let mut open: Vec<usize> = uses.iter().map(BTreeSet::len).collect();
    let mut ready: BTreeSet<usize> = (0..bindings.len()).filter(|position| open[*position] == 0).collect();
    let mut order = Vec::with_capacity(bindings.len());
    while let Some(position) = ready.pop_first() {
        order.push(position);
        for user in &users_of[position] {
            open[*user] -= 1;
            if open[*user] == 0 {
                ready.insert(*user);
            }
        }
    }
    let stuck: BTreeSet<usize> = (0..bindings.len()).filter(|position| open[*position] > 0).collect();
    report_circles(bindings, &uses, &stuck, diagnostics);
    order
}

/// The bindings that an expression names.
fn used(binding: &Binding, positions: &BTreeMap<&str, usize>) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    visit(&binding.expr, &mut |name| found.extend(positions.get(name).copied()));
    found
}

/// Calls `each` with every bare name in the expression, also those that fields are taken of.
fn visit(expr: &Expr, each: &mut impl FnMut(&str)) {
    if let ExprKind::Path(path) = &expr.kind
        && let [name, ..] = path.as_slice()
    {
        each(&name.value);
    }
    for child in children(expr) {
        visit(child, each);
    }
}

fn children(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::Null
        | ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::Decimal(_)
        | ExprKind::Double(_)
        | ExprKind::String(_)
        | ExprKind::Timestamp(_)
        | ExprKind::Date(_)
        | ExprKind::Path(_) => Vec::new(),
        ExprKind::Unary(_, operand)
        | ExprKind::IsNull { operand, .. }
        | ExprKind::Cast { operand, .. }
        | ExprKind::Field(operand, _) => vec![operand],
        ExprKind::Binary(_, left, right)
        | ExprKind::Index(left, right)
        | ExprKind::IsDistinctFrom { left, right, .. } => vec![left, right],
        ExprKind::In { operand, list, .. } => std::iter::once(&**operand).chain(list).collect(),
        ExprKind::Between { operand, low, high, .. } => vec![operand, low, high],
        ExprKind::Like { operand, pattern, .. } => vec![operand, pattern],
        ExprKind::Case { operand, arms, otherwise } => operand
            .as_deref()
            .into_iter()
            .chain(arms.iter().flat_map(|(when, then)| [when, then]))
            .chain(otherwise.as_deref())
            .collect(),
        ExprKind::Call { arguments, .. } => arguments.iter().collect(),
    }
}

/// Every stuck binding uses a stuck one, so a walk along these must come back on its own path.
fn report_circles(
    bindings: &[Binding],
    uses: &[BTreeSet<usize>],
    stuck: &BTreeSet<usize>,
    diagnostics: &mut Diagnostics,
) {
    let mut seen = BTreeSet::new();
    for start in stuck {
        let (mut path, mut at) = (Vec::new(), *start);
        while seen.insert(at) {
            path.push(at);
            at = uses[at].iter().copied().find(|next| stuck.contains(next)).unwrap_or(at);
        }
        if let Some(entry) = path.iter().position(|position| *position == at) {
            diagnostics.push(circle(bindings, &path[entry..]));
        }
    }
}

fn circle(bindings: &[Binding], path: &[usize]) -> Diagnostic {
    let first = &bindings[path[0]].name;
    let way: Vec<_> = path
        .iter()
        .chain(&path[..1])
        .map(|position| format!("`{}`", bindings[*position].name.value))
        .collect();
    let mut diagnostic =
        Diagnostic::error(Code::E0312, first.span, format!("`{}` is computed from itself", first.value))
            .note(format!("the way round: {}", way.join(" → ")))
            .hint("cut the circle at one place");
    for position in &path[1..] {
        diagnostic = diagnostic.also(bindings[*position].name.span, "on the way round");
    }
    diagnostic
}
