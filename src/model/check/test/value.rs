//! Values of tests, read as their column's type.

use crate::diag::{Code, Diagnostic, Diagnostics, Span};
use crate::functions::{self, CastRule};
use crate::model::resolve::scope::Scope;
use crate::model::{expr, folded};
use crate::syntax::ast::{self, TestValue};
use crate::types::{DataType, Date, Decimal, EventTime, Field, Rounding, Value};

use super::time;

/// The id of an event whose test gives none.
pub(super) fn id(number: usize, data_type: DataType) -> Option<Value> {
    let number = i64::try_from(number).ok()?;
    Some(match data_type {
        DataType::Int => Value::Int(number),
        DataType::Timestamp => Value::Timestamp(EventTime(number)),
        DataType::Decimal { scale, .. } => {
            Value::Decimal(Decimal::from_int(number).rescale(scale, Rounding::Exact)?)
        }
        DataType::Bytes => Value::bytes(number.to_be_bytes()),
        _ => Value::string(format!("event {number}")),
    })
}

/// The value of a column; a problem is reported.
pub(super) fn read(
    written: &TestValue,
    field: &Field,
    date: Option<Date>,
    diagnostics: &mut Diagnostics,
) -> Option<Value> {
    let value = typed(written, field.data_type, date, diagnostics)?;
    if value.is_null() && !field.nullable && !is_null(written) {
        diagnostics.push(wrong(written, field.data_type));
        return None;
    }
    Some(value)
}

fn is_null(written: &TestValue) -> bool {
    matches!(written, TestValue::Scalar(expr) if matches!(expr.kind, ast::ExprKind::Null))
}

fn typed(
    written: &TestValue,
    data_type: DataType,
    date: Option<Date>,
    diagnostics: &mut Diagnostics,
) -> Option<Value> {
    match (written, data_type) {
        (TestValue::Scalar(expr), _) => scalar(expr, written, data_type, date, diagnostics),
        (TestValue::List(elements, _), DataType::List(of)) => {
            let all: Vec<_> = elements.iter().map(|e| typed(e, of.data_type, date, diagnostics)).collect();
            Some(Value::list(all.into_iter().collect::<Option<Vec<_>>>()?))
        }
        (TestValue::Object(entries, _), DataType::Map(of)) => {
            let mut all = Vec::new();
            for (key, value) in entries {
                let Some(key) = text(&key.value, of.key, date) else {
                    diagnostics.push(wrong(written, data_type));
                    return None;
                };
                all.push((key, typed(value, of.value.data_type, date, diagnostics)?));
            }
            Some(Value::map(all))
        }
        (TestValue::Object(entries, _), DataType::Struct(of)) => {
            let mut fields = vec![Value::Null; of.fields.len()];
            for (name, value) in entries {
                let Some((slot, field)) = of.field(&name.value) else {
                    let message = format!("there is no field `{}` in {data_type}", name.value);
                    diagnostics
                        .push(Diagnostic::error(Code::E0632, name.span, message).hint("name its fields"));
                    return None;
                };
                fields[slot] = read(value, field, date, diagnostics)?;
            }
            Some(Value::structure(fields))
        }
        _ => {
            diagnostics.push(wrong(written, data_type));
            None
        }
    }
}

/// A constant expression, in the column's type: numbers widen if nothing is lost, texts are read.
fn scalar(
    expr: &ast::Expr,
    written: &TestValue,
    data_type: DataType,
    date: Option<Date>,
    diagnostics: &mut Diagnostics,
) -> Option<Value> {
    if matches!(expr.kind, ast::ExprKind::Null) {
        return Some(Value::Null);
    }
    let (expr, span) = (expr::scalar(expr, &Scope::default(), diagnostics)?, expr.span);
    let value = folded::value(&expr, span, diagnostics)?;
    let read = match (&value, data_type) {
        _ if expr.data_type == data_type => Some(value),
        (Value::String(of), _) => text(of, data_type, date),
        (Value::Int(ms), DataType::Timestamp) => Some(Value::Timestamp(EventTime(*ms))),
        (Value::Decimal(decimal), DataType::Decimal { precision, scale }) => {
            let exact = decimal.rescale(scale, Rounding::Exact);
            exact.and_then(|exact| exact.fit(precision, scale)).map(Value::Decimal)
        }
        (Value::Int(_), DataType::Double | DataType::Decimal { .. })
        | (Value::Decimal(_), DataType::Double) => match functions::cast_rule(expr.data_type, data_type) {
            CastRule::Allowed { .. } => Some(functions::cast(&value, expr.data_type, data_type)),
            CastRule::OnlyLenient | CastRule::Refused => None,
        },
        _ => None,
    };
    let read = read.filter(|value| !value.is_null());
    if read.is_none() {
        diagnostics.push(wrong(written, data_type));
    }
    read
}

/// A value from its text.
fn text(text: &str, data_type: DataType, date: Option<Date>) -> Option<Value> {
    match data_type {
        DataType::String => Some(Value::string(text)),
        DataType::Timestamp => time::read(text, date).map(|ms| Value::Timestamp(EventTime(ms))),
        DataType::Date => text.parse().ok().map(Value::Date),
        DataType::Decimal { precision, scale } => {
            let exact = text.parse::<Decimal>().ok()?.rescale(scale, Rounding::Exact)?;
            exact.fit(precision, scale).map(Value::Decimal)
        }
        DataType::Int => text.parse().ok().map(Value::Int),
        DataType::Bool => text.parse().ok().map(Value::Bool),
        DataType::Bytes => Some(Value::bytes(text.as_bytes())),
        DataType::Double | DataType::List(_) | DataType::Map(_) | DataType::Struct(_) => None,
    }
}

fn wrong(written: &TestValue, data_type: DataType) -> Diagnostic {
    let example = match data_type {
        DataType::String => "a text like 'a'".to_owned(),
        DataType::Int => "a whole number like 5".to_owned(),
        DataType::Double => "a number like 0.5".to_owned(),
        DataType::Bool => "true or false".to_owned(),
        DataType::Bytes => "a text, whose bytes are taken".to_owned(),
        DataType::Date => "a day like '2024-05-01'".to_owned(),
        DataType::Decimal { scale, .. } => format!("a number with at most {scale} digits behind the point"),
        DataType::Timestamp => "a time like '10:00' or '2024-05-01T10:00:00Z'".to_owned(),
        DataType::List(_) => "a list like [1, 2]".to_owned(),
        DataType::Map(_) => "a map like {'a': 1}".to_owned(),
        DataType::Struct(_) => "a struct like {a: 1}".to_owned(),
    };
    let message = format!("expected a value of type {data_type}, found {}", found(written));
    Diagnostic::error(Code::E0633, span(written), message).hint(format!("write {example}"))
}

fn found(written: &TestValue) -> &'static str {
    match written {
        TestValue::List(..) => "a list",
        TestValue::Object(..) => "a map",
        TestValue::Scalar(expr) => match expr.kind {
            ast::ExprKind::Null => "null",
            ast::ExprKind::Bool(_) => "true or false",
            ast::ExprKind::String(_) => "a text",
            ast::ExprKind::Int(_) => "a whole number",
            ast::ExprKind::Decimal(_) | ast::ExprKind::Double(_) => "a number with a fraction",
            _ => "an expression of another value",
        },
    }
}

fn span(written: &TestValue) -> Span {
    match written {
        TestValue::Scalar(expr) => expr.span,
        TestValue::List(_, span) | TestValue::Object(_, span) => *span,
    }
}
