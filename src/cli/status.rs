//! `windrow status`: how a deployment's run does, from its health pages or the file that it leaves, and whether
//! its ledger adds up.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;

use comfy_table::{Table, presets};
use serde_json::Value;

use super::{Exit, Failure, Output};
use crate::diag::{Code, Diagnostic};
use crate::executor::{ask_status, now_ms, read_status, status_file};
use crate::types::EventTime;

/// A report is a second old while its run lives; a step may take its time.
const FRESH_MS: i64 = 10_000;
/// `decoded` is one of these.
const FATES: [&str; 6] = ["applied", "filtered", "null_key", "duplicate", "expired", "call_failed"];

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    from: From,
    /// How to show it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Where it is read from.
#[derive(Debug, Clone, clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct From {
    /// Ask the run that serves its health pages there
    #[arg(long, value_name = "ADDR:PORT")]
    http: Option<SocketAddr>,
    /// Read what the run on this state directory has written last
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Read the file that `windrow run --status FILE` writes
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// The report as one object, with `fresh` and `ledger_differences`
    Json,
}

impl From {
    /// The report, wherever it is.
    pub(crate) fn report(&self) -> Result<Value, Failure> {
        let no_status = |place: String, error: std::io::Error| {
            let message = format!("no status at `{place}`: {error}");
            let hint = "name where the run is: `--http`, `--state` or `--file`";
            Failure::world(Diagnostic::without_place(Code::E0917, message).hint(hint))
        };
        if let Some(at) = self.http {
            return ask_status(at).map_err(|error| no_status(at.to_string(), error));
        }
        let file = self.file.clone().or_else(|| self.state.as_deref().map(status_file));
        let file = file.expect("the command line asks for one of the three");
        read_status(&file).map_err(|error| no_status(file.display().to_string(), error))
    }
}

pub(crate) fn run(args: &Args, output: &mut Output) -> Result<Exit, Failure> {
    let mut report = args.from.report()?;
    let differences = differences(&report["ledger"]);
    let age_ms = now_ms() - report["at"].as_i64().unwrap_or(0);
    let is_fresh = report["ended"] != true && age_ms <= FRESH_MS;
    match args.format {
        Format::Json => {
            report["fresh"] = is_fresh.into();
            report["ledger_differences"] = differences.clone().into();
            output.data(&format!("{report}\n"))?;
        }
        Format::Text => output.data(&text(&report, is_fresh, age_ms))?,
    }
    for difference in &differences {
        output.talk(&format!("{}: {difference}", Code::E0919));
    }
    Ok(if differences.is_empty() { Exit::Fine } else { Exit::Differences })
}

/// The equations of the ledger that do not hold.
fn differences(ledger: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (source, counts) in entries(&ledger["sources"]) {
        add_up(source, counts, "consumed", &["decoded", "dead_lettered"], &mut found);
    }
    for (node, counts) in entries(&ledger["nodes"]) {
        add_up(node, counts, "decoded", &FATES, &mut found);
    }
    found
}

fn add_up(of: &str, counts: &Value, whole: &str, parts: &[&str], found: &mut Vec<String>) {
    let sum: u64 = parts.iter().map(|part| counts[part].as_u64().unwrap_or(0)).sum();
    if counts[whole].as_u64() != Some(sum) {
        found.push(format!("{of}: {whole} is {}, {} are {sum}", counts[whole], parts.join(" + ")));
    }
}

fn text(report: &Value, is_fresh: bool, age_ms: i64) -> String {
    let mut text = head(report, is_fresh, age_ms);
    let mut clusters = table(&["region", "group", "cluster", "state", "lag", "partitions", ""]);
    for cluster in items(&report["clusters"]) {
        clusters.add_row([
            word(&cluster["region"]),
            word(&cluster["group"]),
            word(&cluster["name"]),
            word(&cluster["status"]),
            word(&cluster["lag"]),
            states(&cluster["partitions"]),
            word(&cluster["trouble"]),
        ]);
    }
    let mut sinks = table(&["region", "group", "state", "backlog", "taken", "clusters that take rows", ""]);
    for sink in items(&report["sinks"]) {
        let takers = entries(&sink["clusters"]).filter(|(_, takes)| **takes == true);
        let troubles = entries(&sink["troubles"]);
        sinks.add_row([
            word(&sink["region"]),
            word(&sink["group"]),
            word(&sink["status"]),
            word(&sink["backlog"]),
            word(&sink["acked"]),
            takers.map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", "),
            troubles.map(|(name, why)| format!("{name}: {}", word(why))).collect::<Vec<_>>().join(", "),
        ]);
    }
    let _ = write!(text, "\nread\n{clusters}\n\nfed\n{sinks}\n\nledger\n{}", ledger(&report["ledger"]));
    text
}

