//! Words for what is wrong with an expression.

use crate::aggregates;
use crate::diag::{Code, Diagnostic, Span, nearest, shortened};
use crate::functions::literal::LiteralError;
use crate::functions::{ALIASES, Entry, Expr, ExprKind, FunctionId, Notation, TypeError};
use crate::syntax::ast::Name;
use crate::types::{DataType, Date, EventTime, StructType, Value};

use super::Placed;

pub(super) fn untyped_null(span: Span) -> Diagnostic {
    Diagnostic::error(Code::E0307, span, "the type of `null` is not known here")
        .hint("write `cast(null as int)`, with the type you mean")
}

pub(super) fn not_a_condition(span: Span, found: DataType) -> Diagnostic {
    let example = if found.is_numeric() { "`… > 0`" } else { "`… = 'x'` or `… is not null`" };
    Diagnostic::error(Code::E0303, span, format!("expected a condition (bool), found {found}"))
        .hint(format!("compare it, like {example}"))
}

pub(super) fn too_large(error: LiteralError, digits: &str, span: Span) -> Diagnostic {
    let (what, hint) = match error {
        LiteralError::Int => ("an int", "write it as a decimal (`1000.0`) or a double (`1e20`)"),
        LiteralError::Decimal => ("a decimal", "write it as a double, like `1.5e3`"),
        LiteralError::Double => ("a double", "use a smaller number"),
    };
    let shown = shortened(digits);
    Diagnostic::error(Code::E0304, span, format!("`{shown}` does not fit {what}: {error}")).hint(hint)
}

/// Functions of other languages, and what windrow has for them.
const ELSEWHERE: [(&[&str], &str); 6] = [
    (
        &[
            "now",
            "today",
            "current_timestamp",
            "current_date",
            "current_time",
            "localtimestamp",
            "getdate",
            "sysdate",
            "unix_timestamp",
        ],
        "values are functions of events, not of the clock: a window is `over 7d`, and in a join `as_of()` is the time of the row",
    ),
    (&["len", "array_length", "array_size", "strlen"], "write `length(text)`, or `size(list)`"),
    (&["isnull", "is_null"], "write `x is null`"),
    (&["isnotnull", "is_not_null"], "write `x is not null`"),
    (
        &[
            "safe_cast",
            "convert",
            "to_number",
            "to_int",
            "to_double",
            "to_decimal",
            "int",
            "bigint",
            "float",
            "double",
        ],
        "write `cast(x as int)`, or `try_cast(x as int)` where it may fail",
    ),
    (&["date_part", "datepart", "extract"], "parts of a time are functions: `hour(ts)`, `year(ts)`"),
];

pub(super) fn unknown_function(name: &Name) -> Diagnostic {
    if let Some(aggregate) = aggregates::Entry::by_name(&name.value) {
        let message = format!("the aggregate `{}` stands where a scalar belongs", aggregate.name);
        return Diagnostic::error(Code::E0308, name.span, message)
            .hint("aggregate in a feature of a group by; calculate with features in a join");
    }
    let lower = name.value.to_ascii_lowercase();
    if let Some((_, hint)) = ELSEWHERE.iter().find(|(words, _)| words.contains(&lower.as_str())) {
        let message = format!("unknown function `{}`", name.value);
        return Diagnostic::error(Code::E0204, name.span, message).hint(*hint);
    }
    let names = FunctionId::named().map(|function| function.entry().name);
    let aliases = ALIASES.iter().map(|(alias, _)| *alias);
    let hint = match nearest(&name.value, names.chain(aliases)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`windrow functions` lists all functions".to_owned(),
    };
    Diagnostic::error(Code::E0204, name.span, format!("unknown function `{}`", name.value)).hint(hint)
}

pub(super) fn arms_differ((known, first): (DataType, Span), (found, place): (DataType, Span)) -> Diagnostic {
    Diagnostic::error(
        Code::E0301,
        place,
        format!("the results of `case` have no common type: {known} and {found}"),
    )
    .label(found.to_string())
    .also(first, known.to_string())
    .hint("cast one of them")
}

