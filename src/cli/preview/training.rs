//! `windrow preview --left`: training rows, and in how many cells the two views of them differ.

use crate::cli::{Failure, Output};
use crate::diag::{Code, Diagnostic};
use crate::plan::{Operator, Plan};
use crate::sim::{self, Feed, Outcome};
use crate::types::{Row, compare_rows};

use super::{Request, View, failed};

pub(super) fn run(
    plan: &Plan,
    feeds: &[Feed],
    request: &Request<'_>,
    (left, view): (&str, View),
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let width = left_width(plan, left).ok_or_else(|| not_a_left(request.name, left))?;
    if view == View::AsKnown && request.shared.arrival.is_none() {
        let message = "what was known when is only known from arrival times";
        let problem = Diagnostic::without_place(Code::E0957, message);
        return Err(Failure::usage(problem.hint("add --arrival COLUMN")));
    }
    let rows =
        |known| sim::training_rows(plan, feeds.to_vec(), left, known, request.options(request.shared.until));
    let rows = |known| rows(known).map_err(|error| failed(&error));
    if request.shared.arrival.is_none() {
        return rows(sim::View::Final);
    }
    let (all, known) = (rows(sim::View::Final)?, rows(sim::View::AsKnown)?);
    let (cells, differing) = differences(&rows_of(plan, &all), &rows_of(plan, &known), width);
    let what = "differ between what belongs before the rows and what was known when they were made";
    output.talk(&format!("{differing} of {cells} cells {what}"));
    Ok(match view {
        View::Final => all,
        View::AsKnown => known,
    })
}

/// How many columns of the join's rows are the left row's; `None`: `left` is not the source of its left.
fn left_width(plan: &Plan, left: &str) -> Option<usize> {
    let is_join = |id: &_| matches!(plan.node(*id).operator, Operator::PointInTimeJoin(_));
    let input = plan.inputs(plan.topological().into_iter().find(is_join)?)[0];
    let mut open = vec![input];
    let mut is_left = false;
    while let Some(id) = open.pop() {
        is_left |= matches!(&plan.node(id).operator, Operator::Source(source) if source.source == left);
        open.extend(plan.inputs(id));
    }
    is_left.then(|| plan.node(input).output.len())
}

fn not_a_left(name: &str, left: &str) -> Failure {
    let message = format!("`{left}` is not what is on the left of `{name}`");
    let problem = Diagnostic::without_place(Code::E0959, message);
    Failure::usage(problem.hint("training rows are those of a join; its left source is named in its `left`"))
}

fn rows_of(plan: &Plan, outcome: &Outcome) -> Vec<Row> {
    let mut rows: Vec<Row> =
        outcome.tables[&plan.publisher()].rows.iter().map(|(_, _, row)| row.clone()).collect();
    rows.sort_by(|a, b| compare_rows(a, b));
    rows
}

/// The cells behind the left columns, and how many of them differ; both in order.
fn differences(all: &[Row], known: &[Row], width: usize) -> (usize, usize) {
    let (mut cells, mut differing, mut at) = (0, 0, 0);
    for row in all {
        cells += row.len() - width;
        while known.get(at).is_some_and(|other| compare_rows(&other[..width], &row[..width]).is_lt()) {
            at += 1;
        }
        match known.get(at).filter(|other| other[..width] == row[..width]) {
            Some(other) => {
                differing += row[width..].iter().zip(&other[width..]).filter(|(a, b)| a != b).count();
                at += 1;
            }
            None => differing += row.len() - width,
        }
    }
    (cells, differing)
}
