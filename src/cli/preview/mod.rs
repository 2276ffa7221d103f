//! `windrow preview`: a definition's rows over files, computed by the executor's operators.

mod explain;
mod rows;
mod training;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::dataflow::EngineError;
use crate::diag::{Code, Diagnostic, SourceMap, nearest};
use crate::model::{Input, Model, StreamId, Target};
use crate::plan::{self, Decode, Operator, Plan};
use crate::sim::{self, Error, Feed, Outcome};
use crate::types::{EventTime, Field, Row};

use super::load::{Loaded, load};
use super::output::write_file;
use super::{Exit, Failure, Output};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The project's folder, or one definition file
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The group by, join or stream whose rows are shown
    #[arg(long, value_name = "NAME")]
    of: String,
    /// Training rows: a file with left rows of the join, each of which gets its row
    #[arg(long, value_name = "NAME=FILE", value_parser = binding)]
    left: Option<Binding>,
    /// What training rows may know
    #[arg(long, value_enum, default_value_t = View::Final, requires = "left")]
    view: View,
    #[command(flatten)]
    shared: Shared,
}

/// What every preview takes.
#[derive(clap::Args)]
pub(super) struct Shared {
    /// A file (.csv, .jsonl, .parquet, .avro) with events of a source or rows of a table; each file is one
    /// partition
    #[arg(long = "source", visible_alias = "input", value_name = "NAME=FILE", value_parser = binding)]
    sources: Vec<Binding>,
    /// Shows which events count in the cells of this key of a group by, and which just missed; a key of
    /// several columns is a JSON array. Of a join: the id of a left row
    #[arg(long, value_name = "KEY", conflicts_with = "format")]
    explain: Option<String>,
    /// The instant the values hold for: ISO 8601 or milliseconds; default: the newest event + 1 ms
    #[arg(long, visible_alias = "as-of", value_name = "TIME")]
    until: Option<EventTime>,
    /// The column of the files that holds when an event arrived; default: the file's order
    #[arg(long, value_name = "COLUMN")]
    arrival: Option<String>,
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Write to this file instead of the standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// For people
    Table,
    Csv,
    /// One JSON object per row, as it would be published
    Jsonl,
    /// Needs `--out`
    Parquet,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum View {
    /// All events before the row, whenever they arrived
    Final,
    /// What had arrived when live made the row; needs `--arrival`
    AsKnown,
}

pub(super) fn binding(text: &str) -> Result<Binding, String> {
    match text.split_once('=') {
        Some((name, file)) if !name.is_empty() && !file.is_empty() => Ok((name.to_owned(), file.into())),
        Some(_) | None => Err("expected NAME=FILE, like flights=flights.csv".to_owned()),
    }
}

/// Whose rows are shown, of what, and how.
pub(super) struct Request<'a> {
    pub(super) name: &'a str,
    pub(super) model: &'a Model,
    pub(super) target: Target,
    pub(super) loaded: &'a Loaded,
    /// The texts that problems point into.
    pub(super) texts: &'a SourceMap,
    pub(super) shared: &'a Shared,
    pub(super) left: Option<(&'a Binding, View)>,
    /// Which of the columns and rows are shown.
    pub(super) shape: &'a dyn Fn(Vec<Field>, Vec<Row>) -> (Vec<Field>, Vec<Row>),
}

impl Request<'_> {
    fn options(&self, until: Option<EventTime>) -> sim::Options {
        sim::Options { until, caller: Some(Arc::clone(&self.loaded.caller)), ..sim::Options::default() }
    }
}

pub(crate) fn run(args: &Args, output: &mut Output) -> Result<Exit, Failure> {
    let loaded = load(&args.path)?.sound(output)?;
    let (model, target) = shown(&loaded.model, &args.of)?;
    let request = Request {
        name: &args.of,
        model: &model,
        target,
        loaded: &loaded,
        texts: &loaded.sources,
        shared: &args.shared,
        left: args.left.as_ref().map(|left| (left, args.view)),
        shape: &|fields, rows| (fields, rows),
    };
    show(&request, output)
}

/// The definition of that name, in a model in which it has rows: a stream's are those of a join without rights.
fn shown(model: &Model, name: &str) -> Result<(Model, Target), Failure> {
    match model.streams.iter().position(|stream| stream.name == name) {
        Some(at) => Ok(model.showing(Input::Stream(StreamId(at)))),
        None => target(model, name).map(|target| (model.clone(), target)),
    }
}