/// Words for a type rule that refused; `name` is how the function is written here.
pub(super) fn refused(
    name: &str,
    function: FunctionId,
    error: &TypeError,
    arguments: &[Placed],
    span: Span,
) -> Diagnostic {
    let entry = function.entry();
    let problem = |code, place| Diagnostic::error(code, place, format!("`{name}`: {error}"));
    match error {
        TypeError::Count { .. } if function.is_of_now() => Diagnostic::error(
            Code::E0302,
            span,
            format!(
                "`{name}`: expected {} arguments, found {}",
                entry.parameters.len() - 1,
                arguments.len() - 1
            ),
        )
        .hint(form(entry)),
        TypeError::Count { .. } => problem(Code::E0302, span).hint(form(entry)),
        TypeError::Argument { position, found, .. } => {
            let place = arguments[*position].1;
            if matches!(function, FunctionId::And | FunctionId::Or | FunctionId::Not) {
                return not_a_condition(place, *found);
            }
            if let (FunctionId::ElementAt, DataType::Map(of)) = (function, arguments[0].0.data_type) {
                return not_a_key(of.key, *found, place);
            }
            problem(Code::E0301, place).label(found.to_string()).hint(other_type(*found, error, entry))
        }
        TypeError::Mismatch { position, left, right } => problem(Code::E0301, arguments[*position].1)
            .label(right.to_string())
            .also(arguments[0].1, left.to_string())
            .hint(
                meant(&arguments[0].0, *right)
                    .or_else(|| meant(&arguments[*position].0, *left))
                    .unwrap_or_else(|| "cast one side to the type of the other".into()),
            ),
        TypeError::NotLiteral { position, .. } => problem(Code::E0315, arguments[*position].1)
            .hint(format!("it is checked and prepared before any row is; {}", form_with(entry, *position))),
        TypeError::BadLiteral { position, .. } => {
            problem(Code::E0316, arguments[*position].1).hint(form_with(entry, *position))
        }
        TypeError::UntypedNull => untyped_null(span),
    }
}

/// How a text is written if it is meant as a value of another type.
fn meant(text: &Expr, other: DataType) -> Option<String> {
    let ExprKind::Literal(Value::String(text)) = &text.kind else { return None };
    match other {
        _ if other.is_numeric() && text.parse::<f64>().is_ok_and(f64::is_finite) => {
            Some(format!("a number is written without quotes: `{text}`"))
        }
        DataType::Timestamp if EventTime::from_iso(text).is_ok() => {
            Some(format!("an instant is written `timestamp '{text}'`"))
        }
        DataType::Date if text.parse::<Date>().is_ok() => Some(format!("a day is written `date '{text}'`")),
        _ => None,
    }
}

/// How the function is written: its signature, and an example.
fn form(entry: &Entry) -> String {
    form_with(entry, 0)
}

/// As [`form`], by an example that has the argument at that position.
fn form_with(entry: &Entry, position: usize) -> String {
    let has_it = entry.examples.iter().find(|example| example.arguments.len() > position);
    let example = has_it.unwrap_or(&entry.examples[0]);
    format!("`{}`, like `{}`, which is {}", entry.signature_text(), example.text(entry), example.result)
}

/// What helps where a type is not taken.
fn other_type(found: DataType, error: &TypeError, entry: &Entry) -> String {
    let TypeError::Argument { expected, .. } = error else { return form(entry) };
    match (found, *expected) {
        (DataType::String, "a number" | "an int or a decimal") => {
            "read a number from it with `try_cast(… as decimal(12,2))`".into()
        }
        (DataType::String, "an int") => "read it with `try_cast(… as int)`".into(),
        (DataType::String, "a timestamp" | "a timestamp or a date") => {
            "read it with `try_cast(… as timestamp)`".into()
        }
        (DataType::Timestamp, "a date") => "take its day with `date(…)`".into(),
        (DataType::Date, "a timestamp") => "take its midnight with `cast(… as timestamp)`".into(),
        (DataType::Double | DataType::Decimal { .. }, "an int") => "cast it, as in `cast(… as int)`".into(),
        (DataType::Double, "an int or a decimal") => "cast it to a decimal or an int".into(),
        (DataType::Int | DataType::Decimal { .. } | DataType::Bool, "a string") => {
            "write it as text with `cast(… as string)`".into()
        }
        _ if matches!(entry.notation, Notation::Call) => form(entry),
        _ => "cast it, or leave it out".into(),
    }
}

pub(super) fn no_as_of(name: &Name) -> Diagnostic {
    let message = format!("`{}` speaks of the instant for which a row holds; there is none here", name.value);
    Diagnostic::error(Code::E0320, name.span, message)
        .hint("use it in a derived column of a join; of one event take `timestamp_diff(a, b, 's')`")
}

