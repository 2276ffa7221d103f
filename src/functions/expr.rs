//! Typed scalar expressions over the columns of one row.

use crate::types::{DataType, Value};

use super::FunctionId;

/// A typed expression. Columns are slots of the row it is evaluated on.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    pub kind: ExprKind,
    pub data_type: DataType,
    pub nullable: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    Literal(Value),
    /// Slot of the input row.
    Column(usize),
    /// Operators (`+`, `and`, `is null`, `in`, `like` …) and named functions alike. Arguments have
    /// been widened by explicit casts, so an entry sees only the types its rule allows.
    Call {
        function: FunctionId,
        arguments: Vec<Expr>,
    },
    /// `case when … then … else … end`; without a match `otherwise`.
    Case {
        arms: Vec<(Expr, Expr)>,
        otherwise: Box<Expr>,
    },
    /// The field at that position of a struct.
    Field(Box<Expr>, usize),
    /// To `data_type`; null where the value does not fit or cannot be read.
    Cast(Box<Expr>),
}

impl Expr {
    #[must_use]
    pub const fn column(slot: usize, data_type: DataType, nullable: bool) -> Self {
        Self { kind: ExprKind::Column(slot), data_type, nullable }
    }

    /// A constant of that type.
    #[must_use]
    pub const fn literal(value: Value, data_type: DataType) -> Self {
        let nullable = value.is_null();
        Self { kind: ExprKind::Literal(value), data_type, nullable }
    }

    /// The field at a position of a struct; null if the struct is.
    ///
    /// # Panics
    /// When the operand is no struct with that many fields.
    #[must_use]
    pub fn field(operand: Self, position: usize) -> Self {
        let DataType::Struct(fields) = operand.data_type else {
            panic!("{} has no fields", operand.data_type)
        };
        let field = &fields.fields[position];
        let (data_type, nullable) = (field.data_type, field.nullable || operand.nullable);
        Self { kind: ExprKind::Field(Box::new(operand), position), data_type, nullable }
    }

    /// The slots it reads, in order of first use, appended to `slots` once each.
    pub fn collect_columns(&self, slots: &mut Vec<usize>) {
        match &self.kind {
            ExprKind::Literal(_) => {}
            ExprKind::Column(slot) => {
                if !slots.contains(slot) {
                    slots.push(*slot);
                }
            }
            ExprKind::Call { arguments, .. } => arguments.iter().for_each(|a| a.collect_columns(slots)),
            ExprKind::Case { arms, otherwise } => {
                for (when, then) in arms {
                    when.collect_columns(slots);
                    then.collect_columns(slots);
                }
                otherwise.collect_columns(slots);
            }
            ExprKind::Field(operand, _) | ExprKind::Cast(operand) => operand.collect_columns(slots),
        }
    }

    /// The sides of a top-level `and`, which are true together or not at all.
    #[must_use]
    pub fn conjuncts(&self) -> Vec<&Self> {
        match &self.kind {
            ExprKind::Call { function: FunctionId::And, arguments } => {
                arguments.iter().flat_map(Self::conjuncts).collect()
            }
            _ => vec![self],
        }
    }

    /// The same expression over another row layout.
    #[must_use]
    pub fn remap(&self, slot_of: &impl Fn(usize) -> usize) -> Self {
        let kind = match &self.kind {
            ExprKind::Literal(value) => ExprKind::Literal(value.clone()),
            ExprKind::Column(slot) => ExprKind::Column(slot_of(*slot)),
            ExprKind::Call { function, arguments } => ExprKind::Call {
                function: *function,
                arguments: arguments.iter().map(|a| a.remap(slot_of)).collect(),
            },
            ExprKind::Case { arms, otherwise } => ExprKind::Case {
                arms: arms.iter().map(|(w, t)| (w.remap(slot_of), t.remap(slot_of))).collect(),
                otherwise: Box::new(otherwise.remap(slot_of)),
            },
            ExprKind::Field(operand, position) => {
                ExprKind::Field(Box::new(operand.remap(slot_of)), *position)
            }
            ExprKind::Cast(operand) => ExprKind::Cast(Box::new(operand.remap(slot_of))),
        };
        Self { kind, data_type: self.data_type, nullable: self.nullable }
    }
}
