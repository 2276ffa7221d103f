//! Things that may refer to each other in any order: the order to compute them in, and circles.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::syntax::ast::{Binding, Expr, ExprKind, Name};

/// Positions of the bindings in an order in which each uses only those before it; declared order
/// where there is a choice. Those in or behind a circle are left out, and each circle is reported.
pub(in crate::model) fn computable(bindings: &[&Binding], diagnostics: &mut Diagnostics) -> Vec<usize> {
    let names: Vec<&Name> = bindings.iter().map(|binding| &binding.name).collect();
    let positions = positions(&names);
    let uses: Vec<_> = bindings.iter().map(|binding| used(binding, &positions)).collect();
    let (order, stuck) = order(&uses);
    for path in circles(&uses, &stuck) {
        let first = names[path[0]];
        let message = format!("`{}` is computed from itself", first.value);
        diagnostics.push(circle(Code::E0312, message, &names, &path));
    }
    order
}

/// Positions of definitions in an order in which each reads only those before it, and those in or
/// behind a circle; each circle is reported. `reads` has the names that each reads.
pub(in crate::model) fn readable(
    names: &[&Name],
    reads: &[Vec<&Name>],
    diagnostics: &mut Diagnostics,
) -> (Vec<usize>, BTreeSet<usize>) {
    let positions = positions(names);
    let position = |name: &&Name| positions.get(name.value.as_str()).copied();
    let uses: Vec<BTreeSet<usize>> =
        reads.iter().map(|read| read.iter().filter_map(position).collect()).collect();
    let (order, stuck) = order(&uses);
    for path in circles(&uses, &stuck) {
        let message = format!("the stream `{}` reads itself", names[path[0]].value);
        diagnostics.push(circle(Code::E0225, message, names, &path));
    }
    (order, stuck)
}

/// Of two of one name, which is reported elsewhere, the first counts.
fn positions<'a>(names: &[&'a Name]) -> BTreeMap<&'a str, usize> {
    names.iter().enumerate().map(|(at, name)| (name.value.as_str(), at)).rev().collect()
}

/// What can be ordered, each behind what it uses, and what cannot.
fn order(uses: &[BTreeSet<usize>]) -> (Vec<usize>, BTreeSet<usize>) {
    let mut users_of = vec![Vec::new(); uses.len()];
    for (user, used) in uses.iter().enumerate() {
        for position in used {
            users_of[*position].push(user);
        }
    }
    let mut open: Vec<usize> = uses.iter().map(BTreeSet::len).collect();
    let mut ready: BTreeSet<usize> = (0..uses.len()).filter(|position| open[*position] == 0).collect();
    let mut order = Vec::with_capacity(uses.len());
    while let Some(position) = ready.pop_first() {
        order.push(position);
        for user in &users_of[position] {
            open[*user] -= 1;
            if open[*user] == 0 {
                ready.insert(*user);
            }
        }
    }
    let stuck = (0..uses.len()).filter(|position| open[*position] > 0).collect();
    (order, stuck)
}

/// The bindings that an expression names.
fn used(binding: &Binding, positions: &BTreeMap<&str, usize>) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    visit(&binding.expr, &mut |name| found.extend(positions.get(name).copied()));
    found
}

/// Calls `each` with every bare name in the expression, also those that fields are taken of.
pub(in crate::model) fn visit(expr: &Expr, each: &mut impl FnMut(&str)) {
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

/// Every stuck one uses a stuck one, so a walk along these must come back on its own path.
fn circles(uses: &[BTreeSet<usize>], stuck: &BTreeSet<usize>) -> Vec<Vec<usize>> {
    let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
    for start in stuck {
        let (mut path, mut at) = (Vec::new(), *start);
        while seen.insert(at) {
            path.push(at);
            at = uses[at].iter().copied().find(|next| stuck.contains(next)).unwrap_or(at);
        }
        if let Some(entry) = path.iter().position(|position| *position == at) {
            found.push(path.split_off(entry));
        }
    }
    found
}

/// So many steps of a way round are marked in the text; all are named.
const MARKED: usize = 8;

fn circle(code: Code, message: String, names: &[&Name], path: &[usize]) -> Diagnostic {
    let way: Vec<_> =
        path.iter().chain(&path[..1]).map(|position| format!("`{}`", names[*position].value)).collect();
    let mut diagnostic = Diagnostic::error(code, names[path[0]].span, message)
        .note(format!("the way round: {}", way.join(" → ")))
        .hint("cut the circle at one place");
    for position in path[1..].iter().take(MARKED) {
        diagnostic = diagnostic.also(names[*position].span, "on the way round");
    }
    diagnostic
}