pub(super) fn show(request: &Request<'_>, output: &mut Output) -> Result<Exit, Failure> {
    let Request { model, target, loaded, shared, .. } = request;
    if matches!(shared.format, Format::Parquet) && shared.out.is_none() {
        let problem =
            Diagnostic::without_place(Code::E0956, "Parquet is no text, and needs a file of its own");
        return Err(Failure::usage(problem.hint("add --out FILE.parquet")));
    }
    let mut plan = plan::alone(&model.alone(*target), *target);
    let root = if loaded.is_project { loaded.root.clone() } else { parent(&loaded.root) };
    let mut feeds = histories(&mut plan, &root)?;
    let plan = loaded.runnable_of(plan, request.texts)?;
    let left = request.left.map(|(left, _)| left);
    feeds.extend(read_feeds(&plan, request.name, (&shared.sources, left), shared.arrival.as_deref())?);
    if let Some(key) = &shared.explain {
        return explain::run(&plan, feeds, request, key, output);
    }
    let outcome = if let Some(((left, _), view)) = request.left {
        training::run(&plan, &feeds, request, (left, view), output)?
    } else {
        sim::run(&plan, feeds, request.options(shared.until)).map_err(|error| failed(&error))?
    };
    let node = plan.publisher();
    let rows = outcome.tables[&node].rows.iter().map(|(_, _, row)| row.clone()).collect();
    let (fields, rows) = (request.shape)(plan.node(node).output.fields.clone(), rows);
    write_rows(shared, &fields, &rows, output)?;
    summarise(request.name, &outcome, rows.len(), output);
    Ok(Exit::Fine)
}

fn parent(file: &Path) -> PathBuf {
    if file.is_dir() { file.to_owned() } else { file.parent().unwrap_or(file).to_owned() }
}

fn write_rows(args: &Shared, fields: &[Field], rows: &[Row], output: &mut Output) -> Result<(), Failure> {
    let text = match args.format {
        Format::Table => rows::table(fields, rows),
        Format::Csv => rows::csv(fields, rows),
        Format::Jsonl => rows::lines(fields, rows),
        Format::Parquet => {
            let path = args.out.as_deref().expect("checked at the beginning");
            let written = sim::parquet(fields, rows).map_err(|what| {
                let message = format!("the rows cannot be written as Parquet: {what}");
                Failure::world(Diagnostic::without_place(Code::E0955, message))
            })?;
            return write_file(path, written);
        }
    };
    match &args.out {
        Some(path) => write_file(path, &text),
        None => output.data(&text),
    }
}

/// What a history has is fed like any file.
fn histories(plan: &mut Plan, root: &Path) -> Result<Vec<Feed>, Failure> {
    let mut feeds = Vec::new();
    for id in plan.topological() {
        let Operator::Source(source) = &mut plan.node_mut(id).operator else { continue };
        let (name, histories) = (source.source.clone(), std::mem::take(&mut source.history));
        for history in histories {
            let decode = plan.decode_of(&name).expect("what is read is decoded");
            let records = sim::read_history(root, &name, &history, decode);
            feeds.push(Feed { source: name.clone(), records: records.map_err(|error| failed(&error))? });
        }
    }
    Ok(feeds)
}

/// The definition of that name whose rows can be shown.
pub(super) fn target(model: &Model, name: &str) -> Result<Target, Failure> {
    Target::named(model, name).ok_or_else(|| {
        let problem =
            Diagnostic::without_place(Code::E0950, format!("there is no group by or join `{name}`"));
        Failure::usage(hint(problem, name, Target::all(model).map(|known| known.name(model))))
    })
}

/// Every source and table of the plan must have a file, and every file a source or table.
pub(super) fn feeds(
    plan: &Plan,
    of: &str,
    sources: &[(String, PathBuf)],
    arrival: Option<&str>,
) -> Result<Vec<Feed>, Failure> {
    read_feeds(plan, of, (sources, None), arrival)
}

/// NAME=FILE of the command line.
pub(super) type Binding = (String, PathBuf);

