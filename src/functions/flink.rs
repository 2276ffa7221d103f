//! Expressions as Flink SQL: the only printer. Every form gives the value that [`super::eval()`]
//! gives, or is refused.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::types::{DataType, Element, Field, Value};

use super::entry::{Flink, NoForm, Printed};
use super::parameter::{self, Parameter, Takes};
use super::{CastRule, Expr, ExprKind, FunctionId, cast_rule};

/// The least BIGINT; as a plain literal it would be a decimal with a minus before it.
pub(super) const INT_MIN: &str = "CAST('-9223372036854775808' AS BIGINT)";

/// Guards repeat what they guard, so nested ones grow fast; beyond this no person reads the query.
const LENGTH_MAX: usize = 100_000;

/// The functions whose forms a real Flink has computed as [`super::eval()`] does, by name: a test writes it.
const PROVEN: &str = include_str!("flink_proven.txt");

/// The expression in Flink SQL; `column` prints the column of a slot.
///
/// # Errors
/// When a function or cast in it has no form that is equal in every case, or none that has been run.
pub fn sql(expr: &Expr, column: &impl Fn(usize) -> String) -> Result<String, NoForm> {
    match unproven(expr) {
        Some(function) => {
            let why = "its form has not been run beside the others on a real Flink, or gave something else";
            Err(NoForm { what: function.entry().name.into(), why })
        }
        None => form(expr, column),
    }
}

/// As [`sql`], whether it has been run or not.
///
/// # Errors
/// When a function or cast in it has no form.
pub fn form(expr: &Expr, column: &impl Fn(usize) -> String) -> Result<String, NoForm> {
    let text = unguarded(expr, column)?;
    let text = if is_double_arithmetic(expr) { finite(&text) } else { text };
    if text.len() > LENGTH_MAX {
        let why = "its guards make it longer than 100 kB; take it apart into smaller definitions";
        return Err(NoForm { what: "an expression this deep".into(), why });
    }
    Ok(text)
}

/// A function in the expression that has a form which has not been run.
fn unproven(expr: &Expr) -> Option<FunctionId> {
    match &expr.kind {
        ExprKind::Literal(_) | ExprKind::Column(_) => None,
        ExprKind::Call { function, arguments } => {
            let has_form = !matches!(function.entry().flink, Flink::Refused(_));
            let own = (has_form && !is_proven(*function)).then_some(*function);
            own.or_else(|| arguments.iter().find_map(unproven))
        }
        ExprKind::Case { arms, otherwise } => {
            let parts = arms.iter().flat_map(|(when, then)| [when, then]);
            parts.chain([&**otherwise]).find_map(unproven)
        }
        ExprKind::Field(operand, _) | ExprKind::Cast(operand) => unproven(operand),
    }
}

fn is_proven(function: FunctionId) -> bool {
    static NAMES: LazyLock<BTreeSet<&str>> = LazyLock::new(|| PROVEN.lines().collect());
    NAMES.contains(function.entry().name)
}

/// The forms of a function, over arguments by their names: one for each that its examples need, or why
/// there is none.
#[must_use]
pub fn forms(function: FunctionId) -> Vec<Result<String, NoForm>> {
    let entry = function.entry();
    let mut forms = Vec::new();
    for call in entry.examples.iter().filter_map(|example| example.call(function).ok()) {
        let ExprKind::Call { arguments, .. } = &call.kind else { continue };
        let printed = |named: usize| {
            let by_name = |(position, argument): (usize, &Expr)| {
                let takes = parameter::at(entry.parameters, position).map(|parameter| parameter.takes);
                let is_literal = takes.is_some_and(Takes::is_literal) || position >= named;
                let kind = if is_literal { argument.kind.clone() } else { ExprKind::Column(position) };
                Expr { kind, ..argument.clone() }
            };
            let arguments = arguments.iter().enumerate().map(by_name).collect();
            let call = Expr { kind: ExprKind::Call { function, arguments }, ..call.clone() };
            sql(&call, &|position| parameter_name(entry.parameters, position))
        };
        // Some forms need literals behind the first argument, like the pattern of `like`.
        let form = printed(usize::MAX).or_else(|_| printed(1));
        if !forms.contains(&form) {
            forms.push(form);
        }
    }
    forms
}

fn parameter_name(parameters: &[Parameter], position: usize) -> String {
    let name = parameter::at(parameters, position).map_or("x", |parameter| parameter.name);
    if position < parameters.len() { name.to_owned() } else { format!("{name}{}", position + 1) }
}

