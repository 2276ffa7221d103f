//! The catalog of scalar functions and operators, and the typed expressions made of them.
//!
//! One entry per function: type rule, evaluator, Flink SQL form, documentation, examples. An
//! expression is total: it never fails on a row, it gives null where SQL has no answer. Entries live
//! in one file per family; a new one is a variant of [`FunctionId`] and what the compiler then asks for.
#![deny(clippy::disallowed_methods)]

mod arithmetic;
mod bits;
mod cast;
mod catalog;
mod choice;
mod code;
mod compare;
mod condition;
mod date_math;
mod date_part;
mod entry;
mod eval;
mod exact;
mod example;
pub mod expr;
mod family;
pub mod flink;
mod function_id;
mod hash;
mod json;
mod list;
pub mod literal;
mod logic;
mod map;
mod math;
mod null;
pub mod parameter;
mod parts;
mod pattern;
pub mod print;
mod rounding;
mod rule;
mod text;
mod time_text;
mod trim;
pub mod zone;

pub use cast::{CastRule, cast, cast_rule};
pub use entry::{
    Entry, Evaluator, Example, Flink, NoForm, Notation, Printed, Rule, Signature, Type, TypeError,
};
pub use eval::{eval, is_true};
pub use expr::{Expr, ExprKind};
pub use family::Family;
pub use function_id::{ALIASES, FunctionId};
pub use parameter::{Parameter, Presence, Takes};

#[cfg(test)]
mod tests;