fn read_feeds(
    plan: &Plan,
    of: &str,
    (sources, left): (&[Binding], Option<&Binding>),
    arrival: Option<&str>,
) -> Result<Vec<Feed>, Failure> {
    let decodes: BTreeMap<&str, &Decode> =
        plan.reads().into_iter().map(|(source, decode)| (source.source.as_str(), decode)).collect();
    let given = || sources.iter().map(|given| (given, false)).chain(left.map(|left| (left, true)));
    if let Some(name) = decodes.keys().find(|name| !given().any(|((given, _), _)| given == *name)) {
        let message = format!("`{of}` reads `{name}`, which has no file");
        let problem = Diagnostic::without_place(Code::E0952, message);
        return Err(Failure::usage(problem.hint(format!("add --source {name}=FILE"))));
    }
    let mut feeds = Vec::new();
    for ((name, path), is_left) in given() {
        let Some(spec) = decodes.get(name.as_str()) else {
            let known = decodes.keys().map(|name| (*name).to_owned()).collect();
            return Err(failed(&Error::UnknownSource { name: name.clone(), known }));
        };
        // Left rows, and what has no arrival column beside files that have one, come in their own time.
        let read = |arrival| sim::read_file(path, spec, arrival).map_err(|error| failed(&error));
        let records = if is_left {
            let mut records = read(None)?;
            sim::arrives_with_its_time(spec, &mut records);
            records
        } else {
            read(arrival)?
        };
        feeds.push(Feed { source: name.clone(), records });
    }
    Ok(feeds)
}

fn failed(error: &Error) -> Failure {
    let problem = |code| Diagnostic::without_place(code, error.to_string());
    match error {
        Error::UnknownSource { name, known } => {
            Failure::usage(hint(problem(Code::E0951), name, known.iter().map(String::as_str)))
        }
        Error::Read { .. } => Failure::world(
            problem(Code::E0953)
                .hint("`--source NAME=FILE` takes a path from where you are, not from the project's folder"),
        ),
        Error::UnknownFormat { .. } | Error::Format { .. } | Error::Arrival { .. } => {
            Failure::world(problem(Code::E0954).hint("`windrow explain E0954` says how the files look"))
        }
        Error::History { .. } => Failure::world(problem(Code::E0958)),
        Error::Engine(EngineError::Calls(_)) => Failure::world(problem(Code::E0843)),
        Error::Engine(_) => Failure::world(problem(Code::E0955)),
    }
}

fn hint<'a>(problem: Diagnostic, name: &str, known: impl Iterator<Item = &'a str>) -> Diagnostic {
    let known: Vec<&str> = known.collect();
    match nearest(name, known.iter().copied()) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => problem.hint(format!("there are: {}", known.join(", "))),
    }
}

/// What a person should know beside the rows.
fn summarise(name: &str, outcome: &Outcome, rows: usize, output: &mut Output) {
    match outcome.cut {
        Some(cut) => {
            let what = if rows == 1 { "row" } else { "rows" };
            output.talk(&format!("{rows} {what} of `{name}` as of {cut}"));
        }
        None => output.talk(&format!("no rows of `{name}`: there was no event")),
    }
    let mut by_reason: BTreeMap<&str, (usize, String)> = BTreeMap::new();
    for refused in &outcome.dead_letters {
        let letter = &refused.letter;
        let first = || format!("record {} of `{}`: {}", letter.offset + 1, refused.source, letter.detail);
        by_reason.entry(letter.reason).or_insert_with(|| (0, first())).0 += 1;
    }
    for (reason, (count, first)) in by_reason {
        output.talk(&format!("{count} dead letters `{reason}`, the first: {first}"));
    }
    if let Some(first) = &outcome.calls.first_failure {
        let calls = outcome.calls.answered + outcome.calls.failed;
        output.talk(&format!("{} of {calls} model calls failed, the first: {first}", outcome.calls.failed));
    }
    for (_, node) in &outcome.ledger.nodes {
        if node.missed > 0 {
            let what = "events came after rows they belonged to were final";
            output.talk(&format!("{} {what}: a larger `disorder` would wait for them", node.missed));
        }
        if node.lookup_missed > 0 {
            let what = "rows of a table came after a later instant had been looked up";
            output.talk(&format!("{} {what}: a larger `disorder` would wait for them", node.lookup_missed));
        }
        if node.id_conflict > 0 {
            output.talk(&format!(
                "{} events have the id of another but other bytes: both count",
                node.id_conflict
            ));
        }
    }
}
