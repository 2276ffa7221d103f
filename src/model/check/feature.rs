//! A feature of a group by: one aggregate over its windows.

use crate::aggregates::Kind;
use crate::diag::{Code, Diagnostic, Diagnostics, Span};
use crate::functions::{CastRule, Expr, ExprKind, cast_rule, eval};
use crate::model::resolve::Context;
use crate::model::resolve::facts::InputFacts;
use crate::model::resolve::scope::Scope;
use crate::model::{Aggregate, Window, expr, folded};
use crate::syntax::ast;
use crate::types::{DataType, Duration, Value};

use super::arguments::{self, Arguments};
use super::{positive_or, sound, window};

/// What bounds the windows of a group by.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// `None`: history lifts it.
    pub(super) retention: Option<Duration>,
    /// `None`: a sixtieth of each window.
    pub(super) refresh: Option<(Duration, Span)>,
}

impl Limits {
    pub(super) fn of(
        group_by: &ast::GroupBy,
        from: Option<&InputFacts>,
        context: &Context,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let retention = match from {
            Some(from) if from.has_history => None,
            Some(from) => Some(from.retention),
            None => Some(context.settings.retention),
        };
        let refresh = group_by.refresh.as_ref().and_then(|refresh| {
            let checked = positive_or(Some(refresh), refresh.value, "a `refresh`", diagnostics)?;
            Some((checked, refresh.span))
        });
        Self { retention, refresh }
    }
}

/// What all windows of a feature share.
struct Computation {
    arguments: Arguments,
    filter: Option<Expr>,
    by: Option<Expr>,
    default: Option<Value>,
    output: DataType,
    nullable: bool,
}

/// One column per window, or one of the whole life, in declared order; `None` for what is broken.
pub(super) fn check(
    feature: &ast::Feature,
    scope: &Scope,
    limits: Limits,
    diagnostics: &mut Diagnostics,
) -> Vec<Option<Aggregate>> {
    let computation = computation(feature, scope, diagnostics);
    if feature.windows.is_empty() {
        let computation = computation.filter(|_| no_tail(feature, diagnostics));
        return vec![computation.map(|c| aggregate(feature, feature.name.value.clone(), None, &c))];
    }
    let distinct = distinct_windows(feature, diagnostics);
    let windows = feature.windows.iter().zip(column_names(feature)).map(|(written, name)| {
        let window = window::check(written, feature.tail.as_ref(), limits, diagnostics)?;
        let computation = computation.as_ref().filter(|_| distinct)?;
        Some(aggregate(feature, name, Some(window), computation))
    });
    windows.collect()
}

/// The names of the feature's columns: with each window as it is written, or its own.
pub(super) fn column_names(feature: &ast::Feature) -> impl Iterator<Item = String> {
    let name = &feature.name.value;
    let lifetime = feature.windows.is_empty().then(|| name.clone());
    lifetime
        .into_iter()
        .chain(feature.windows.iter().map(move |window| format!("{name}_{}", window.value.text)))
}

fn aggregate(
    feature: &ast::Feature,
    column: String,
    window: Option<Window>,
    computation: &Computation,
) -> Aggregate {
    let Computation { arguments, filter, by, default, output, nullable } = computation;
    Aggregate {
        feature: feature.name.value.clone(),
        column,
        kind: arguments.kind,
        input: arguments.input.clone(),
        order: arguments.order.clone(),
        filter: filter.clone(),
        by: by.clone(),
        window,
        default: default.clone(),
        output: *output,
        nullable: *nullable,
        span: feature.name.span,
    }
}

/// Every part is checked before any is given up.
fn computation(feature: &ast::Feature, scope: &Scope, diagnostics: &mut Diagnostics) -> Option<Computation> {
    let arguments = arguments::check(feature, scope, diagnostics);
    let filter = feature.filter.as_ref().map(|filter| expr::condition(filter, scope, diagnostics));
    let by = feature.by.as_ref().map(|by| bucket(by, scope, diagnostics));
    let default = feature.default.as_ref().map(|default| expr::scalar(default, scope, diagnostics));
    let (arguments, filter, by) = (arguments?, sound(filter)?, sound(by)?);
    let (output, may_be_null) = output(feature, &arguments, by.as_ref(), diagnostics)?;
    let default = match (sound(default)?, &feature.default) {
        (Some(typed), Some(written)) => Some(default_value(&typed, written, output, diagnostics)?),
        _ => None,
    };
    // A default stands where there is nothing, not where a value does not fit its type.
    let nullable = may_be_null && default.is_none() || arguments.kind.entry().may_not_fit;
    Some(Computation { arguments, filter, by, default, output, nullable })
}

