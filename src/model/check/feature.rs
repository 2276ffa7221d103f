//! A feature of a group by: one aggregate over its windows.

use crate::aggregates::Kind;
use crate::diag::{Code, Diagnostic, Diagnostics, nearest};
use crate::functions::{Expr, FunctionId};
use crate::model::resolve::scope::Scope;
use crate::model::{Aggregate, Window, expr};
use crate::syntax::ast::{self, Name};
use crate::types::{DataType, Duration};

use super::window;

/// What all windows of a feature share.
struct Computation {
    kind: Kind,
    input: Option<Expr>,
    filter: Option<Expr>,
    output: DataType,
}

/// One column per window, in declared order; `None` for what is broken.
pub(super) fn check(
    feature: &ast::Feature,
    scope: &Scope,
    retention: Duration,
    diagnostics: &mut Diagnostics,
) -> Vec<Option<Aggregate>> {
    let computation = computation(feature, scope, diagnostics);
    if feature.windows.is_empty() {
        let message = format!("`{}` has no window", feature.name.value);
        diagnostics.push(
            Diagnostic::error(Code::E0404, feature.name.span, message)
                .note("an aggregate over a key's lifetime is not available yet")
                .hint("add `over 1h, 7d`"),
        );
    }
    let distinct = distinct_windows(feature, diagnostics);
    let windows = feature.windows.iter().map(|written| {
        let window = window::check(written, feature.tail.as_ref(), retention, diagnostics)?;
        let computation = computation.as_ref().filter(|_| distinct)?;
        Some(aggregate(feature, &written.value.text, window, computation))
    });
    windows.collect()
}

/// The name of the column of one window.
pub(super) fn column_name(feature: &Name, window: &str) -> String {
    format!("{}_{window}", feature.value)
}

/// The type of a feature's columns as far as it is known, also if a window is wrong.
fn aggregate(feature: &ast::Feature, text: &str, window: Window, computation: &Computation) -> Aggregate {
    Aggregate {
        feature: feature.name.value.clone(),
        column: column_name(&feature.name, text),
        kind: computation.kind,
        input: computation.input.clone(),
        order: None,
        filter: computation.filter.clone(),
        by: None,
        window: Some(window),
        default: None,
        output: computation.output,
        nullable: computation.kind.nullable(),
        span: feature.name.span,
    }
}

fn computation(feature: &ast::Feature, scope: &Scope, diagnostics: &mut Diagnostics) -> Option<Computation> {
    let kind = available(&feature.function.value);
    if kind.is_none() {
        diagnostics.push(not_an_aggregate(&feature.function));
    }
    let inputs: Vec<_> =
        feature.arguments.iter().map(|argument| expr::scalar(argument, scope, diagnostics)).collect();
    let filter = feature.filter.as_ref().map(|filter| expr::condition(filter, scope, diagnostics));
    let kind = kind?;
    let arguments_fit = inputs.len() == 1 || kind == Kind::Count && inputs.is_empty();
    if !arguments_fit {
        diagnostics.push(argument_count(feature, kind));
        return None;
    }
    let input = match inputs.into_iter().next() {
        Some(input) => Some(input?),
        None => None,
    };
    let output = output(feature, kind, input.as_ref(), diagnostics)?;
    let filter = match filter {
        Some(filter) => Some(filter?),
        None => None,
    };
    Some(Computation { kind, input, filter, output })
}

fn output(
    feature: &ast::Feature,
    kind: Kind,
    input: Option<&Expr>,
    diagnostics: &mut Diagnostics,
) -> Option<DataType> {
    let output = kind.output(input.map(|input| input.data_type)).ok();
    if let (None, Some(input)) = (output, input) {
        let span = feature.arguments[0].span;
        let message = format!("`{}` takes numbers, found {}", kind.name(), input.data_type);
        let hint = match input.data_type {
            DataType::Bool => "count the rows where it holds: `count() where …`",
            DataType::String => "read a number from it with `try_cast(… as decimal(12,2))`, or count it",
            _ => "min, max, last and count take any type",
        };
        diagnostics.push(Diagnostic::error(Code::E0411, span, message).hint(hint));
    }
    output
}

/// The aggregates that can be written; the catalog has more.
const AVAILABLE: [Kind; 6] = [Kind::Count, Kind::Sum, Kind::Avg, Kind::Min, Kind::Max, Kind::Last];

fn available(name: &str) -> Option<Kind> {
    AVAILABLE.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(name))
}

fn not_an_aggregate(function: &Name) -> Diagnostic {
    const LATER: [&str; 14] = [
        "variance",
        "stddev",
        "first",
        "first_k",
        "last_k",
        "top_k",
        "bottom_k",
        "unique_count",
        "approx_unique_count",
        "approx_percentile",
        "histogram",
        "any",
        "all",
        "collect",
    ];
    let name = function.value.to_ascii_lowercase();
    if FunctionId::by_name(&name).is_some() {
        let message = format!("the scalar function `{name}` stands where an aggregate belongs");
        return Diagnostic::error(Code::E0402, function.span, message).hint(format!(
            "aggregate its results, like `max({name}(…)) over 1h`, or write `let name = {name}(…)`"
        ));
    }
    if LATER.contains(&name.as_str()) {
        return Diagnostic::error(
            Code::E0401,
            function.span,
            format!("the aggregate `{name}` is not available yet"),
        )
        .hint("the aggregates are count, sum, avg, min, max and last");
    }
    let hint = match nearest(&name, AVAILABLE.map(Kind::name)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "the aggregates are count, sum, avg, min, max and last".into(),
    };
    Diagnostic::error(Code::E0401, function.span, format!("unknown aggregate `{}`", function.value))
        .hint(hint)
}

fn argument_count(feature: &ast::Feature, kind: Kind) -> Diagnostic {
    let (expected, hint) = if kind == Kind::Count {
        ("at most 1 argument", "write `count()` for rows, `count(x)` for values that are not null")
    } else {
        ("1 argument", "give it one expression")
    };
    let message = format!("`{}` takes {expected}, found {}", kind.name(), feature.arguments.len());
    Diagnostic::error(Code::E0412, feature.function.span, message).hint(hint)
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
