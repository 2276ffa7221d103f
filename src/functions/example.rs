//! The catalog's examples as typed expressions: each engine runs them.

use crate::types::{DataType, Value};

use super::entry::{Example, Type, TypeError};
use super::{Expr, ExprKind, FunctionId, cast, literal};

impl Example {
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
    let values: Vec<_> = arguments.iter().map(|text| read(text)).collect();
    let types: Vec<_> =
        values.iter().map(|(value, own)| Type { data_type: *own, nullable: value.is_null() }).collect();
    let signature = (function.entry().rule)(&types)?;
    let arguments = values
        .into_iter()
        .zip(&signature.arguments)
        .map(|((value, own), target)| constant(cast(&value, own.unwrap_or(*target), *target), *target));
    let kind = ExprKind::Call { function, arguments: arguments.collect() };
    Ok(Expr { kind, data_type: signature.result, nullable: signature.nullable })
}

pub(super) fn constant(value: Value, data_type: DataType) -> Expr {
    let nullable = value.is_null();
    Expr { kind: ExprKind::Literal(value), data_type, nullable }
}

/// The value and type of a literal of the catalog, which are all well formed; null has no type.
pub(super) fn read(text: &str) -> (Value, Option<DataType>) {
    match text {
        "null" => (Value::Null, None),
        "true" | "false" => (Value::Bool(text == "true"), Some(DataType::Bool)),
        _ if text.starts_with('\'') => (Value::string(&text[1..text.len() - 1]), Some(DataType::String)),
        _ if text.contains('e') => {
            (literal::double(text).expect("the catalog's literals are sound"), Some(DataType::Double))
        }
        _ if text.contains('.') => {
            let (value, data_type) = literal::decimal(text).expect("the catalog's literals are sound");
            (value, Some(data_type))
        }
        _ => (literal::int(text).expect("the catalog's literals are sound"), Some(DataType::Int)),
    }
}
