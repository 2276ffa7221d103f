//! `windrow dlq`: records that could not be decoded, from the deployment's dead-letter topic: listed, shown as
//! they came, and sent again to where they came from.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use super::deployed::failure;
use super::load::load;
use super::{Exit, Failure, Output};
use crate::diag::{Code, Diagnostic};
use crate::executor::{Letter, Letters, dead_letter_topic, read_letters, replay};
use crate::topology::Topology;

/// How long clusters are waited for.
const DEADLINE: Duration = Duration::from_secs(30);

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// One line for each: id, time, reason
    List(Chosen),
    /// All that is known of them, as JSON: bytes that are no text in base64
    Show(Chosen),
    /// Send them again to the partitions they came from; the topic keeps them
    Replay(Chosen),
}

#[derive(clap::Args)]
struct Chosen {
    /// The project's folder [default: .]
    path: Option<PathBuf>,
    /// The project's folder, as it was said before it had its place; all other words are ids
    #[arg(long = "path", value_name = "DIR", hide = true)]
    folder: Option<PathBuf>,
    /// The deployment, as named in windrow.yaml
    #[arg(long, short, value_name = "NAME")]
    deployment: String,
    /// The environment, as named in windrow.yaml
    #[arg(long, short, value_name = "NAME")]
    env: String,
    /// Only with this reason, like `not_json`
    #[arg(long, value_name = "WORD")]
    reason: Option<String>,
    /// Only these, by the ids that `list` shows; `show` and `replay` want ids or `--all`
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// All of them
    #[arg(long, conflicts_with = "ids")]
    all: bool,
    /// How to show them
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One object per line
    Json,
}

pub(crate) fn run(args: &Args, output: &mut Output) -> Result<Exit, Failure> {
    match &args.action {
        Action::List(chosen) => with_letters(chosen, true, output, &mut |_, letter, output| {
            output.data(&listed(letter, chosen.format)).map(|()| true)
        }),
        Action::Show(chosen) => with_letters(chosen, chosen.all, output, &mut |_, letter, output| {
            let mut shown = serde_json::to_value(letter).expect("plain fields are JSON");
            shown["id"] = letter.id().into();
            let text = match chosen.format {
                Format::Text => serde_json::to_string_pretty(&shown).expect("JSON is JSON"),
                Format::Json => shown.to_string(),
            };
            output.data(&format!("{text}\n")).map(|()| true)
        }),
        Action::Replay(chosen) => {
            with_letters(chosen, chosen.all, output, &mut |topology, letter, output| match replay(
                topology, letter,
            ) {
                Ok(()) => output.data(&format!("{}\n", letter.id())).map(|()| true),
                Err(error) => {
                    output.talk(&format!("{}: {error}", letter.id()));
                    Ok(false)
                }
            })
        }
    }
}

impl Chosen {
    /// The project's folder, and the ids: without a folder the first word is one of them.
    fn split(&self) -> (PathBuf, Vec<String>) {
        let first = self.path.iter().filter(|path| self.folder.is_some() || (is_id(path) && !path.exists()));
        let first: Vec<_> = first.map(|path| path.to_string_lossy().into_owned()).collect();
        let given = if first.is_empty() { self.path.clone() } else { None };
        let folder = self.folder.clone().or(given).unwrap_or_else(|| PathBuf::from("."));
        (folder, first.into_iter().chain(self.ids.iter().cloned()).collect())
    }
}

/// Whether a word ends as ids do: with a partition and an offset.
fn is_id(word: &Path) -> bool {
    let mut parts = word.iter().rev().map(|part| part.to_string_lossy());
    let mut is_number = || parts.next().is_some_and(|part| part.parse::<u64>().is_ok());
    is_number() && is_number()
}

type Each<'a> = &'a mut dyn FnMut(&Topology, &Letter, &mut Output) -> Result<bool, Failure>;

/// Does something with each that is chosen; `all`: also without ids.
fn with_letters(chosen: &Chosen, all: bool, output: &mut Output, each: Each<'_>) -> Result<Exit, Failure> {
    let (folder, ids) = chosen.split();
    if ids.is_empty() && !all {
        let message = "which dead letters is not said".to_owned();
        let hint = "give ids that `windrow dlq list` shows, or `--all`";
        return Err(Failure::usage(Diagnostic::without_place(Code::E0915, message).hint(hint)));
    }
    let project = load(&folder)?.sound(output)?;
    let deployment = project.deployment(&chosen.deployment)?;
    let (_, topology) = project.environment(&chosen.env)?;
    let topic = dead_letter_topic(&deployment.name);
    let found = read_letters(topology, &topic, DEADLINE).map_err(|error| failure(&error.into()))?;
    if found.asked == 0 && found.unreachable.is_empty() {
        let message = format!("no cluster has the topic `{topic}`");
        return Err(Failure::world(Diagnostic::without_place(Code::E0912, message)));
    }
    let mut complete = found.unreachable.is_empty();
    for letter in select(chosen, &ids, &found)? {
        complete &= each(topology, letter, output)?;
    }
    if !found.unreachable.is_empty() {
        output.talk(&format!("did not answer: {}", found.unreachable.join(", ")));
    }
    Ok(if complete { Exit::Fine } else { Exit::Differences })
}

fn select<'a>(chosen: &Chosen, ids: &[String], found: &'a Letters) -> Result<Vec<&'a Letter>, Failure> {
    if let Some(id) = ids.iter().find(|id| !found.letters.contains_key(*id)) {
        let message = format!("no dead letter has the id `{id}`");
        let hint = "`windrow dlq list` shows the ids of those that the topic still holds";
        return Err(Failure::usage(Diagnostic::without_place(Code::E0915, message).hint(hint)));
    }
    let is_chosen = |letter: &&Letter| {
        chosen.reason.as_ref().is_none_or(|reason| *reason == letter.reason)
            && (ids.is_empty() || ids.contains(&letter.id()))
    };
    Ok(found.letters.values().filter(is_chosen).collect())
}

fn listed(letter: &Letter, format: Format) -> String {
    let Letter { timestamp_ms, reason, detail, payload, .. } = letter;
    let line: Value = json!({
        "id": letter.id(), "timestamp": timestamp_ms, "reason": reason, "detail": detail,
        "bytes": payload.0.len(),
    });
    match format {
        Format::Json => format!("{line}\n"),
        Format::Text => {
            let at = crate::types::EventTime(*timestamp_ms);
            format!("{}  {at}  {reason}: {detail}\n", letter.id())
        }
    }
}
