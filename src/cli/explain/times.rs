//! Windows, watermarks and lateness of a definition, in words.

use std::collections::BTreeMap;

use crate::model::{GroupBy, Input, Join, JoinMode, Model, Source, Table, Tail, Window};

use super::definition::Definition;
use super::features::time_name;
use super::meaning::window_name;

/// Which events a row counts, and when a row that changes by the passing of time comes out.
pub(super) fn windows(model: &Model, definition: Definition) -> Vec<String> {
    match definition {
        Definition::Source(_) | Definition::Table(_) | Definition::Stream(_) => vec![],
        Definition::GroupBy(id) => group_by_windows(model.group_by(id)),
        Definition::Join(id) => join_times(model.join(id)),
    }
}

fn group_by_windows(group_by: &GroupBy) -> Vec<String> {
    let windows: BTreeMap<(i64, &str), Window> = group_by
        .aggregates
        .iter()
        .filter_map(|aggregate| {
            aggregate.window.map(|window| ((window.size_ms, window_name(aggregate)), window))
        })
        .collect();
    let mut lines =
        vec!["A row as of a time q counts the events from q - window up to, not including, q.".to_owned()];
    lines.extend(windows.iter().map(|((_, name), of)| window(name, of)));
    lines.push(match group_by.publish.as_ref().map_or(0, |publish| publish.every_ms) {
        0 => "A row is published when a value changes, at most once per key and step.".to_owned(),
        ms => format!("A row is published when a value changes, at most once per key in {}.", duration(ms)),
    });
    lines.extend(lifetime(group_by));
    lines
}

/// How long lifetime columns last, and since when they are complete.
fn lifetime(group_by: &GroupBy) -> Vec<String> {
    if group_by.aggregates.iter().all(|aggregate| aggregate.window.is_some()) {
        return vec![];
    }
    let kept = group_by.ttl_ms.map_or_else(
        || "Columns without a window are kept forever.".to_owned(),
        |ttl| {
            let ttl = duration(ttl);
            format!("Columns without a window are kept until their key has had no event for {ttl}.")
        },
    );
    vec![kept, "They count what came since the state began, and what `history` supplied before.".to_owned()]
}

fn window(name: &str, window: &Window) -> String {
    let start = match window.tail {
        Tail::Exact => "starts to the millisecond".to_owned(),
        Tail::Hop { hop_ms } => format!("starts at the last full {}", duration(hop_ms)),
    };
    let refresh = duration(window.refresh_ms);
    format!("{name}: {start}; a value that changes only because events leave it follows within {refresh}.")
}

fn join_times(join: &Join) -> Vec<String> {
    let when = match join.mode {
        JoinMode::Complete => {
            "A row comes out once, when everything before its event is believed to be here, and is final."
        }
        JoinMode::Fresh => "A row comes out once, at once, with what is known then, and is never corrected.",
    };
    vec![
        when.to_owned(),
        format!("It waits at most {} for a cluster that is down.", duration(join.hold_for_ms)),
        format!("An event up to {} late is still enriched as of its own time.", duration(join.left_late_ms)),
    ]
}

/// What happens to events that come late, early or twice.
pub(super) fn lateness(model: &Model, definition: Definition) -> Vec<String> {
    match definition {
        Definition::Source(id) => of_source(model.source(id)),
        Definition::Table(id) => of_table(model.table(id)),
        Definition::Stream(id) => of_sources(model, Input::Stream(id)),
        Definition::GroupBy(id) => {
            let group_by = model.group_by(id);
            let mut lines = of_sources(model, group_by.from);
            lines.push(kept(group_by));
            lines
        }
        Definition::Join(id) => {
            let join = model.join(id);
            let mut lines = of_sources(model, join.left);
            lines.push(
                "A figure's event that comes after a row it belonged to is counted as missed; the row stays."
                    .to_owned(),
            );
            lines
        }
    }
}

/// A static table has no times that could be late.
fn of_table(table: &Table) -> Vec<String> {
    let Some(slot) = table.event_time else { return vec![] };
    let (name, time) = (&table.name, &table.fields[slot].field.name);
    vec![
        format!("The watermark of {name} trails its newest {time} by {}.", duration(table.disorder_ms)),
        "A row that comes after an event was looked up is counted as missed; what was looked up stays."
            .to_owned(),
    ]
}

fn of_sources(model: &Model, input: Input) -> Vec<String> {
    model.sources_of(input).into_iter().flat_map(|id| of_source(model.source(id))).collect()
}

fn of_source(source: &Source) -> Vec<String> {
    let (name, time) = (&source.name, time_name(source));
    let mut lines = vec![
        format!("The watermark of {name} trails its newest {time} by {}.", duration(source.disorder_ms)),
        format!(
            "An event whose {time} leads its record by more than {} is a dead letter.",
            duration(source.ahead_ms)
        ),
    ];
    lines.push(match source.event_id {
        Some(slot) => {
            let id = &source.fields[slot].field.name;
            format!("Copies, events with one {id} and the same bytes, count once.")
        }
        None => "Without an event id, an event that was written twice counts twice.".to_owned(),
    });
    lines
}

fn kept(group_by: &GroupBy) -> String {
    if group_by.aggregates.iter().any(|aggregate| aggregate.window.is_none()) {
        return "A late event is merged, however late: columns without a window hold it.".to_owned();
    }
    format!(
        "A late event is merged as long as some window holds it, here {}; later ones are counted as expired.",
        duration(group_by.reach_ms())
    )
}

/// `2h 48m`: by all units, where one would not be read at a glance.
pub(super) fn duration(ms: i64) -> String {
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s"), (1, "ms")];
    let mut left = ms;
    let mut parts = Vec::new();
    for (factor, name) in units {
        if left >= factor {
            parts.push(format!("{}{name}", left / factor));
            left %= factor;
        }
    }
    if parts.is_empty() { "0ms".to_owned() } else { parts.join(" ") }
}
