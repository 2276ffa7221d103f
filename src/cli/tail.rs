//! `windrow tail`: a published topic as its readers see it. Every cluster of the group is read, and of each
//! key the record with the highest version counts.

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};

use super::deployed::{failure, stop_flag};
use super::load::load;
use super::{Exit, Failure, Output};
use crate::diag::{Code, Diagnostic};
use crate::executor::{Change, Group, View, ViewRow, follow, read_view};

/// How long `--until-end` waits for clusters.
const DEADLINE: Duration = Duration::from_secs(30);

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The topic
    topic: String,
    /// The project's folder
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The environment, as named in windrow.yaml
    #[arg(long, short, value_name = "NAME")]
    env: String,
    /// Only this region
    #[arg(long, value_name = "NAME")]
    region: Option<String>,
    /// The group [default: the one that publishes the topic]
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// Stop at the log ends and show each region's rows once
    #[arg(long)]
    until_end: bool,
    /// Like `--until-end`, and check every record: no version may have two payloads
    #[arg(long)]
    verify: bool,
}

pub(crate) fn run(args: &Args, output: &mut Output) -> Result<Exit, Failure> {
    let project = load(&args.path)?.sound(output)?;
    let (_, topology) = project.environment(&args.env)?;
    let model = &project.model;
    let outlets = model.group_bys.iter().map(|g| &g.publish).chain(model.joins.iter().map(|j| &j.publish));
    let publisher = outlets.flatten().find(|publish| publish.topic == args.topic);
    let group = args.group.clone().or_else(|| publisher.map(|publish| publish.group.clone()));
    let what = Group { topic: args.topic.clone(), group, region: args.region.clone(), verify: args.verify };
    let view = if is_bounded(args) {
        let view = read_view(topology, &what, DEADLINE).map_err(|error| failure(&error.into()))?;
        for (region, rows) in &view.regions {
            for (key, row) in rows {
                output.data(&line(Change { region, key, row }))?;
            }
        }
        view
    } else {
        let interrupted = stop_flag()?;
        let mut said = Ok(());
        let over = || interrupted.load(Ordering::Relaxed);
        let view = follow(topology, &what, &over, &mut |change| {
            if said.is_ok() {
                said = output.data(&line(change));
            }
            if said.is_err() {
                interrupted.store(true, Ordering::Relaxed);
            }
        });
        said?;
        view.map_err(|error| failure(&error.into()))?
    };
    judge(&view, args, output)
}

const fn is_bounded(args: &Args) -> bool {
    args.until_end || args.verify
}

/// What the rows alone do not say.
fn judge(view: &View, args: &Args, output: &mut Output) -> Result<Exit, Failure> {
    if args.verify {
        let keys: usize = view.regions.values().map(std::collections::BTreeMap::len).sum();
        let View { records, repeats, foreign, verified_conflicts: conflicts, .. } = view;
        output.talk(&format!(
            "{records} records, {keys} keys in {} regions, {repeats} repeats of a newest version, {foreign} \
             records that are not windrow's, {conflicts} versions with two payloads",
            view.regions.len()
        ));
        if *conflicts > 0 {
            let message = format!("{conflicts} versions of `{}` have two payloads", args.topic);
            return Err(Failure::differences(Diagnostic::without_place(Code::E0921, message)));
        }
    }
    if !view.unreachable.is_empty() && is_bounded(args) {
        output.talk(&format!("did not answer: {}", view.unreachable.join(", ")));
    }
    if !view.without_topic.is_empty() && view.records == 0 {
        let message = format!("no topic `{}` on {}", args.topic, view.without_topic.join(", "));
        return Err(Failure::world(Diagnostic::without_place(Code::E0912, message)));
    }
    let incomplete = is_bounded(args) && !view.unreachable.is_empty();
    Ok(if incomplete { Exit::Differences } else { Exit::Fine })
}

/// A row as one line of JSON.
fn line(Change { region, key, row }: Change<'_>) -> String {
    let ViewRow { version, as_of, value } = row;
    let value = value.as_deref().map_or(Value::Null, |bytes| {
        serde_json::from_slice(bytes).unwrap_or_else(|_| String::from_utf8_lossy(bytes).into_owned().into())
    });
    let key = String::from_utf8_lossy(key);
    let line = json!({
        "region": region, "key": key, "version": version.to_string(), "asof": as_of.0, "value": value,
    });
    format!("{line}\n")
}
