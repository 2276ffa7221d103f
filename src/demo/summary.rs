//! What a demo ends with.

use std::collections::BTreeMap;

use serde::Serialize;

/// The figures of one demo; `--format json` prints exactly this object.
#[derive(Debug, Default, Clone, Serialize)]
pub struct Summary {
    /// Flights fed, each once.
    pub events: usize,
    /// Copies of flights written to a second cluster on purpose.
    pub copies: u64,
    /// Records that a failing cluster made the producer write elsewhere.
    pub redirected: usize,
    /// Keys in each region's final tables, by region.
    pub rows: BTreeMap<String, usize>,
    /// Records read back from all regions.
    pub records: u64,
    /// Records that repeat a version already seen: resent after a fault, recognised by the reader's rule.
    pub repeats: u64,
    /// Repeated versions whose payload differed: must be 0 (rule R2).
    pub conflicting_repeats: u64,
    pub clusters_lost: usize,
    pub regions_frozen: usize,
    pub executor_kills: usize,
    /// Cells compared with the oracle, over all regions.
    pub cells: usize,
    pub differing_cells: usize,
    /// The first differences, for people.
    pub differences: Vec<String>,
    /// The cut: every event is before it.
    pub cut: i64,
    pub seconds: f64,
}

impl Summary {
    /// The summary in words.
    #[must_use]
    pub fn text(&self) -> String {
        let rows: Vec<_> = self.rows.iter().map(|(region, count)| format!("{region} {count}")).collect();
        let verdict = if self.differing_cells == 0 && self.conflicting_repeats == 0 {
            "every region holds exactly what the independent computation gives"
        } else {
            "THE REGIONS DIFFER FROM THE INDEPENDENT COMPUTATION"
        };
        let mut lines = vec![
            format!(
                "events fed            {}  (+ {} copies written twice on purpose)",
                self.events, self.copies
            ),
            format!(
                "ingest clusters lost  {}  ({} records went to another cluster)",
                self.clusters_lost, self.redirected
            ),
            format!("regions frozen        {}", self.regions_frozen),
            format!("executor kills        {}", self.executor_kills),
            format!("rows per region       {}", rows.join(", ")),
            format!(
                "records read back     {}  ({} repeats of a version, {} not alike)",
                self.records, self.repeats, self.conflicting_repeats
            ),
            format!("cells compared        {}", self.cells),
            format!("cells that differ     {}", self.differing_cells),
        ];
        lines.extend(self.differences.iter().map(|difference| format!("  {difference}")));
        lines.push(format!("{verdict} ({:.0} s)", self.seconds));
        lines.join("\n")
    }
}
