//! `windrow test`: the tests inside definitions.

mod json;
mod junit;
mod record;
mod text;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::diag::{FileId, SourceMap, Span};
use crate::model::tested::Test;
use crate::model::{self, Model};
use crate::syntax::{self, Ast};
use crate::testing::{self, Definitions, Verdict};
use crate::types::EventTime;

use super::load::{Loaded, load};
use super::output::write_file;
use super::{Exit, Failure, Output};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The project's folder, or one definition file
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Only tests whose definition or title has this text
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// How to show the outcome
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write to this file instead of the standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write a test of this group by or join from the events of files instead of running any
    #[arg(long, value_name = "NAME", requires = "sources")]
    record: Option<String>,
    /// With --record: a file (.csv, .jsonl) with events of a source
    #[arg(long = "source", value_name = "NAME=FILE", value_parser = super::preview::binding, requires = "record")]
    sources: Vec<(String, PathBuf)>,
    /// With --record: only events of this key; several columns with commas
    #[arg(long, value_name = "KEY", requires = "record")]
    key: Option<String>,
    /// With --record: the instant of the expected rows; default: the newest event + 1 ms
    #[arg(long, value_name = "TIME", requires = "record")]
    until: Option<EventTime>,
    /// With --record: the column of the files that holds when an event arrived
    #[arg(long, value_name = "COLUMN", requires = "record")]
    arrival: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A line per test; of failed ones a table of cells
    Text,
    /// An array of objects
    Json,
    /// The XML that CI systems read
    Junit,
}

/// A test that ran.
struct Ran<'m> {
    test: &'m Test,
    /// The definition it is about; empty for one that expects diagnostics only.
    definition: &'m str,
    verdict: Verdict,
    took: Duration,
}

pub(crate) fn run(args: &Args, output: &mut Output) -> Result<Exit, Failure> {
    let loaded = load(&args.path)?.sound(output)?;
    if let Some(name) = &args.record {
        return record::run(args, name, &loaded, output);
    }
    let texts = Texts::of(&loaded);
    let ran: Vec<_> = selected(&loaded.model, args.filter.as_deref())
        .map(|(definition, test)| run_one(&loaded, definition, test, &texts))
        .collect();
    let shown = match args.format {
        Format::Text => text::report(&ran, &loaded.sources, output.colours_data()),
        Format::Json => json::report(&ran, &loaded.sources),
        Format::Junit => junit::report(&ran, &loaded.sources),
    };
    match &args.out {
        Some(path) => write_file(path, &shown)?,
        None => output.data(&shown)?,
    }
    output.talk(&summary(&ran, args.filter.as_deref()));
    let has_failed = ran.iter().any(|ran| !ran.verdict.has_passed());
    Ok(if has_failed { Exit::Definitions } else { Exit::Fine })
}

fn selected<'m>(
    model: &'m Model,
    filter: Option<&str>,
) -> impl Iterator<Item = (&'m str, &'m Test)> + use<'m> {
    let filter = filter.map(str::to_lowercase);
    let named = model.tests.iter().map(|test| (definition(model, test), test));
    named.filter(move |(definition, test)| {
        let has = |text: &str, part: &str| text.to_lowercase().contains(part);
        filter.as_ref().is_none_or(|part| has(definition, part) || has(&test.title, part))
    })
}

fn definition<'m>(model: &'m Model, test: &Test) -> &'m str {
    test.of.map_or("", |of| of.name(model))
}

fn run_one<'m>(loaded: &Loaded, definition: &'m str, test: &'m Test, texts: &Texts<'_>) -> Ran<'m> {
    let start = Instant::now();
    let verdict = testing::run(&loaded.model, test, texts, Some(&loaded.caller));
    Ran { test, definition, verdict, took: start.elapsed() }
}

fn summary(ran: &[Ran<'_>], filter: Option<&str>) -> String {
    let failed = ran.iter().filter(|ran| !ran.verdict.has_passed()).count();
    match (ran.len(), failed, filter) {
        (0, _, Some(filter)) => format!("no test has `{filter}` in its definition or title"),
        (0, _, None) => "no tests: write `test NAME \"title\" { … }` beside a definition".to_owned(),
        (all, 0, _) => format!("{all} passed"),
        (all, failed, _) => format!("{} passed, {failed} failed", all - failed),
    }
}

/// `file:line` of a place.
fn place(sources: &SourceMap, span: Span) -> (String, usize) {
    (sources.path(span.file).display().to_string(), sources.position(span.file, span.start).line)
}

/// The project's definitions, beside which a test's texts are checked.
struct Texts<'l> {
    sources: &'l SourceMap,
    asts: Vec<Ast>,
}

impl<'l> Texts<'l> {
    fn of(loaded: &'l Loaded) -> Self {
        Self { sources: &loaded.sources, asts: loaded.asts.iter().map(|(_, ast)| ast.clone()).collect() }
    }
}

impl Definitions for Texts<'_> {
    fn problems(&self, text: &str) -> Vec<String> {
        let mut sources = self.sources.clone();
        let file: FileId = sources.add(PathBuf::from("test.wr"), text.to_owned());
        let (ast, mut problems) = syntax::parse(&sources, file);
        let asts: Vec<_> = self.asts.iter().cloned().chain([ast]).collect();
        problems.extend(model::resolve(&asts, None).1.in_file(file));
        problems.iter().map(|problem| problem.code.to_string()).collect()
    }
}
