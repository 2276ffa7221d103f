//! Lets: projections that append named columns, of group bys and streams alike.

use crate::diag::Span;
use crate::functions::Expr;
use crate::model::Column;
use crate::plan::{Node, NodeId, Operator};
use crate::types::{Field, Schema};

use super::Lowering;

impl Lowering<'_> {
    /// One projection per level of lets that use each other: nesting them into one expression
    /// could double its size with each level.
    pub(super) fn lets(&mut self, definition: &str, span: Span, lets: &[Column], input: NodeId) -> NodeId {
        let scope_start = self.plan.node(input).output.len();
        let levels = levels(lets, scope_start);
        let mut placed: Vec<usize> = (0..scope_start).collect();
        let mut last = input;
        for (number, level) in levels.iter().enumerate() {
            let mut output = self.plan.node(last).output.clone();
            let mut columns: Vec<_> = output.fields.iter().enumerate().map(pass).collect();
            for index in level {
                let column = &lets[*index];
                columns.push(column.expr.remap(&slot_in(&placed)));
                output.fields.push(field(column));
            }
            placed.extend(level.iter().map(|index| scope_start + index));
            let name = if number == 0 { "project".to_owned() } else { format!("project_{}", number + 1) };
            last = self
                .plan
                .add(Node::new(definition, &name, span, Operator::Project { columns }, output), &[last]);
        }
        self.in_scope_order(definition, span, &placed, last)
    }

    /// Levels may have placed the lets in another order than the scope's slots: puts them right.
    fn in_scope_order(&mut self, definition: &str, span: Span, placed: &[usize], last: NodeId) -> NodeId {
        if placed.is_sorted() {
            return last;
        }
        let output = &self.plan.node(last).output;
        let mut fields: Vec<_> = placed.iter().zip(output.fields.iter().enumerate()).collect();
        fields.sort_by_key(|(slot, _)| **slot);
        let columns = fields.iter().map(|(_, field)| pass(*field)).collect();
        let output = Schema { fields: fields.iter().map(|(_, (_, field))| (*field).clone()).collect() };
        self.plan.add(Node::new(definition, "order", span, Operator::Project { columns }, output), &[last])
    }
}

/// The positions of the lets by level: a let stands one level below the deepest let it uses.
fn levels(lets: &[Column], scope_start: usize) -> Vec<Vec<usize>> {
    let mut level_of: Vec<usize> = Vec::with_capacity(lets.len());
    let mut levels: Vec<Vec<usize>> = Vec::new();
    for (index, column) in lets.iter().enumerate() {
        let mut slots = Vec::new();
        column.expr.collect_columns(&mut slots);
        let used = slots.iter().filter_map(|slot| slot.checked_sub(scope_start));
        let level = used.filter_map(|used| level_of.get(used)).map(|level| level + 1).max().unwrap_or(0);
        level_of.push(level);
        levels.resize_with(levels.len().max(level + 1), Vec::new);
        levels[level].push(index);
    }
    levels
}

/// Where a slot of the scope stands in a row that holds the slots `placed`.
fn slot_in(placed: &[usize]) -> impl Fn(usize) -> usize {
    |slot| placed.iter().position(|placed| *placed == slot).expect("a let uses only lets of levels before it")
}

fn pass((slot, field): (usize, &Field)) -> Expr {
    Expr::column(slot, field.data_type, field.nullable)
}

fn field(column: &Column) -> Field {
    Field::new(&column.name, column.expr.data_type, column.expr.nullable)
}