/// The output's type, and whether it is null where nothing was aggregated: a map always is.
fn output(
    feature: &ast::Feature,
    arguments: &Arguments,
    by: Option<&Expr>,
    diagnostics: &mut Diagnostics,
) -> Option<(DataType, bool)> {
    let kind = arguments.kind;
    let input = arguments.input.as_ref().map(|input| input.data_type);
    let is_nested = matches!(input, Some(DataType::List(_) | DataType::Map(_)));
    if let (Some(written), true) = (&feature.by, is_nested) {
        let what = if matches!(input, Some(DataType::Map(_))) { "map" } else { "list" };
        diagnostics.push(nested_with_by(kind, what, written, &feature.arguments[0]));
        return None;
    }
    let (element, key) = match input {
        Some(DataType::List(element)) => (Some(element.data_type), None),
        Some(DataType::Map(map)) => (Some(map.value.data_type), Some(map.key)),
        other => (other, by.map(|by| by.data_type)),
    };
    let output = match kind.output(element) {
        Ok(output) => output,
        Err(error) => {
            diagnostics.push(arguments::refused(feature, kind, input, &error));
            return None;
        }
    };
    Some(match key {
        Some(key) => (DataType::map(key, output, kind.entry().may_not_fit), true),
        None => (output, kind.nullable()),
    })
}

fn nested_with_by(kind: Kind, what: &str, by: &ast::Expr, input: &ast::Expr) -> Diagnostic {
    let message = format!("`{}` of a {what} takes no `by`", kind.name());
    let hint = match what {
        "map" => "a map is aggregated per key already: remove `by`, or take one value: `m['key']`",
        _ => "take one element of it, `items[1]`, or leave `by` out: all elements are aggregated",
    };
    Diagnostic::error(Code::E0417, by.span, message).also(input.span, format!("a {what}")).hint(hint)
}

fn bucket(by: &ast::Expr, scope: &Scope, diagnostics: &mut Diagnostics) -> Option<Expr> {
    let typed = expr::scalar(by, scope, diagnostics)?;
    if typed.data_type.is_map_key() {
        return Some(typed);
    }
    let message = format!("a bucket is the key of a map, which {} cannot be", typed.data_type);
    let hint = match typed.data_type {
        DataType::Double => "round it to an int: `by cast(… as int)`",
        _ => "use a string, int, bool, date, decimal or timestamp",
    };
    diagnostics
        .push(Diagnostic::error(Code::E0417, by.span, message).label(typed.data_type.to_string()).hint(hint));
    None
}

/// The default as a value of the output's type.
fn default_value(
    typed: &Expr,
    written: &ast::Expr,
    output: DataType,
    diagnostics: &mut Diagnostics,
) -> Option<Value> {
    let mut columns = Vec::new();
    typed.collect_columns(&mut columns);
    let problem = if !columns.is_empty() {
        Diagnostic::error(Code::E0418, written.span, "a default is known before any row is")
            .hint("write a value, or a constant; take a column in a join: `coalesce(g.x_1h, column)`")
    } else if !fits(typed.data_type, output) {
        let message = format!("the default is {}, the column is {output}", typed.data_type);
        Diagnostic::error(Code::E0418, written.span, message)
            .label(typed.data_type.to_string())
            .hint(format!("write a value of type {output}"))
    } else {
        match folded::value(&cast(typed, output), written.span, diagnostics)? {
            Value::Null if !eval(typed, &[]).is_null() => {
                let message = format!("the default does not fit into the column's {output}");
                Diagnostic::error(Code::E0418, written.span, message).hint("choose one with fewer digits")
            }
            Value::Null => Diagnostic::error(Code::E0418, written.span, "the default is null")
                .hint("leave it out: null is what stands where nothing was aggregated"),
            value => return Some(value),
        }
    };
    diagnostics.push(problem);
    None
}

/// Whether a default of that type may stand for a value of the column's: a whole number for a decimal, too.
fn fits(of: DataType, output: DataType) -> bool {
    of.widen(output) == Some(output) || matches!((of, output), (DataType::Int, DataType::Decimal { .. }))
}

fn cast(typed: &Expr, to: DataType) -> Expr {
    if typed.data_type == to {
        return typed.clone();
    }
    let nullable = typed.nullable || cast_rule(typed.data_type, to) != CastRule::Allowed { nullable: false };
    Expr { kind: ExprKind::Cast(Box::new(typed.clone())), data_type: to, nullable }
}

fn no_tail(feature: &ast::Feature, diagnostics: &mut Diagnostics) -> bool {
    let Some(tail) = &feature.tail else { return true };
    let message = format!("`{}` has no window whose end a `tail` could say", feature.name.value);
    let hint = "add `over 7d` before it, or remove it";
    diagnostics.push(Diagnostic::error(Code::E0414, tail.span, message).hint(hint));
    false
}

/// Whether no length is there twice, in one spelling or two.
fn distinct_windows(feature: &ast::Feature, diagnostics: &mut Diagnostics) -> bool {
    let mut distinct = true;
    for (position, window) in feature.windows.iter().enumerate() {
        let earlier = &feature.windows[..position];
        let Some(first) = earlier.iter().find(|other| other.value.length == window.value.length) else {
            continue;
        };
        distinct = false;
        let (one, two) = (&first.value.text, &window.value.text);
        let message = if one == two {
            format!("`{}` has the window `{one}` twice", feature.name.value)
        } else {
            format!("`{one}` and `{two}` are one length in two spellings")
        };
        diagnostics.push(
            Diagnostic::error(Code::E0407, window.span, message)
                .also(first.span, "the first")
                .hint("remove one"),
        );
    }
    distinct
}
