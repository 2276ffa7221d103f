//! Tests: what they are about, and the values in their rows. The steps are in `steps`.

use crate::diag::{Code, Diagnostic, Spanned};
use crate::syntax::ast::{Expr, ExprKind, Name, Test, TestRow, TestValue};
use crate::syntax::dsl::read;
use crate::syntax::words::Kind;
use crate::syntax::yaml::reader::{Entry, Node, NodeKind, Scalar};
use crate::syntax::yaml::values::Values;

use super::{steps::step, unknown_clause};

pub(super) fn test(values: &mut Values<'_>, title: Name, clauses: &[Entry]) -> Test {
    let mut test = Test::titled(title);
    for entry in clauses {
        match entry.key.text.as_str() {
            "of" => test.of = values.read(entry, "the name of a definition", read::name),
            "title" => {
                if let Some(title) = values.string(entry, "a text") {
                    test.title = title;
                }
            }
            "date" => test.date = values.string(entry, "a day like `2024-05-01`"),
            "steps" => {
                for item in
                    values.items(entry, "a list of steps like `{event: purchases, at: '10:00', values: {…}}`")
                {
                    test.steps.extend(step(values, item));
                }
            }
            _ => unknown_clause(values, Kind::Test, entry),
        }
    }
    test
}

/// A map of columns and values; `None` if a value is wrong, which is reported.
pub(super) fn row(values: &mut Values<'_>, entry: &Entry) -> Option<TestRow> {
    let mut row = Some(TestRow::new());
    for cell in values.entries_of(entry, "a map of columns and values") {
        let name = values.name(&cell.key);
        let value = value(values, &cell.value);
        row = row.zip(value).map(|(mut row, value)| {
            row.push((name, value));
            row
        });
    }
    row.filter(|_| matches!(entry.value.kind, NodeKind::Map(_)))
}

/// Numbers, `true`, `false` and `null` are themselves, what begins with `=` is an expression, everything
/// else is a text. Recursion ends at the reader's nesting limit.
fn value(values: &mut Values<'_>, node: &Node) -> Option<TestValue> {
    match &node.kind {
        NodeKind::Null => Some(TestValue::Scalar(Expr { kind: ExprKind::Null, span: node.span })),
        NodeKind::Refused => None,
        NodeKind::Scalar(scalar) => self::scalar(values, scalar).map(TestValue::Scalar),
        NodeKind::List(items) => {
            let items: Vec<_> = items.iter().map(|item| value(values, item)).collect();
            Some(TestValue::List(items.into_iter().collect::<Option<_>>()?, node.span))
        }
        NodeKind::Map(entries) => {
            let entry = |entry: &Entry| {
                let key = Spanned::new(entry.key.text.clone(), entry.key.span);
                Some((key, value(values, &entry.value)?))
            };
            let entries: Vec<_> = entries.iter().map(entry).collect();
            Some(TestValue::Object(entries.into_iter().collect::<Option<_>>()?, node.span))
        }
    }
}

fn scalar(values: &mut Values<'_>, scalar: &Scalar) -> Option<Expr> {
    if scalar.text.starts_with('=') {
        return values.read_after(scalar, 1, read::expr);
    }
    let kind = match scalar.text.as_str() {
        "true" if scalar.is_plain => ExprKind::Bool(true),
        "false" if scalar.is_plain => ExprKind::Bool(false),
        text if scalar.is_plain && is_number(text) => return values.read_scalar(scalar, read::expr),
        text if scalar.is_plain && is_ambiguous(text) => {
            let message = format!("`{text}` is a text here, and something else to other readers of YAML");
            let hint =
                format!("write '{text}' in quotes, or the value that is meant: `true`, `1000`, `null`");
            values.report(Diagnostic::error(Code::E0127, scalar.span, message).hint(hint));
            return None;
        }
        text => ExprKind::String(text.into()),
    };
    Some(Expr { kind, span: scalar.span })
}

/// `-1`, `0.5`, `1.5e-3`
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    digits(whole) && digits(fraction) && digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))
}

/// What some version of YAML reads as a bool, a null or a number.
fn is_ambiguous(text: &str) -> bool {
    let word = text.to_ascii_lowercase();
    let words =
        ["true", "false", "yes", "no", "on", "off", "y", "n", "null", ".nan", ".inf", "+.inf", "-.inf"];
    let number = word.strip_prefix(['+', '-']).unwrap_or(&word);
    let numeric = number.starts_with(|c: char| c.is_ascii_digit())
        && number.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'_' | b'.' | b'x' | b'o'));
    words.contains(&word.as_str())
        || numeric && (number.contains('_') || number.starts_with("0x") || number.starts_with("0o"))
        || is_number(number) && text.starts_with('+')
        || is_number(&format!("0{number}")) && number.starts_with('.')
}
