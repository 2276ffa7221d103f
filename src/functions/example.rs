//! The catalog's examples as typed expressions: each engine runs them.

use crate::types::{DataType, Value};

use super::entry::{Entry, Example, Notation, Type, TypeError};
use super::{Expr, ExprKind, FunctionId, cast, literal};

impl Example {
    /// The call as a user writes it.
    #[must_use]
    pub fn text(&self, entry: &Entry) -> String {
        let name = entry.name;
        match (entry.notation, self.arguments) {
            (Notation::Infix, [left, right]) => format!("{left} {name} {right}"),
            (Notation::Prefix, [operand]) if name == "-" => format!("-({operand})"),
            (Notation::Prefix, [operand]) => format!("{name} {operand}"),
            (Notation::Postfix, [operand]) => format!("{operand} {name}"),
            (Notation::List, [operand, list @ ..]) => format!("{operand} {name} ({})", list.join(", ")),
            (_, [now, arguments @ ..]) if entry.id.is_of_now() => {
                format!("{name}({}) as of {now}", arguments.join(", "))
            }
            _ => format!("{name}({})", self.arguments.join(", ")),
        }
    }

    /// The call as the model would build it: typed by the rule, arguments cast to what the rule asks for.
    ///
    /// # Errors
    /// When the type rule refuses the arguments.
    pub fn call(&self, function: FunctionId) -> Result<Expr, TypeError> {
        call(function, self.arguments)
    }
}

/// The function applied to arguments given as SQL literals.
///
/// # Errors
/// When the type rule refuses the arguments.
pub(super) fn call(function: FunctionId, arguments: &[&str]) -> Result<Expr, TypeError> {
    let read: Vec<_> = arguments.iter().map(|text| read(text)).collect();
    let literal = |(value, own): &(Value, Option<DataType>)| {
        Expr::literal(value.clone(), own.unwrap_or(DataType::Bool))
    };
    let constants: Vec<_> = read.iter().map(literal).collect();
    let types: Vec<_> = constants.iter().map(Type::of).collect();
    let signature = function.entry().signature(&types)?;
    let arguments = read
        .into_iter()
        .zip(&signature.arguments)
        .map(|((value, own), target)| Expr::literal(cast(&value, own.unwrap_or(*target), *target), *target));
    let kind = ExprKind::Call { function, arguments: arguments.collect() };
    Ok(Expr { kind, data_type: signature.result, nullable: signature.nullable })
}

/// The value and type of a literal of the catalog, which are all well formed; null has no type.
///
/// Beside the language's own literals there are `x'ff'`, `[1, 2]` and `{'a': 1}`, as values print.
pub(super) fn read(text: &str) -> (Value, Option<DataType>) {
    let mut reader = Reader { rest: text };
    let found = reader.literal();
    assert!(reader.rest.is_empty(), "the catalog's literals are sound: {text}");
    found
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn take(&mut self, prefix: &str) -> bool {
        let rest = self.rest.strip_prefix(prefix);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn literal(&mut self) -> (Value, Option<DataType>) {
        if self.take("[") {
            return self.list();
        }
        if self.take("{") {
            return self.map();
        }
        for (prefix, typed) in
            [("timestamp ", DataType::Timestamp), ("date ", DataType::Date), ("x", DataType::Bytes)]
        {
            if self.take(prefix) {
                return (of_text(&self.text(), typed), Some(typed));
            }
        }
        if self.rest.starts_with('\'') {
            return (Value::string(self.text()), Some(DataType::String));
        }
        let end = self.rest.find([',', ']', '}', ':']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        plain(word)
    }

    /// What stands in single quotes, of which two are one inside.
    fn text(&mut self) -> String {
        assert!(self.take("'"), "a text begins with a quote: {}", self.rest);
        let mut text = String::new();
        loop {
            let end = self.rest.find('\'').expect("a text ends with a quote");
            text += &self.rest[..end];
            self.rest = &self.rest[end + 1..];
            if !self.take("'") {
                return text;
            }
            text.push('\'');
        }
    }

    fn list(&mut self) -> (Value, Option<DataType>) {
        let mut elements = Vec::new();
        while !self.take("]") {
            elements.push(self.literal());
            self.take(", ");
        }
        let (values, data_type, nullable) = unified(elements);
        (Value::list(values), Some(DataType::list(data_type, nullable)))
    }

    fn map(&mut self) -> (Value, Option<DataType>) {
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        while !self.take("}") {
            keys.push(self.literal());
            assert!(self.take(": "), "a key is followed by a value: {}", self.rest);
            values.push(self.literal());
            self.take(", ");
        }
        let ((keys, key, _), (values, value, nullable)) = (unified(keys), unified(values));
        let entries = keys.into_iter().zip(values).collect();
        (Value::map(entries), Some(DataType::map(key, value, nullable)))
    }
}

/// Values of one type, which is int where nothing tells.
fn unified(parts: Vec<(Value, Option<DataType>)>) -> (Vec<Value>, DataType, bool) {
    let widen = |known: Option<DataType>, (_, own): &(Value, Option<DataType>)| match (known, *own) {
        (known, None) => known,
        (None, own) => own,
        (Some(known), Some(own)) => Some(known.widen(own).expect("the catalog's lists have one type")),
    };
    let common = parts.iter().fold(None, widen).unwrap_or(DataType::Int);
    let nullable = parts.iter().any(|(value, _)| value.is_null());
    let values = parts.into_iter().map(|(value, own)| cast(&value, own.unwrap_or(common), common));
    (values.collect(), common, nullable)
}

fn of_text(text: &str, data_type: DataType) -> Value {
    match data_type {
        DataType::Timestamp => Value::Timestamp(text.parse().expect("a time")),
        DataType::Date => Value::Date(text.parse().expect("a date")),
        _ => {
            let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal digits");
            Value::bytes((0..text.len()).step_by(2).map(digit).collect::<Vec<_>>())
        }
    }
}

fn plain(word: &str) -> (Value, Option<DataType>) {
    match word {
        "null" => (Value::Null, None),
        "true" | "false" => (Value::Bool(word == "true"), Some(DataType::Bool)),
        _ if word.contains('e') => {
            (literal::double(word).expect("the catalog's literals are sound"), Some(DataType::Double))
        }
        _ if word.contains('.') => {
            let (value, data_type) = literal::decimal(word).expect("the catalog's literals are sound");
            (value, Some(data_type))
        }
        _ => (literal::int(word).expect("the catalog's literals are sound"), Some(DataType::Int)),
    }
}