pub(super) fn could_fail(from: DataType, target: DataType, span: Span) -> Diagnostic {
    Diagnostic::error(Code::E0306, span, format!("a cast of {from} to {target} could fail at run time"))
        .hint(format!("write `try_cast(… as {target})`: what cannot be read is null"))
}

pub(super) fn no_cast(from: DataType, target: DataType, span: Span) -> Diagnostic {
    let hint = match (from, target) {
        (DataType::Bool, _) => "write `case when … then 1 else 0 end`",
        (DataType::Double, DataType::String) => "cast to a decimal first, then to string",
        (DataType::Timestamp, DataType::Int) => "write `to_unix_ms(…)` or `to_unix_s(…)`",
        (DataType::Int, DataType::Timestamp) => "write `from_unix_ms(…)` or `from_unix_s(…)`",
        (DataType::String, DataType::Bytes) => "write `from_hex(…)` or `from_base64(…)`",
        (DataType::Bytes, DataType::String) => "write `to_hex(…)` or `to_base64(…)`",
        (DataType::List(_), DataType::String) => "write `list_join(…, ', ')`",
        (_, DataType::Bool) => "compare, like `… <> 0`",
        _ => "the language reference has the table of casts",
    };
    Diagnostic::error(Code::E0305, span, format!("{from} cannot be cast to {target}")).hint(hint)
}

pub(super) fn no_time(text: &str, span: Span) -> Diagnostic {
    let shown = shortened(text);
    Diagnostic::error(Code::E0317, span, format!("`{shown}` is not a time: expected ISO 8601"))
        .hint("like `timestamp '2024-05-01T12:00:00Z'`; without a zone it is UTC")
}

pub(super) fn no_date(text: &str, span: Span) -> Diagnostic {
    let shown = shortened(text);
    Diagnostic::error(Code::E0317, span, format!("`{shown}` is not a date: expected a day of the calendar"))
        .hint("like `date '2024-05-01'`: year, month, day")
}

pub(super) fn unknown_field(fields: &StructType, name: &Name) -> Diagnostic {
    let names = || fields.fields.iter().map(|field| field.name.as_str());
    let hint = match nearest(&name.value, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("its fields are {}", names().collect::<Vec<_>>().join(", ")),
    };
    Diagnostic::error(Code::E0318, name.span, format!("the struct has no field `{}`", name.value)).hint(hint)
}

pub(super) fn has_no_fields(operand: &Expr, place: Span, name: &Name) -> Diagnostic {
    let found = operand.data_type;
    let hint = match found {
        DataType::Map(_) => format!("the value of a key is `…['{}']`", name.value),
        DataType::List(_) => format!("take an element first: `…[1].{}`", name.value),
        DataType::Timestamp | DataType::Date => {
            "parts of a time are functions: `hour(ts)`, `year(ts)`".into()
        }
        _ => "only a struct has fields; the point is also between an alias and its column".into(),
    };
    Diagnostic::error(
        Code::E0319,
        place,
        format!("expected a struct before `.{}`, found {found}", name.value),
    )
    .label(found.to_string())
    .hint(hint)
}

fn not_a_key(key: DataType, found: DataType, place: Span) -> Diagnostic {
    let hint = match key {
        DataType::String => "write the key as a text: `…['key']`".into(),
        other => format!("cast it, as in `…[cast(… as {other})]`"),
    };
    Diagnostic::error(Code::E0301, place, format!("the keys of the map are {key}, found {found}"))
        .label(found.to_string())
        .hint(hint)
}

pub(super) fn no_such_element(place: Span, at: i64) -> Diagnostic {
    Diagnostic::error(Code::E0321, place, format!("the elements of a list are counted from 1, found {at}"))
        .hint("the first is `[1]`; the last is `…[size(…)]`")
}

pub(super) fn has_no_elements(operand: &Expr, place: Span) -> Diagnostic {
    let found = operand.data_type;
    let hint = match found {
        DataType::Struct(_) => "the field of a struct is `….name`",
        DataType::String => "a character is `substring(…, 1, 1)`",
        _ => "only a list and a map have elements",
    };
    Diagnostic::error(Code::E0319, place, format!("expected a list or a map before `[`, found {found}"))
        .label(found.to_string())
        .hint(hint)
}