fn head(report: &Value, is_fresh: bool, age_ms: i64) -> String {
    let age = format!("{}.{} s ago", age_ms / 1_000, age_ms.rem_euclid(1_000) / 100);
    let lives = if is_fresh {
        format!("runs as process {}, as of {age}", report["pid"])
    } else if report["ended"] == true {
        format!("ended in order, {age}")
    } else {
        format!("says nothing since {age}: it has ended, or hangs")
    };
    let mut text = format!(
        "{} ({}): {lives}\nlease {}, start {}, {} bytes of state, {} dead letters\n",
        word(&report["deployment"]),
        word(&report["mode"]),
        report["lease"],
        report["start"],
        report["state_bytes"],
        report["dead_letters"],
    );
    for (source, w) in entries(&report["watermarks"]) {
        let at = w.as_i64().map_or_else(String::new, |w| EventTime(w).to_string());
        let _ = writeln!(text, "watermark of {source}: {at}");
    }
    if let Some(lease) = report["begun_after"].as_u64() {
        let _ = writeln!(
            text,
            "began empty after lease {lease}: rows of then may be left in topics ({})",
            Code::E0923
        );
    }
    text.push_str(&former(&report["former"]));
    let missing: Vec<_> = items(&report["missing"]).map(word).collect();
    if !missing.is_empty() {
        let _ = writeln!(text, "missing, nobody waits for them: {}", missing.join(", "));
    }
    text
}

/// Who is watched for since a takeover; nothing where nobody is.
fn former(former: &Value) -> String {
    let leases: Vec<_> = items(&former["leases"]).map(word).collect();
    if leases.is_empty() {
        return String::new();
    }
    let until = if former["signed_off"] == true {
        "over: clusters are read to their ends"
    } else {
        "not over: its holder says so when it ends, `windrow takeover --gone` if its machine is gone"
    };
    let unread = entries(&former["clusters"]).filter(|(_, state)| **state != "read");
    let unread: Vec<_> = unread.map(|(name, why)| format!("; {name}: {}", word(why))).collect();
    format!(
        "watching for rows of lease {}, {until}; {} came, {} keys were put out again, {} are to follow, {} are not known any more{}\n",
        leases.join(", "),
        former["rows"],
        former["keys_again"],
        former["open"],
        former["keys_left"],
        unread.concat(),
    )
}

/// How many partitions are in which state.
fn states(partitions: &Value) -> String {
    let mut counts = std::collections::BTreeMap::new();
    for partition in items(partitions) {
        *counts.entry(word(&partition["state"])).or_insert(0_usize) += 1;
    }
    let shown: Vec<_> = counts.iter().map(|(state, count)| format!("{count} {state}")).collect();
    shown.join(", ")
}

fn ledger(ledger: &Value) -> String {
    let mut text = String::new();
    let mut line = |of: &str, counts: &Value, whole: &str, parts: &[&str]| {
        let mut found = Vec::new();
        add_up(of, counts, whole, parts, &mut found);
        let parts: Vec<_> = parts.iter().map(|part| format!("{part} {}", counts[part])).collect();
        let sign = if found.is_empty() { "=" } else { "≠" };
        let _ = writeln!(text, "  {of}: {whole} {} {sign} {}", counts[whole], parts.join(" + "));
    };
    for (source, counts) in entries(&ledger["sources"]) {
        line(source, counts, "consumed", &["decoded", "dead_lettered"]);
    }
    for (node, counts) in entries(&ledger["nodes"]) {
        line(node, counts, "decoded", &FATES);
    }
    for (stream, counts) in entries(&ledger["calls"]) {
        let _ =
            writeln!(text, "  {stream}: calls answered {}, failed {}", counts["answered"], counts["failed"]);
    }
    text
}

fn table(head: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header(head);
    table
}

fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn who_is_watched_for_is_shown_with_the_way_to_end_it() {
        assert_eq!(former(&Value::Null), "");
        let mut watch = json!({
            "leases": [1], "signed_off": false, "rows": 3, "keys_again": 2, "open": 1, "keys_left": 0,
            "clusters": {"w1": "read", "w2": "not answering (timed out)"},
        });
        let text = former(&watch);
        assert!(text.contains("lease 1, not over") && text.contains("--gone"), "{text}");
        assert!(
            text.contains("3 came, 2 keys were put out again, 1 are to follow, 0 are not known any more; w2: not answering"),
            "{text}"
        );
        assert!(!text.contains("w1"), "{text}");
        watch["signed_off"] = true.into();
        assert!(former(&watch).contains("lease 1, over"), "{}", former(&watch));
    }

    #[test]
    fn a_ledger_that_does_not_add_up_is_said_and_shown() {
        let node = json!({
            "decoded": 5, "applied": 2, "filtered": 1, "null_key": 0, "duplicate": 1, "expired": 0, "call_failed": 1,
        });
        let right = json!({
            "sources": {"s": {"consumed": 7, "decoded": 5, "dead_lettered": 2}}, "nodes": {"node-3": node},
            "calls": {"scored": {"answered": 4, "failed": 1}},
        });
        assert_eq!(differences(&right), [""; 0]);
        let mut wrong = right.clone();
        wrong["sources"]["s"]["consumed"] = 8.into();
        wrong["nodes"]["node-3"]["expired"] = 1.into();
        assert_eq!(
            differences(&wrong),
            [
                "s: consumed is 8, decoded + dead_lettered are 7",
                "node-3: decoded is 5, applied + filtered + null_key + duplicate + expired + call_failed are 6",
            ]
        );
        assert!(ledger(&right).contains("s: consumed 7 = decoded 5 + dead_lettered 2"));
        assert!(ledger(&right).contains("scored: calls answered 4, failed 1"));
        assert!(ledger(&wrong).contains("s: consumed 8 ≠ decoded 5 + dead_lettered 2"));
    }
}
