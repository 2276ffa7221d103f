//! Expressions as windrow writes them, with the fewest brackets that keep their meaning: for plans,
//! snapshots and explanations. The only printer of typed expressions; never parsed again.

use crate::types::{DataType, Schema};

use super::{Expr, ExprKind, FunctionId, Notation, literal};

/// How much an expression's text tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Every cast, also those that the compiler wrote.
    Typed,
    /// Without casts that only widen a number: as its author wrote it.
    Plain,
}

/// The text of an expression over rows of this schema.
#[must_use]
pub fn text(expr: &Expr, columns: &Schema, detail: Detail) -> String {
    text_by(expr, &|slot| columns.fields[slot].name.clone(), detail)
}

/// The text of an expression; `column` names the column of a slot.
#[must_use]
pub fn text_by(expr: &Expr, column: &impl Fn(usize) -> String, detail: Detail) -> String {
    Printer { column, detail }.print(expr).0
}

struct Printer<'c, C> {
    column: &'c C,
    detail: Detail,
}

/// How tightly a form holds together; brackets go around what is looser than its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tightness {
    Or,
    And,
    Not,
    Comparison,
    Sum,
    Product,
    Sign,
    Atom,
}

impl<C: Fn(usize) -> String> Printer<'_, C> {
    fn print(&self, expr: &Expr) -> (String, Tightness) {
        match &expr.kind {
            ExprKind::Literal(value) => (literal::sql(value), Tightness::Atom),
            ExprKind::Column(slot) => ((self.column)(*slot), Tightness::Atom),
            ExprKind::Call { function, arguments } => self.call(*function, arguments),
            ExprKind::Case { arms, otherwise } => {
                let arm = |(when, then): &(Expr, Expr)| {
                    format!(" when {} then {}", self.print(when).0, self.print(then).0)
                };
                let arms: String = arms.iter().map(arm).collect();
                (format!("case{arms} else {} end", self.print(otherwise).0), Tightness::Atom)
            }
            ExprKind::Field(operand, position) => (self.field(operand, *position), Tightness::Atom),
            ExprKind::Cast(operand) if self.hides_cast(operand.data_type, expr.data_type) => {
                self.print(operand)
            }
            ExprKind::Cast(operand) => {
                (format!("cast({} as {})", self.print(operand).0, expr.data_type), Tightness::Atom)
            }
        }
    }

    fn field(&self, operand: &Expr, position: usize) -> String {
        let name = match operand.data_type {
            DataType::Struct(fields) => fields.fields[position].name.clone(),
            // No expression is built so; a text must not fail over it.
            _ => position.to_string(),
        };
        format!("{}.{name}", self.inside(operand, Tightness::Atom, false))
    }

    fn hides_cast(&self, from: DataType, to: DataType) -> bool {
        self.detail == Detail::Plain && from.is_numeric() && from.widen(to) == Some(to)
    }

    fn call(&self, function: FunctionId, arguments: &[Expr]) -> (String, Tightness) {
        let entry = function.entry();
        let tight = tightness(function);
        let all = |arguments: &[Expr]| {
            arguments.iter().map(|argument| self.print(argument).0).collect::<Vec<_>>().join(", ")
        };
        let text = match (entry.notation, arguments) {
            (Notation::Infix, [left, right]) => {
                let (left, right) = (self.inside(left, tight, false), self.inside(right, tight, true));
                format!("{left} {} {right}", entry.name)
            }
            (Notation::Prefix, [operand]) => {
                let space = if entry.name.ends_with(char::is_alphabetic) { " " } else { "" };
                format!("{}{space}{}", entry.name, self.inside(operand, tight, true))
            }
            (Notation::Postfix, [operand]) => {
                format!("{} {}", self.inside(operand, tight, true), entry.name)
            }
            (Notation::List, [operand, list @ ..]) => {
                format!("{} {} ({})", self.inside(operand, tight, true), entry.name, all(list))
            }
            (Notation::Subscript, [operand, at]) => {
                format!("{}[{}]", self.inside(operand, Tightness::Atom, false), self.print(at).0)
            }
            (
                Notation::Infix
                | Notation::Prefix
                | Notation::Postfix
                | Notation::List
                | Notation::Call
                | Notation::Subscript,
                _,
            ) => {
                format!("{}({})", entry.name, all(arguments))
            }
        };
        let is_atom = matches!(entry.notation, Notation::Call | Notation::Subscript);
        (text, if is_atom { Tightness::Atom } else { tight })
    }

    /// An operand; `strictly`: one that holds together just as loosely needs brackets too.
    fn inside(&self, operand: &Expr, place: Tightness, strictly: bool) -> String {
        let (text, tight) = self.print(operand);
        let is_chain = tight == place && matches!(place, Tightness::Or | Tightness::And);
        if tight > place || is_chain || (tight == place && !strictly && place != Tightness::Comparison) {
            text
        } else {
            format!("({text})")
        }
    }
}

/// Of operators by their place in the grammar; what is written as a call holds together by itself.
fn tightness(function: FunctionId) -> Tightness {
    match function {
        FunctionId::Or => Tightness::Or,
        FunctionId::And => Tightness::And,
        FunctionId::Not => Tightness::Not,
        FunctionId::Add | FunctionId::Subtract | FunctionId::Concat => Tightness::Sum,
        FunctionId::Multiply | FunctionId::Divide | FunctionId::Modulo => Tightness::Product,
        FunctionId::Negate => Tightness::Sign,
        _ => match function.entry().notation {
            Notation::Call | Notation::Subscript => Tightness::Atom,
            Notation::Infix | Notation::Prefix | Notation::Postfix | Notation::List => Tightness::Comparison,
        },
    }
}
