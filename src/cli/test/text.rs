//! The outcome for people: a line per test, and for each failure the cells side by side.

use std::fmt::Write as _;

use comfy_table::{Table, presets};

use crate::diag::{SourceMap, render};
use crate::testing::{CellDifference, Failure, Verdict};

use super::{Ran, place};

pub(super) fn report(ran: &[Ran<'_>], sources: &SourceMap, colours: bool) -> String {
    let mut text = String::new();
    for ran in ran {
        let mark = if ran.verdict.has_passed() { "ok    " } else { "FAILED" };
        let of = if ran.definition.is_empty() { String::new() } else { format!("{}: ", ran.definition) };
        let _ = writeln!(text, "{mark} {of}{}", ran.test.title);
        match &ran.verdict {
            Verdict::Passed => {}
            Verdict::Failed(failures) => {
                text.extend(failures.iter().map(|found| failure(found, sources)));
            }
            Verdict::Refused(problems) => text += &(render::text(problems, sources, colours) + "\n"),
        }
    }
    text
}

fn failure(failure: &Failure, sources: &SourceMap) -> String {
    let (file, line) = place(sources, failure.span);
    let mut text = format!("       {file}:{line}: {}\n", failure.message);
    if !failure.cells.is_empty() {
        for line in table(&failure.cells).lines() {
            let _ = writeln!(text, "       {}", line.trim_end());
        }
    }
    text
}

/// Every cell that was compared; those that differ are marked.
fn table(cells: &[CellDifference]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["", "column", "expected", "found"]);
    for cell in cells {
        let mark = if cell.is_equal { " " } else { "≠" };
        table.add_row([mark, &cell.column, &cell.expected, &cell.found]);
    }
    table.to_string()
}
