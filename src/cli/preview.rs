//! `windrow preview`: a definition's rows over files, computed by the executor's operators.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use comfy_table::{CellAlignment, Table, presets};

use crate::diag::{Code, Diagnostic, nearest};
use crate::model::{Model, Publish};
use crate::plan::{self, Decode, NodeId, Operator, Plan, PublishMode};
use crate::sim::{self, Error, Feed, Outcome};
use crate::types::{EventTime, Field, Row, Value};
use crate::wire;

use super::load::{Loaded, load};
use super::output::write_file;
use super::{Exit, Failure, Output};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The project's folder, or one definition file
    #[arg(default_value = ".")]
    path: PathBuf,
    /// A file (.csv, .jsonl) with events of a source; each file is one partition
    #[arg(long = "source", value_name = "NAME=FILE", required = true, value_parser = binding)]
    sources: Vec<(String, PathBuf)>,
    /// The group by or join whose rows are shown
    #[arg(long, value_name = "NAME")]
    of: String,
    /// The instant the values hold for: ISO 8601 or milliseconds; default: the newest event + 1 ms
    #[arg(long, value_name = "TIME")]
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
}

pub(super) fn binding(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, file)) if !name.is_empty() && !file.is_empty() => Ok((name.to_owned(), file.into())),
        Some(_) | None => Err("expected NAME=FILE, like flights=flights.csv".to_owned()),
    }
}

pub(crate) fn run(args: &Args, output: &mut Output) -> Result<Exit, Failure> {
    let loaded = load(&args.path)?.sound(output)?;
    let plan = plan_of(&loaded, &args.of)?;
    let feeds = feeds(&plan, &args.of, &args.sources, args.arrival.as_deref())?;
    let options = sim::Options { until: args.until, ..sim::Options::default() };
    let outcome = sim::run(&plan, feeds, options).map_err(|error| failed(&error))?;
    let node = publisher(&plan);
    let rows: Vec<Row> = outcome.tables[&node].rows.iter().map(|(_, _, row)| row.clone()).collect();
    let fields = &plan.node(node).output.fields;
    let text = match args.format {
        Format::Table => table(fields, &rows),
        Format::Csv => csv(fields, &rows),
        Format::Jsonl => lines(fields, &rows),
    };
    match &args.out {
        Some(path) => write_file(path, &text)?,
        None => output.data(&text)?,
    }
    summarise(args, &outcome, rows.len(), output);
    Ok(Exit::Fine)
}

/// The plan that computes one definition and puts out its rows, published or not.
pub(super) fn plan_of(loaded: &Loaded, name: &str) -> Result<Plan, Failure> {
    let mut model: Model = loaded.model.clone();
    let mut deployment = loaded.everything("preview");
    let (group_bys, joins) = (&mut model.group_bys, &mut model.joins);
    deployment.group_bys.retain(|id| group_bys[id.0].name == name);
    deployment.joins.retain(|id| joins[id.0].name == name);
    if deployment.group_bys.is_empty() && deployment.joins.is_empty() {
        let known = group_bys.iter().map(|g| g.name.as_str()).chain(joins.iter().map(|j| j.name.as_str()));
        let message = format!("there is no group by or join `{name}`");
        return Err(Failure::usage(hint(Diagnostic::without_place(Code::E0950, message), name, known)));
    }
    for group_by in group_bys {
        let published = group_by.name == name;
        group_by.publish = published.then_some(to_preview(group_by.span, PublishMode::Latest));
    }
    for join in joins {
        join.publish = (join.name == name).then_some(to_preview(join.span, PublishMode::Events));
    }
    loaded.runnable(plan::optimize(plan::lower(&model, &deployment)))
}

fn to_preview(span: crate::diag::Span, mode: PublishMode) -> Publish {
    Publish { topic: "preview".to_owned(), group: "preview".to_owned(), mode, every_ms: 0, span }
}

fn publisher(plan: &Plan) -> NodeId {
    let publishes = |id: &NodeId| matches!(plan.node(*id).operator, Operator::Publish(_));
    plan.topological().into_iter().find(publishes).expect("the definition was told to publish")
}

/// How each source of the plan is read.
fn decodes(plan: &Plan) -> BTreeMap<&str, &Decode> {
    let decode = |id: NodeId| match &plan.node(id).operator {
        Operator::Decode(decode) => match &plan.node(plan.inputs(id)[0]).operator {
            Operator::Source(source) => Some((source.source.as_str(), decode)),
            _ => None,
        },
        _ => None,
    };
    plan.topological().into_iter().filter_map(decode).collect()
}

/// Every source of the plan must have a file, and every file a source.
pub(super) fn feeds(
    plan: &Plan,
    of: &str,
    sources: &[(String, PathBuf)],
    arrival: Option<&str>,
) -> Result<Vec<Feed>, Failure> {
    let decodes = decodes(plan);
    if let Some(name) = decodes.keys().find(|name| !sources.iter().any(|(given, _)| given == *name)) {
        let message = format!("`{of}` reads the source `{name}`, which has no file");
        let problem = Diagnostic::without_place(Code::E0952, message);
        return Err(Failure::usage(problem.hint(format!("add --source {name}=FILE"))));
    }
    let mut feeds = Vec::new();
    for (name, path) in sources {
        let Some(spec) = decodes.get(name.as_str()) else {
            let known = decodes.keys().map(|name| (*name).to_owned()).collect();
            return Err(failed(&Error::UnknownSource { name: name.clone(), known }));
        };
        let records = sim::read_file(path, spec, arrival).map_err(|error| failed(&error))?;
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

fn table(fields: &[Field], rows: &[Row]) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header(fields.iter().map(|field| &field.name));
    for row in rows {
        table.add_row(row.iter().map(ToString::to_string));
    }
    for (column, field) in table.column_iter_mut().zip(fields) {
        if field.data_type.is_numeric() {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    format!("{table}\n")
}

fn csv(fields: &[Field], rows: &[Row]) -> String {
    let mut text = String::new();
    put_record(&mut text, fields.iter().map(|field| field.name.clone()));
    for row in rows {
        put_record(&mut text, row.iter().map(Value::to_string));
    }
    text
}

fn put_record(text: &mut String, cells: impl Iterator<Item = String>) {
    for (i, cell) in cells.enumerate() {
        if i > 0 {
            text.push(',');
        }
        if cell.contains(['"', ',', '\n', '\r']) {
            let _ = write!(text, "\"{}\"", cell.replace('"', "\"\""));
        } else {
            text.push_str(&cell);
        }
    }
    text.push('\n');
}

fn lines(fields: &[Field], rows: &[Row]) -> String {
    let line = |row: &Row| String::from_utf8(wire::encode_row(fields, row)).expect("JSON is UTF-8");
    rows.iter().map(|row| line(row) + "\n").collect()
}

/// What a person should know beside the rows.
fn summarise(args: &Args, outcome: &Outcome, rows: usize, output: &mut Output) {
    match outcome.cut {
        Some(cut) => {
            let what = if rows == 1 { "row" } else { "rows" };
            output.talk(&format!("{rows} {what} of `{}` as of {cut}", args.of));
        }
        None => output.talk(&format!("no rows of `{}`: there was no event", args.of)),
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
    for (_, node) in &outcome.ledger.nodes {
        if node.missed > 0 {
            let what = "events came after rows they belonged to were final";
            output.talk(&format!("{} {what}: a larger `disorder` would wait for them", node.missed));
        }
        if node.id_conflict > 0 {
            output.talk(&format!(
                "{} events have the id of another but other bytes: both count",
                node.id_conflict
            ));
        }
    }
}
