//! `windrow backfill`: builds a state from what the clusters keep, as fast as it can; `windrow run` goes on
//! from it.

use std::io::IsTerminal;
use std::time::Duration as Elapsed;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::deployed::{self, Deployed, LogFormat};
use super::{Exit, Failure, Output};
use crate::executor::{self, From, Progress, Summary, ledger_json};
use crate::types::{Duration, EventTime};

/// Without a terminal: a line this often.
const LINE_EVERY: Elapsed = Elapsed::from_secs(5);

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    deployed: Deployed,
    /// How far back to read [default: as far as the longest window reaches]
    #[arg(long, value_name = "DURATION", conflicts_with = "from")]
    last: Option<Duration>,
    /// From when on to read
    #[arg(long, value_name = "TIME")]
    from: Option<EventTime>,
    /// How long to wait for a cluster that does not answer [default: the joins' `hold_for`, else 5m]
    #[arg(long, value_name = "DURATION")]
    hold_for: Option<Duration>,
    /// How to show the summary
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// How the log on stderr looks
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One object
    Json,
}

pub(crate) fn run(args: &Args, output: &mut Output) -> Result<Exit, Failure> {
    let mut job = args.deployed.job(output)?;
    job.hold_for_ms = args.hold_for.map(Duration::ms);
    let from = match (args.last, args.from) {
        (Some(last), _) => From::Last { ms: last.ms() },
        (None, Some(instant)) => From::Instant(instant),
        (None, None) => From::LongestWindow,
    };
    let mut meter = Meter::new(args.log_format);
    let summary = executor::backfill(&job, from, &mut |progress| meter.show(progress, output));
    meter.finish();
    let summary = summary.map_err(|error| deployed::failure(&error))?;
    match args.format {
        Format::Text => output.data(&text(&summary))?,
        Format::Json => output.data(&format!("{}\n", as_json(&summary)))?,
    }
    Ok(if is_complete(&summary) { Exit::Fine } else { Exit::Differences })
}

/// A bar on a terminal, lines otherwise.
struct Meter {
    bar: Option<ProgressBar>,
    said: Elapsed,
}

impl Meter {
    fn new(log: LogFormat) -> Self {
        if !std::io::stderr().is_terminal() {
            deployed::start_log(log);
            return Self { bar: None, said: Elapsed::ZERO };
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let template = "{bar:30} {percent:>3} %  {human_pos} of {human_len} records  {per_sec}  ETA {eta}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self { bar: Some(bar), said: Elapsed::ZERO }
    }

    fn show(&mut self, progress: Progress, output: &mut Output) {
        if let Some(bar) = &self.bar {
            bar.set_length(progress.total);
            bar.set_position(progress.read);
        } else if progress.elapsed >= self.said + LINE_EVERY {
            self.said = progress.elapsed;
            output.talk(&line(progress));
        }
    }

    fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
fn line(progress: Progress) -> String {
    let rate = progress.read as f64 / progress.elapsed.as_secs_f64().max(0.001);
    let left = progress.total.saturating_sub(progress.read) as f64 / rate.max(0.001);
    let Progress { read, total, .. } = progress;
    format!("{read} of {total} records, {rate:.0} per second, {left:.0} s to go")
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
fn text(summary: &Summary) -> String {
    let seconds = summary.elapsed.as_secs_f64().max(0.001);
    let rate = summary.records as f64 / seconds;
    let mut lines = vec![
        format!("{} records in {seconds:.1} s, {rate:.0} per second", summary.records),
        deployed::ledger_line(&summary.ledger, summary.dead_letters),
    ];
    for column in &summary.columns {
        lines.push(format!("{}: {}", column.column, completeness(summary, column.from)));
    }
    if !summary.missing.is_empty() {
        lines.push(format!("did not answer, will be merged later: {}", summary.missing.join(", ")));
    }
    if summary.interrupted {
        lines.push("stopped before the end: the same command goes on from here".to_owned());
    }
    lines.join("\n") + "\n"
}

fn completeness(summary: &Summary, from: Option<EventTime>) -> String {
    match from {
        _ if !is_complete(summary) => "incomplete: some logs are still to be read".to_owned(),
        Some(from) => format!("complete from {from}"),
        None => "complete: the logs go back to their first record".to_owned(),
    }
}

/// Whether every log was read to its end.
fn is_complete(summary: &Summary) -> bool {
    summary.missing.is_empty() && !summary.interrupted
}

fn as_json(summary: &Summary) -> serde_json::Value {
    let columns: serde_json::Map<_, _> = summary
        .columns
        .iter()
        .map(|column| (column.column.clone(), column.from.map(EventTime::millis).into()))
        .collect();
    json!({
        "records": summary.records,
        "elapsed_ms": u64::try_from(summary.elapsed.as_millis()).unwrap_or(u64::MAX),
        "ledger": ledger_json(&summary.ledger),
        "dead_letters": summary.dead_letters,
        "is_complete": is_complete(summary),
        "complete_from": columns,
        "missing": summary.missing,
        "interrupted": summary.interrupted,
    })
}
