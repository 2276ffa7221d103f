//! The outcome for programs.

use serde_json::{Value as Json, json};

use crate::diag::{SourceMap, render};
use crate::testing::{CellDifference, Failure, Verdict};

use super::{Ran, place};

pub(super) fn report(ran: &[Ran<'_>], sources: &SourceMap) -> String {
    let all: Vec<Json> = ran.iter().map(|ran| test(ran, sources)).collect();
    format!("{:#}\n", Json::Array(all))
}

fn test(ran: &Ran<'_>, sources: &SourceMap) -> Json {
    let (file, line) = place(sources, ran.test.span);
    let (outcome, failures, problems) = match &ran.verdict {
        Verdict::Passed => ("passed", Vec::new(), json!([])),
        Verdict::Failed(failures) => {
            ("failed", failures.iter().map(|found| failure(found, sources)).collect(), json!([]))
        }
        Verdict::Refused(problems) => ("refused", Vec::new(), render::json(problems, sources)),
    };
    json!({
        "definition": (!ran.definition.is_empty()).then_some(ran.definition),
        "title": ran.test.title,
        "file": file,
        "line": line,
        "outcome": outcome,
        "seconds": ran.took.as_secs_f64(),
        "failures": failures,
        "problems": problems,
    })
}

fn failure(failure: &Failure, sources: &SourceMap) -> Json {
    let (file, line) = place(sources, failure.span);
    let cell = |cell: &CellDifference| json!({"column": cell.column, "expected": cell.expected, "found": cell.found, "equal": cell.is_equal});
    let cells: Vec<Json> = failure.cells.iter().map(cell).collect();
    json!({"file": file, "line": line, "message": failure.message, "cells": cells})
}