/// As [`sql`], but the result of double arithmetic may be infinite, NaN or -0.0.
fn unguarded(expr: &Expr, column: &impl Fn(usize) -> String) -> Result<String, NoForm> {
    match &expr.kind {
        ExprKind::Literal(value) => literal(value, expr.data_type),
        ExprKind::Column(slot) => Ok(column(*slot)),
        ExprKind::Call { function, arguments } => {
            let print = |(position, argument): (usize, &Expr)| {
                let absorbed = is_double_arithmetic(expr) && absorbs(*function, position);
                if absorbed { unguarded(argument, column) } else { form(argument, column) }
            };
            let printed = arguments
                .iter()
                .enumerate()
                .map(|argument| Ok(Printed { sql: print(argument)?, expr: argument.1 }))
                .collect::<Result<Vec<_>, _>>()?;
            call(*function, &printed, expr.data_type)
        }
        ExprKind::Case { arms, otherwise } => {
            let arms = arms
                .iter()
                .map(|(when, then)| Ok(format!("WHEN {} THEN {}", form(when, column)?, form(then, column)?)))
                .collect::<Result<Vec<_>, _>>()?;
            Ok(format!("(CASE {} ELSE {} END)", arms.join(" "), form(otherwise, column)?))
        }
        ExprKind::Field(operand, position) => field(operand, *position, column),
        ExprKind::Cast(operand) => cast(&form(operand, column)?, operand.data_type, expr.data_type),
    }
}

/// A struct that is null has null fields there too.
fn field(operand: &Expr, position: usize, column: &impl Fn(usize) -> String) -> Result<String, NoForm> {
    let DataType::Struct(fields) = operand.data_type else {
        return Err(NoForm { what: "a field".into(), why: "its operand is no struct" });
    };
    Ok(format!("({}).`{}`", form(operand, column)?, fields.fields[position].name))
}

/// Whether Flink may put out a double here that windrow's rule S7 does not know.
fn is_double_arithmetic(expr: &Expr) -> bool {
    let ExprKind::Call { function, .. } = &expr.kind else { return false };
    expr.data_type == DataType::Double && absorbs(*function, 0)
}

/// Whether an infinite or NaN argument at `position` always gives an infinite or NaN result, which
/// the guard around the whole turns into null. A divisor does not: 1 / infinity is 0.
const fn absorbs(function: FunctionId, position: usize) -> bool {
    match function {
        FunctionId::Add | FunctionId::Subtract | FunctionId::Multiply | FunctionId::Negate => true,
        FunctionId::Divide => position == 0,
        _ => false,
    }
}

/// The name of a type in Flink SQL. A timestamp is an instant, to the millisecond.
#[must_use]
pub fn type_name(data_type: DataType) -> String {
    match data_type {
        DataType::String => "STRING".into(),
        DataType::Int => "BIGINT".into(),
        DataType::Double => "DOUBLE".into(),
        DataType::Bool => "BOOLEAN".into(),
        DataType::Decimal { precision, scale } => format!("DECIMAL({precision}, {scale})"),
        DataType::Timestamp => "TIMESTAMP_LTZ(3)".into(),
        DataType::Bytes => "BYTES".into(),
        DataType::Date => "DATE".into(),
        DataType::List(element) => format!("ARRAY<{}>", element_name(*element)),
        DataType::Map(map) => format!("MAP<{} NOT NULL, {}>", type_name(map.key), element_name(map.value)),
        DataType::Struct(fields) => {
            let element = |field: &Field| Element { data_type: field.data_type, nullable: field.nullable };
            let field = |field: &Field| format!("`{}` {}", field.name, element_name(element(field)));
            format!("ROW<{}>", fields.fields.iter().map(field).collect::<Vec<_>>().join(", "))
        }
    }
}

fn element_name(element: Element) -> String {
    format!("{}{}", type_name(element.data_type), if element.nullable { "" } else { " NOT NULL" })
}

fn call(function: FunctionId, arguments: &[Printed], result: DataType) -> Result<String, NoForm> {
    match function.entry().flink {
        Flink::Template(template) => Ok(fill(template, arguments)),
        Flink::Build(build) => build(arguments, result),
        Flink::Refused(why) => Err(NoForm { what: function.entry().name.into(), why }),
    }
}

/// Replaces the template's marks in one pass: a printed argument may hold what looks like a mark.
fn fill(template: &str, arguments: &[Printed]) -> String {
    let mut pieces = template.split('{');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (mark, rest) = piece.split_once('}').expect("templates close their marks");
        text += &match mark {
            "*" => arguments.iter().map(|argument| argument.sql.as_str()).collect::<Vec<_>>().join(", "),
            position => arguments[position.parse::<usize>().expect("marks are * or a position")].sql.clone(),
        };
        text += rest;
    }
    text
}

