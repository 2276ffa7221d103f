//! The call of an aggregate: its name, what it takes, and its literal parameters.

use crate::aggregates::{self, Entry, Kind, Parameter, Role, TypeError};
use crate::diag::{Code, Diagnostic, Diagnostics, nearest};
use crate::functions::{Expr, FunctionId};
use crate::model::resolve::scope::Scope;
use crate::model::{expr, folded};
use crate::syntax::ast::{self, Name};
use crate::types::{DataType, Value};

/// A call, typed.
pub(super) struct Arguments {
    pub(super) kind: Kind,
    pub(super) input: Option<Expr>,
    pub(super) order: Option<Expr>,
}

pub(super) fn check(
    feature: &ast::Feature,
    scope: &Scope,
    diagnostics: &mut Diagnostics,
) -> Option<Arguments> {
    let entry = Entry::by_name(&feature.function.value);
    let typed: Vec<_> =
        feature.arguments.iter().map(|argument| expr::scalar(argument, scope, diagnostics)).collect();
    let Some(entry) = entry else {
        diagnostics.push(not_an_aggregate(&feature.function));
        return None;
    };
    let least = entry.arguments.iter().filter(|argument| !argument.optional).count();
    if !(least..=entry.arguments.len()).contains(&typed.len()) {
        diagnostics.push(argument_count(feature, entry, least));
        return None;
    }
    let (mut input, mut order, mut parameters, mut sound) = (None, None, Vec::new(), true);
    for ((argument, written), typed) in entry.arguments.iter().zip(&feature.arguments).zip(typed) {
        match (argument.role, typed) {
            (_, None) => sound = false,
            (Role::Input, Some(typed)) => input = Some(typed),
            (Role::Order, Some(typed)) => {
                sound &= is_order(&typed, written, diagnostics);
                order = Some(typed);
            }
            (Role::Parameter(parameter), Some(typed)) => {
                match value(entry, parameter, &typed, written, diagnostics) {
                    Some(value) => parameters.push(value),
                    None => sound = false,
                }
            }
        }
    }
    let kind = if sound { entry.kind(&parameters).ok()? } else { return None };
    Some(Arguments { kind, input, order })
}

/// A parameter's value, which no row may change.
fn value(
    entry: &Entry,
    parameter: Parameter,
    typed: &Expr,
    written: &ast::Expr,
    diagnostics: &mut Diagnostics,
) -> Option<Value> {
    let (code, what, example) = match parameter {
        Parameter::Length => (Code::E0415, "k", "5"),
        Parameter::Fraction => (Code::E0416, "p", "0.95"),
    };
    let mut columns = Vec::new();
    typed.collect_columns(&mut columns);
    let found = if columns.is_empty() {
        let value = folded::value(typed, written.span, diagnostics)?;
        match check_one(entry, &value) {
            None => return Some(value),
            Some(_) if value.is_null() => "null".to_owned(),
            Some(_) if typed.data_type == DataType::String => format!("'{value}'"),
            Some(_) => value.to_string(),
        }
    } else {
        "a value that differs from row to row".to_owned()
    };
    let message = format!("{what} of `{}` is {}, found {found}", entry.name, parameter.expected());
    let hint = format!("write it as a literal or constant, like `{example}`");
    diagnostics.push(Diagnostic::error(code, written.span, message).hint(hint));
    None
}

/// What is wrong with a value as the entry's only parameter.
fn check_one(entry: &Entry, value: &Value) -> Option<aggregates::ParameterError> {
    entry.kind(std::slice::from_ref(value)).err()
}

fn is_order(typed: &Expr, written: &ast::Expr, diagnostics: &mut Diagnostics) -> bool {
    if aggregates::check_order(typed.data_type).is_ok() {
        return true;
    }
    let message = format!("values of type {} have no order", typed.data_type);
    diagnostics.push(
        Diagnostic::error(Code::E0419, written.span, message)
            .hint("order by a number, a text, a time or another value without parts"),
    );
    false
}

