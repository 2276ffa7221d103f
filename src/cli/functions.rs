//! `windrow functions`: what expressions and features can call, with types, examples and targets.

use std::fmt::Write as _;

use serde_json::json;

use crate::aggregates;
use crate::diag::{Code, Diagnostic, nearest};
use crate::functions::{ALIASES, Family, FunctionId, flink};

use super::{Exit, Failure, Output};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Show only this function, operator or aggregate
    name: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Show also how the target computes it, or why it does not
    #[arg(long, value_enum)]
    target: Option<Target>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
    /// The page grammar/FUNCTIONS.md
    Markdown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Target {
    Flink,
}

/// A function or an aggregate, ready to print.
struct Item {
    name: &'static str,
    family: &'static str,
    signature: String,
    doc: String,
    examples: Vec<String>,
    notes: Vec<String>,
    /// Forms, or reasons.
    flink: Vec<Result<String, String>>,
}

pub(crate) fn run(args: &Args, output: &mut Output) -> Result<Exit, Failure> {
    let mut items = items();
    if let Some(name) = &args.name {
        let alias = ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(name));
        let name = alias.map_or(name.as_str(), |(_, function)| function.entry().name);
        let unknown = unknown(name, &items);
        items.retain(|item| item.name.eq_ignore_ascii_case(name));
        if items.is_empty() {
            return Err(Failure::usage(unknown));
        }
    }
    let text = match args.format {
        Format::Json => format!("{:#}\n", json!(items.iter().map(as_json).collect::<Vec<_>>())),
        Format::Markdown => markdown(&items),
        Format::Text if args.name.is_some() => items.iter().map(page).collect::<Vec<_>>().join("\n"),
        Format::Text => list(&items, args.target),
    };
    output.data(&text)?;
    Ok(Exit::Fine)
}

fn unknown(name: &str, items: &[Item]) -> Diagnostic {
    let error = Diagnostic::without_place(Code::E0290, format!("there is no function `{name}`"));
    match nearest(name, items.iter().map(|item| item.name)) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("`windrow functions` lists all of them"),
    }
}

fn items() -> Vec<Item> {
    let functions = Family::ALL.into_iter().flat_map(|family| family.functions().map(move |f| (family, f)));
    let functions = functions.map(|(family, function)| scalar(family, function));
    functions.chain(aggregates::Entry::all().map(aggregate)).collect()
}

fn scalar(family: Family, function: FunctionId) -> Item {
    let entry = function.entry();
    let example =
        |example: &crate::functions::Example| format!("{} = {}", example.text(entry), example.result);
    let mut notes = Vec::new();
    let aliases: Vec<_> = ALIASES.iter().filter(|(_, id)| *id == function).map(|(alias, _)| *alias).collect();
    if !aliases.is_empty() {
        notes.push(format!("also called {}", aliases.join(", ")));
    }
    if function.is_of_now() {
        notes.push("only where a row has an instant of its own: in joins".into());
    }
    if function.is_approximate() {
        notes.push("engines may differ in the last digits: compared at 1e-9".into());
    }
    let form = |form: Result<String, crate::functions::NoForm>| form.map_err(|refused| refused.to_string());
    Item {
        name: entry.name,
        family: family.name(),
        signature: entry.signature_text(),
        doc: entry.doc.into(),
        examples: entry.examples.iter().map(example).collect(),
        notes,
        flink: flink::forms(function).into_iter().map(form).collect(),
    }
}

fn aggregate(entry: &'static aggregates::Entry) -> Item {
    let argument = |argument: &aggregates::Argument| {
        if argument.optional { format!("[{}]", argument.name) } else { argument.name.to_owned() }
    };
    let arguments: Vec<_> = entry.arguments.iter().map(argument).collect();
    let example = |example: &aggregates::Example| {
        format!("{} of {} = {}", example.call, example.values.join(", "), example.result)
    };
    let flink = Ok("by the bundle's own operator".to_owned());
    Item {
        name: entry.name,
        family: "aggregates",
        signature: format!("{}({})", entry.name, arguments.join(", ")),
        doc: sentence(entry.doc),
        examples: entry.examples.iter().map(example).collect(),
        notes: Vec::new(),
        flink: vec![flink],
    }
}

/// With a capital and a full stop, as the functions' docs are written.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().map(|letter| letter.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}{}", letters.as_str(), if text.ends_with('.') { "" } else { "." })
}

fn status(item: &Item) -> &'static str {
    match (item.flink.iter().any(Result::is_ok), item.flink.iter().any(Result::is_err)) {
        (true, false) => "yes",
        (true, true) => "in part",
        (false, _) => "no",
    }
}

fn as_json(item: &Item) -> serde_json::Value {
    let forms: Vec<_> = item.flink.iter().filter_map(|form| form.as_ref().ok()).collect();
    let refused: Vec<_> = item.flink.iter().filter_map(|form| form.as_ref().err()).collect();
    json!({
        "name": item.name,
        "family": item.family,
        "signature": item.signature,
        "doc": item.doc,
        "examples": item.examples,
        "notes": item.notes,
        "targets": {"flink": {"supported": status(item), "forms": forms, "refused": refused}},
    })
}

/// One line for each, by family.
fn list(items: &[Item], target: Option<Target>) -> String {
    let mut text = String::new();
    let mut family = "";
    for item in items {
        if item.family != family {
            family = item.family;
            let gap = if text.is_empty() { "" } else { "\n" };
            let _ = writeln!(text, "{gap}{family}");
        }
        let flink = match target {
            Some(Target::Flink) => format!("  [flink: {}]", status(item)),
            None => String::new(),
        };
        let _ = writeln!(text, "  {}{flink}\n      {}", item.signature, item.doc);
    }
    text + "\n`windrow functions NAME` shows examples and targets.\n"
}

fn page(item: &Item) -> String {
    let mut text = format!("{}\n\n{}\n", item.signature, item.doc);
    for note in &item.notes {
        let _ = writeln!(text, "({note})");
    }
    text += "\nExamples:\n\n";
    for example in &item.examples {
        let _ = writeln!(text, "    {example}");
    }
    text += "\nFlink:\n\n";
    for form in &item.flink {
        let _ = match form {
            Ok(form) => writeln!(text, "    {form}"),
            Err(reason) => writeln!(text, "    refused: {reason}"),
        };
    }
    text
}

fn markdown(items: &[Item]) -> String {
    let mut text = String::from(
        "# Functions\n\n\
         Written by `windrow functions --format markdown`; a test keeps it true. In a signature `[, x]` may be \
         left out, `x, …` is one or more, `'…'` is a literal that is checked with the definition, and `?` \
         behind a result says that it may be null. A null argument gives null unless the text says otherwise. \
         The last column: whether a Flink bundle can compute it, in every case or in part; \
         `windrow functions NAME` shows the form or the reason.\n",
    );
    let mut family = "";
    for item in items {
        if item.family != family {
            family = item.family;
            let _ = write!(
                text,
                "\n## {family}\n\n| function | what it gives | example | flink |\n|---|---|---|---|\n"
            );
        }
        let cell = |text: &str| text.replace('|', "\\|");
        let notes = item.notes.iter().map(|note| format!(" ({note})")).collect::<Vec<_>>().concat();
        let (signature, doc) = (cell(&item.signature), cell(&item.doc));
        let example = item.examples.first().map_or(String::new(), |example| format!("`{}`", cell(example)));
        let _ = writeln!(text, "| `{signature}` | {doc}{} | {example} | {} |", cell(&notes), status(item));
    }
    text
}