fn literal(value: &Value, data_type: DataType) -> Result<String, NoForm> {
    let typed = |text: String| format!("CAST({text} AS {})", type_name(data_type));
    Ok(match value {
        Value::Null => typed("NULL".into()),
        Value::Bool(value) => value.to_string().to_uppercase(),
        Value::Int(i64::MIN) => INT_MIN.into(),
        Value::Int(value) => typed(value.to_string()),
        Value::Double(value) => typed(format!("{value:E}")),
        Value::Decimal(value) => typed(format!("'{value}'")),
        Value::String(text) => typed(format!("'{}'", text.replace('\'', "''"))),
        Value::Timestamp(time) => format!("TO_TIMESTAMP_LTZ({}, 3)", time.millis()),
        Value::Date(date) => format!("DATE '{date}'"),
        Value::Bytes(_) => typed(format!("x'{value}'")),
        Value::List(elements) if !elements.is_empty() => {
            let DataType::List(element) = data_type else { return Ok(typed("NULL".into())) };
            let array = format!("ARRAY[{}]", parts(elements.iter().map(|part| (part, element.data_type)))?);
            typed_list(&typed(array))
        }
        Value::Map(entries) if !entries.is_empty() => {
            let DataType::Map(map) = data_type else { return Ok(typed("NULL".into())) };
            let both = entries.iter().flat_map(|(key, value)| [(key, map.key), (value, map.value.data_type)]);
            typed(format!("MAP[{}]", parts(both)?))
        }
        Value::List(_) | Value::Map(_) | Value::Struct(_) => {
            let why = "empty ones and nulls in them have no type there";
            return Err(NoForm { what: format!("a literal {data_type}"), why });
        }
    })
}

fn parts<'v>(values: impl Iterator<Item = (&'v Value, DataType)>) -> Result<String, NoForm> {
    let parts: Vec<_> =
        values.map(|(value, data_type)| literal(value, data_type)).collect::<Result<_, _>>()?;
    Ok(parts.join(", "))
}

fn cast(operand: &str, from: DataType, to: DataType) -> Result<String, NoForm> {
    let no_form = |why| Err(NoForm { what: format!("a cast of {from} to {to}"), why });
    let name = type_name(to);
    match (from, to) {
        _ if from == to => Ok(operand.into()),
        (DataType::String, _) => no_form("Flink reads more texts than windrow does"),
        (DataType::Double, DataType::Decimal { .. }) => {
            no_form("the JVM's text of a double is not always the shortest")
        }
        (DataType::Timestamp, DataType::String) | (DataType::Date, _) | (_, DataType::Date) => {
            no_form("it has not been run beside the others on a real Flink yet")
        }
        (DataType::List(_) | DataType::Map(_) | DataType::Struct(_), _) => {
            no_form("a part that becomes null is kept there, or fails")
        }
        (DataType::Bool, DataType::String) => {
            Ok(format!("(CASE WHEN {operand} THEN 'true' WHEN NOT {operand} THEN 'false' END)"))
        }
        // Flink saturates a double and wraps a decimal that is out of range.
        (DataType::Double, DataType::Int) => Ok(format!(
            "(CASE WHEN {operand} >= -9.223372036854775808E18 AND {operand} < 9.223372036854775808E18 \
             THEN CAST({operand} AS BIGINT) END)"
        )),
        (DataType::Decimal { .. }, DataType::Int) => match cast_rule(from, to) {
            CastRule::Allowed { nullable: true } => {
                // 2^63 - 1 plus any fraction still truncates into range.
                // The bounds as texts: Flink refuses whole literals beyond BIGINT.
                Ok(format!(
                    "(CASE WHEN {operand} > CAST('-9223372036854775809' AS DECIMAL(19, 0)) \
                     AND {operand} < CAST('9223372036854775808' AS DECIMAL(19, 0)) \
                     THEN CAST({operand} AS BIGINT) END)"
                ))
            }
            _ => Ok(format!("CAST({operand} AS BIGINT)")),
        },
        (_, DataType::Decimal { .. }) => Ok(format!("TRY_CAST({operand} AS {name})")),
        _ => Ok(format!("CAST({operand} AS {name})")),
    }
}

/// A whole decimal result as BIGINT, or null where it does not fit: a decimal would wrap, its text
/// does not.
pub(super) fn int_range(decimal: &str) -> String {
    format!("TRY_CAST(CAST({decimal} AS STRING) AS BIGINT)")
}

/// A list that Flink made, as functions in Java can be given it.
pub(super) fn typed_list(list: &str) -> String {
    format!("`wr_list`({list})")
}

/// A double result by rule S7: not finite is null (no comparison holds for NaN), -0.0 is 0.0.
pub(super) fn finite(double: &str) -> String {
    format!(
        "(CASE WHEN {double} = CAST(0 AS DOUBLE) THEN CAST(0 AS DOUBLE) \
         WHEN ABS({double}) <= 1.7976931348623157E308 THEN {double} END)"
    )
}