/// Words for a type rule that refused.
pub(super) fn refused(
    feature: &ast::Feature,
    kind: Kind,
    found: Option<DataType>,
    error: &TypeError,
) -> Diagnostic {
    let name = kind.name();
    let place = feature.arguments.first().map_or(feature.function.span, |argument| argument.span);
    let (message, hint) = match (error, found) {
        (TypeError::Input { expected, .. }, Some(found)) => {
            let hint = match found {
                DataType::Bool => "count the rows where it holds: `count() where …`",
                DataType::String => "read a number from it with `try_cast(… as decimal(12,2))`, or count it",
                DataType::Timestamp | DataType::Date => "min, max, first, last and count take it",
                DataType::Struct(_) => "take one of its fields, like `address.city`",
                DataType::List(_) | DataType::Map(_) => {
                    "its elements are aggregated one by one: they must be of such a type"
                }
                _ => "min, max, last and count take any value without parts",
            };
            (format!("`{name}` takes {expected}, found {found}"), hint)
        }
        (error, _) => (format!("`{name}`: {error}"), "give it the expression to aggregate"),
    };
    Diagnostic::error(Code::E0411, place, message).hint(hint)
}

fn argument_count(feature: &ast::Feature, entry: &Entry, least: usize) -> Diagnostic {
    let most = entry.arguments.len();
    let expected = match (least, most) {
        (1, 1) => "1 argument".to_owned(),
        (0, most) => format!("at most {most} argument"),
        (least, most) if least == most => format!("{least} arguments"),
        (least, most) => format!("{least} to {most} arguments"),
    };
    let message = format!("`{}` takes {expected}, found {}", entry.name, feature.arguments.len());
    let hint = match entry.name {
        "count" => "write `count()` for rows, `count(x)` for values that are not null".to_owned(),
        _ => format!("write `{}`", entry.signature()),
    };
    Diagnostic::error(Code::E0412, feature.function.span, message).hint(hint)
}

/// What people call an aggregate elsewhere.
const SYNONYMS: [(&str, &str); 34] = [
    ("mean", "avg(x)"),
    ("average", "avg(x)"),
    ("total", "sum(x)"),
    ("minimum", "min(x)"),
    ("maximum", "max(x)"),
    ("std", "stddev(x)"),
    ("stdev", "stddev(x)"),
    ("var", "variance(x)"),
    ("latest", "last(x)"),
    ("earliest", "first(x)"),
    ("count_distinct", "unique_count(x)"),
    ("distinct_count", "unique_count(x)"),
    ("countdistinct", "unique_count(x)"),
    ("nunique", "unique_count(x)"),
    ("approx_count_distinct", "approx_unique_count(x)"),
    ("median", "approx_percentile(x, 0.5)"),
    ("percentile", "approx_percentile(x, 0.95)"),
    ("quantile", "approx_percentile(x, 0.95)"),
    ("percentile_cont", "approx_percentile(x, 0.95)"),
    ("count_if", "count() where …"),
    ("countif", "count() where …"),
    ("sum_if", "sum(x) where …"),
    ("sumif", "sum(x) where …"),
    ("any_value", "last(x)"),
    ("lag", "last_k(x, 2)"),
    ("array_agg", "last_k(x, 100)"),
    ("collect_list", "last_k(x, 100)"),
    ("group_concat", "last_k(x, 100)"),
    ("string_agg", "last_k(x, 100)"),
    ("collect_set", "histogram(x)"),
    ("max_by", "top_k(x, 1, order)"),
    ("arg_max", "top_k(x, 1, order)"),
    ("min_by", "bottom_k(x, 1, order)"),
    ("arg_min", "bottom_k(x, 1, order)"),
];

fn not_an_aggregate(function: &Name) -> Diagnostic {
    let name = function.value.to_ascii_lowercase();
    if FunctionId::by_name(&name).is_some() {
        let message = format!("the scalar function `{name}` stands where an aggregate belongs");
        return Diagnostic::error(Code::E0402, function.span, message).hint(format!(
            "aggregate its results, like `max({name}(…)) over 1h`, or write `let name = {name}(…)`"
        ));
    }
    let names: Vec<_> = Entry::all().map(|entry| entry.name).collect();
    let synonym = SYNONYMS.iter().find(|(other, _)| *other == name).map(|(_, known)| *known);
    let hint = match synonym.or_else(|| nearest(&name, names.iter().copied())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the aggregates are {}", names.join(", ")),
    };
    Diagnostic::error(Code::E0401, function.span, format!("unknown aggregate `{}`", function.value))
        .hint(hint)
}
