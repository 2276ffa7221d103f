//! Mermaid: pictures inside Markdown.

use std::fmt::Write as _;

use crate::plan::Plan;

use super::card::{Card, cards};

/// The plan as a Mermaid flow chart.
#[must_use]
pub fn mermaid(plan: &Plan) -> String {
    let mut text = "flowchart TD\n".to_owned();
    let cards = cards(plan);
    for card in &cards {
        let _ = writeln!(text, "  {}[\"{}\"]", card.id, label(card));
    }
    for card in &cards {
        for input in &card.inputs {
            let _ = writeln!(text, "  {input} --> {}", card.id);
        }
    }
    text
}

fn label(card: &Card) -> String {
    let head = format!("<b>{}</b> {}", escaped(&card.title), card.kind);
    let lines = card.lines.iter().map(|line| escaped(line));
    [head].into_iter().chain(lines).collect::<Vec<_>>().join("<br/>")
}

/// Mermaid reads a label as HTML, and ends it at a quote.
fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, c| {
        match c {
            '"' => escaped += "#quot;",
            '<' => escaped += "#lt;",
            '>' => escaped += "#gt;",
            '#' => escaped += "#35;",
            '&' => escaped += "#amp;",
            '`' => escaped += "#96;",
            '\n' => escaped.push(' '),
            c => escaped.push(c),
        }
        escaped
    })
}
