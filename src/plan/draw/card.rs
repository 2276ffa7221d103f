//! What a picture says of a node: a few short lines.

use crate::functions::Expr;
use crate::functions::print::{self, Detail};
use crate::plan::{JoinInput, Node, NodeId, Operator, Plan, PublishMode, kind};
use crate::types::{Duration, Schema};

/// A line in a picture holds this many characters; longer ones end in `…`.
const LINE_CHARS_MAX: usize = 44;
/// A card has this many lines of details; what is left is counted in the last.
const LINES_MAX: usize = 7;

/// One node in a picture.
pub(super) struct Card {
    pub(super) id: NodeId,
    /// The definition it came from.
    pub(super) title: String,
    /// What it does, in one word.
    pub(super) kind: &'static str,
    pub(super) lines: Vec<String>,
    pub(super) inputs: Vec<NodeId>,
}

/// The cards of a plan, in its order.
pub(super) fn cards(plan: &Plan) -> Vec<Card> {
    plan.topological().into_iter().map(|id| card(plan, id)).collect()
}

fn card(plan: &Plan, id: NodeId) -> Card {
    let node = plan.node(id);
    let inputs = plan.inputs(id);
    let rows = inputs.first().map(|input| plan.node(*input).output.clone()).unwrap_or_default();
    Card {
        id,
        title: node.definition.clone(),
        kind: kind(&node.operator),
        lines: shorten(details(plan, node, &rows)),
        inputs,
    }
}

fn shorten(mut lines: Vec<String>) -> Vec<String> {
    if lines.len() > LINES_MAX {
        let more = lines.len() - (LINES_MAX - 1);
        lines.truncate(LINES_MAX - 1);
        lines.push(format!("and {more} more"));
    }
    lines.into_iter().map(cut).collect()
}

fn cut(line: String) -> String {
    if line.chars().count() <= LINE_CHARS_MAX {
        return line;
    }
    line.chars().take(LINE_CHARS_MAX - 1).chain(['…']).collect()
}

fn details(plan: &Plan, node: &Node, rows: &Schema) -> Vec<String> {
    match &node.operator {
        Operator::Source(source) => vec![format!("{} in {}", source.topic, source.group)],
        Operator::Decode(decode) => {
            let kept = decode.fields.iter().filter(|field| field.slot.is_some()).count();
            vec![format!("{} fields checked, {kept} kept", decode.fields.len())]
        }
        Operator::Watermark(watermark) => {
            let field = &rows.fields[watermark.event_time].name;
            vec![format!("trails {field} by {}", Duration::from_ms(watermark.disorder_ms))]
        }
        Operator::Filter { predicate } => vec![plain(predicate, rows)],
        Operator::Project { columns } => computed(columns, node, rows),
        Operator::KeyBy { keys } => vec![names(keys, rows)],
        Operator::Union => vec!["all inputs".to_owned()],
        Operator::Call(call) => vec![call.function.clone()],
        Operator::Table(table) => vec![format!("newest row per {}", names(&table.keys, rows))],
        Operator::Lookup(lookup) => vec![format!("on {}", names(&lookup.on, rows))],
        Operator::WindowAggregate(aggregate) => {
            aggregate.columns.iter().map(|column| column.name.clone()).collect()
        }
        Operator::PointInTimeJoin(join) => {
            let right = |right: &JoinInput| {
                format!("{} on {}", plan.node(right.right).definition, names(&right.on, rows))
            };
            join.rights.iter().map(right).collect()
        }
        Operator::Derive { columns, select } => {
            let is_derived = |slot: &usize| *slot >= rows.len();
            debug_assert_eq!(select.iter().copied().filter(is_derived).count(), columns.len());
            let derived = select.iter().zip(&node.output.fields).filter(|(slot, _)| is_derived(slot));
            derived.map(|(_, field)| field.name.clone()).collect()
        }
        Operator::Publish(publish) => {
            let mode = match publish.mode {
                PublishMode::Latest => "latest",
                PublishMode::Events => "events",
            };
            vec![format!("{} to {}", publish.topic, publish.group), format!("as {mode}")]
        }
    }
}

/// The columns that are computed, not those that pass.
fn computed(columns: &[Expr], node: &Node, rows: &Schema) -> Vec<String> {
    let texts = columns.iter().map(|column| plain(column, rows)).zip(&node.output.fields);
    texts.filter(|(text, f)| *text != f.name).map(|(text, f)| format!("{} = {text}", f.name)).collect()
}

fn plain(expr: &Expr, rows: &Schema) -> String {
    print::text(expr, rows, Detail::Plain)
}

fn names(slots: &[usize], rows: &Schema) -> String {
    slots.iter().map(|slot| rows.fields[*slot].name.as_str()).collect::<Vec<_>>().join(", ")
}
