//! Graphviz: `dot -Tsvg`.

use std::fmt::Write as _;

use crate::plan::Plan;

use super::card::{Card, cards};

/// The plan in the dot language.
#[must_use]
pub fn dot(plan: &Plan) -> String {
    let mut text = format!("digraph {} {{\n", quoted(&plan.deployment));
    text += "  node [shape=box, style=rounded, fontname=\"monospace\", fontsize=11];\n";
    for card in cards(plan) {
        let _ = writeln!(text, "  \"{}\" [label={}];", card.id, label(&card));
        for input in &card.inputs {
            let _ = writeln!(text, "  \"{input}\" -> \"{}\";", card.id);
        }
    }
    text + "}\n"
}

/// `\l` ends a line that is aligned to the left.
fn label(card: &Card) -> String {
    let mut label = format!("\"{}: {}\\l", card.kind, escaped(&card.title));
    for line in &card.lines {
        label += &escaped(line);
        label += "\\l";
    }
    label + "\""
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', " ")
}
