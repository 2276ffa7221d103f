//! Columns: pads the cells of neighbouring lines to one width, and their comments to one column.

use std::collections::BTreeMap;

use super::WIDTH_MAX;
use super::lines::{Content, Line};
use super::shape::{Class, Form};
use super::spacing::joined;
use super::token::Token;
use super::wrap;

/// A wider cell is not waited for: it would push all others to the right.
const CELL_MAX: usize = 48;

/// So much further than others the column of windows stands apart.
const WINDOW_GAP: usize = 3;

/// The comment of a wider line stands right behind it.
const COMMENTED_MAX: usize = 60;

/// How wide the cells of a section are: the first by class, later ones by form and number.
#[derive(Debug, Default)]
struct Widths {
    first: BTreeMap<Class, usize>,
    later: BTreeMap<(Form, usize), usize>,
    /// How many features have windows: a column of them stands apart.
    windowed: usize,
}

/// The lines of a body as text, indented.
pub(super) fn text(lines: &[Line<'_>], indent: usize) -> String {
    let mut shown: Vec<(bool, Vec<String>, Option<&str>)> = Vec::new();
    for section in lines.chunk_by(|_, next| !next.is_after_blank) {
        let widths = Widths::of(section);
        for line in section {
            let is_after_blank = line.is_after_blank && !shown.is_empty();
            shown.push((is_after_blank, line.shown(indent, &widths), line.trailing));
        }
    }
    let mut text = String::new();
    for run in shown.chunk_by(|a, b| a.2.is_some() && b.2.is_some() && !b.0) {
        let wide = |lines: &[String]| lines.last().map_or(0, |line| line.chars().count());
        let fitting = run.iter().map(|(_, lines, _)| wide(lines)).filter(|wide| *wide <= COMMENTED_MAX);
        let column = fitting.max().unwrap_or_default();
        for (is_after_blank, lines, trailing) in run {
            if *is_after_blank {
                text.push('\n');
            }
            text += &lines.join("\n");
            if let Some(comment) = trailing {
                text += &" ".repeat(column.saturating_sub(wide(lines)) + 2);
                text += comment;
            }
            text.push('\n');
        }
    }
    text
}

impl Widths {
    fn of(section: &[Line<'_>]) -> Self {
        let mut widths = Self::default();
        for line in section {
            let Content::Clause { tokens, shape } = &line.content else { continue };
            let cells = cells(tokens, &shape.cells);
            widths.windowed += usize::from(shape.form == Form::Named && cells.len() > 2);
            for (number, cell) in cells.iter().enumerate().take(cells.len().saturating_sub(1)) {
                let wide = joined(cell).chars().count();
                if wide <= CELL_MAX && !cell.iter().any(Token::is_comment) {
                    let width = match number {
                        0 => widths.first.entry(shape.class).or_default(),
                        _ => widths.later.entry((shape.form, number)).or_default(),
                    };
                    *width = wide.max(*width);
                }
            }
        }
        widths
    }

    fn cell(&self, class: Class, form: Form, number: usize) -> usize {
        let width = if number == 0 { self.first.get(&class) } else { self.later.get(&(form, number)) };
        let gap = if form == Form::Named && number == 1 && self.windowed > 1 { WINDOW_GAP } else { 0 };
        width.copied().unwrap_or_default() + gap
    }
}

fn cells<'t, 'a>(tokens: &'t [Token<'a>], starts: &[usize]) -> Vec<&'t [Token<'a>]> {
    let from = std::iter::once(0).chain(starts.iter().copied());
    let to = starts.iter().copied().chain(std::iter::once(tokens.len()));
    from.zip(to).map(|(from, to)| &tokens[from..to]).collect()
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{} ", " ".repeat(width.saturating_sub(text.chars().count())))
}

impl Line<'_> {
    fn shown(&self, indent: usize, widths: &Widths) -> Vec<String> {
        let pad = " ".repeat(indent);
        match &self.content {
            Content::Comment(comment) => vec![format!("{pad}{comment}")],
            Content::Schema { head, fields, tail } => schema(head, fields, tail, indent),
            Content::Clause { tokens, shape } => {
                let cells = cells(tokens, &shape.cells);
                let mut line = pad.clone();
                for (number, cell) in cells.iter().enumerate() {
                    let width = widths.cell(shape.class, shape.form, number);
                    let is_last = number + 1 == cells.len();
                    line += &if is_last { joined(cell) } else { padded(&joined(cell), width) };
                }
                // A text of several lines is as wide as it is.
                let fits = line.chars().count() <= WIDTH_MAX || line.contains('\n');
                if fits && !tokens.iter().any(Token::is_comment) {
                    return vec![line];
                }
                let width = widths.cell(shape.class, shape.form, 0);
                wrapped(&cells, tokens, &pad, width)
            }
        }
    }
}

/// A clause of several lines: only its first cell is padded.
fn wrapped(cells: &[&[Token<'_>]], tokens: &[Token<'_>], pad: &str, width: usize) -> Vec<String> {
    let (head, rest) = match cells {
        [first, ..] if cells.len() > 1 && !first.iter().any(Token::is_comment) => {
            (padded(&joined(first), width), &tokens[first.len()..])
        }
        _ => (String::new(), tokens),
    };
    let mut lines = wrap::lines(rest, pad.len(), head.chars().count());
    if let Some(first) = lines.first_mut() {
        let begins_with_comment = rest.first().is_some_and(Token::is_comment);
        *first = if begins_with_comment {
            format!("{pad}{}\n{pad}    {first}", head.trim_end())
        } else {
            format!("{pad}{head}{first}")
        };
    }
    lines
}

/// A schema that was written on one line stays on it where it fits.
fn schema(head: &[Token<'_>], fields: &[Line<'_>], tail: &[Token<'_>], indent: usize) -> Vec<String> {
    let pad = " ".repeat(indent);
    let (head, tail) = (wrap::lines(head, indent, 0).join("\n"), wrap::lines(tail, indent, 0).join("\n"));
    let texts: Option<Vec<_>> = fields.iter().map(Line::inline).collect();
    if let Some(texts) = texts.filter(|_| !head.contains('\n')) {
        let one = format!("{pad}{head} {} {tail}", texts.join("  ")).replace("  }", " }");
        if one.chars().count() <= WIDTH_MAX {
            return vec![one];
        }
    }
    let body = text(fields, indent + 2);
    format!("{pad}{head}\n{body}{pad}{tail}").split('\n').map(str::to_owned).collect()
}

impl Line<'_> {
    /// The text of a field that was written on the line of the one before it, without comments.
    fn inline(&self) -> Option<String> {
        let Content::Clause { tokens, .. } = &self.content else { return None };
        let is_inline = tokens.iter().all(|token| token.newlines == 0 && !token.is_comment());
        (is_inline && self.trailing.is_none()).then(|| joined(tokens))
    }
}
