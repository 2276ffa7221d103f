//! The live view: what is shown once a second, made from the executor's status file.

use std::collections::BTreeMap;

use comfy_table::{Cell, CellAlignment, Table, presets};
use serde_json::Value;

/// One picture of the demo.
#[derive(Debug, Clone)]
pub struct Frame {
    /// A step of the preparation, or the current figures in one line.
    pub headline: String,
    /// The table of clusters and regions; `None` while there is nothing to show.
    pub table: Option<Table>,
    /// The faults so far, oldest first.
    pub story: Vec<String>,
}

impl Frame {
    pub(super) fn words(words: impl Into<String>) -> Self {
        Self { headline: words.into(), table: None, story: Vec::new() }
    }
}

/// Makes frames; remembers what each region had acknowledged to show rows per second.
#[derive(Debug, Default)]
pub(super) struct View {
    acknowledged: BTreeMap<String, f64>,
}

impl View {
    /// The frame for a status file (`None`: not written yet), one second after the last.
    pub(super) fn frame(
        &mut self,
        status: Option<&Value>,
        story: &[String],
        events: usize,
        running: bool,
    ) -> Frame {
        let executor = if running { "running" } else { "DEAD" };
        let headline = format!("{events} flights fed, executor {executor}");
        Frame { headline, table: status.map(|status| self.table(status, running)), story: story.to_vec() }
    }

    fn table(&mut self, status: &Value, running: bool) -> Table {
        let mut table = Table::new();
        table
            .load_style(presets::UTF8_FULL_CONDENSED)
            .set_header(["region", "group", "cluster", "state", "rows/s", "lag"]);
        for cluster in entries(status, "clusters") {
            let figures = [figure(cluster, "rows_per_s"), figure(cluster, "lag")];
            table.add_row(row(cluster, text(cluster, "name"), figures, running));
        }
        for sink in entries(status, "sinks") {
            let figures = [self.rate(sink), figure(sink, "backlog")];
            let up = sink["clusters"]
                .as_object()
                .map(|all| (all.values().filter(|up| **up == true).count(), all.len()));
            let clusters = up.map_or_else(String::new, |(up, all)| format!("{up} of {all} up"));
            table.add_row(row(sink, &clusters, figures, running));
        }
        table
    }

    fn rate(&mut self, sink: &Value) -> Option<f64> {
        let now = figure(sink, "acked")?;
        let key = format!("{} {}", text(sink, "region"), text(sink, "group"));
        let before = self.acknowledged.insert(key, now)?;
        Some((now - before).max(0.0))
    }
}

fn row(entry: &Value, cluster: &str, figures: [Option<f64>; 2], running: bool) -> Vec<Cell> {
    let mut cells = [text(entry, "region"), text(entry, "group"), cluster].map(Cell::new).to_vec();
    cells.push(state_cell(text(entry, "status"), running));
    let right = |figure: Option<f64>| figure.map_or_else(String::new, |figure| format!("{figure:.0}"));
    cells.extend(figures.map(|figure| Cell::new(right(figure)).set_alignment(CellAlignment::Right)));
    cells
}

fn entries<'a>(status: &'a Value, name: &str) -> &'a [Value] {
    status[name].as_array().map_or(&[], Vec::as_slice)
}

fn text<'a>(entry: &'a Value, name: &str) -> &'a str {
    entry[name].as_str().unwrap_or("")
}

fn figure(entry: &Value, name: &str) -> Option<f64> {
    entry[name].as_f64()
}

/// The state in a word, loud where something is wrong; while the executor is dead nobody knows it.
fn state_cell(state: &str, running: bool) -> Cell {
    match state {
        _ if !running => Cell::new("?"),
        "live" | "quiet" | "ok" => Cell::new(state),
        wrong => Cell::new(wrong.to_uppercase()),
    }
}
