//! Random definitions from a pool of texts: types, filters, lets, windows, tails, keys, streams, unions,
//! tables, lookups, joins.

use std::fmt::Write as _;

use super::rng::Rng;

/// What a scenario's definitions are, and what its events need to know of them.
#[derive(Debug, Clone)]
pub(super) struct Definitions {
    pub(super) text: String,
    /// Wire type of `ts`: `timestamp_ms`, `timestamp_us` or `timestamp`.
    pub(super) stamp: &'static str,
    pub(super) int_ids: bool,
    pub(super) disorder_ms: i64,
    pub(super) ahead_ms: i64,
    pub(super) left_late_ms: i64,
    /// Every window with its hop (1 for exact).
    pub(super) windows: Vec<(i64, i64)>,
    pub(super) joins: bool,
    /// The left stream of the join; with `s` events meet others of their own stream.
    pub(super) left: &'static str,
    /// What group bys read: `s`, a stream of it, or a union with `s2`.
    pub(super) from: &'static str,
    pub(super) table: Option<TableKind>,
}

/// What is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TableKind {
    /// With the history of its rows.
    Timed,
    /// Its rows hold at all times, the last one read wins.
    Static,
}

const KEYS: [&str; 7] = ["k", "k", "k, m", "k, m, b", "kk", "m", "b, at"];

/// Aggregates over one argument each, by what they may be given.
const AGGREGATES: [&str; 31] = [
    "count()",
    "count(n)",
    "count(k)",
    "sum(n)",
    "sum(x)",
    "sum(d)",
    "sum(w)",
    "avg(n)",
    "avg(x)",
    "avg(d)",
    "avg(w)",
    "min(n)",
    "max(x)",
    "min(d)",
    "max(w)",
    "min(c)",
    "max(c)",
    "max(at)",
    "last(c)",
    "last(n)",
    "last(x)",
    "last(d)",
    "last(b)",
    "last(at)",
    "sum(n * m)",
    "sum(x / n)",
    "sum(cast(n as double) * x)",
    "sum(d * d - 1.5)",
    "avg(case when b then d else 0.5 end)",
    "max(length(c) + m)",
    "last(upper(c) || '-' || coalesce(k, '?'))",
];

const FILTERS: [&str; 14] = [
    "n > 0",
    "n is not null",
    "not b",
    "b or x < 1e0",
    "c like '%a_'",
    "c in ('a', 'zz', 'Ab')",
    "c not in ('a', null)",
    "n between -5 and 5",
    "d > 1.5 and d <> 12.50",
    "n % 2 = 0",
    "x / n >= 0e0",
    "coalesce(m, 0) <= 1",
    "nullif(k, 'a') is null",
    "at < ts",
];

const LETS: [(&str, &str); 4] = [
    ("kk", "coalesce(lower(k), 'none')"),
    ("n2", "n + 1"),
    ("ratio", "d / w"),
    ("half", "cast(x as decimal(20,6)) / 2"),
];

/// Windows and the tails that all of them allow.
const WINDOWS: [(&str, &[(&str, i64)]); 10] = [
    ("1s", &[("1s", 1_000)]),
    ("10s, 1m", &[("10s", 10_000), ("1m", 60_000)]),
    ("5m", &[("5m", 300_000)]),
    ("1h", &[("1h", 3_600_000)]),
    ("1h, 24h", &[("1h", 3_600_000), ("24h", 86_400_000)]),
    ("1h, 3h, 7d", &[("1h", 3_600_000), ("3h", 10_800_000), ("7d", 604_800_000)]),
    ("12h", &[("12h", 43_200_000)]),
    ("2d, 7d", &[("2d", 172_800_000), ("7d", 604_800_000)]),
    ("1ms", &[("1ms", 1)]),
    ("12d", &[("12d", 1_036_800_000)]),
];

/// Derived columns; `P.F` is a feature of any type, `P.N` one that is a number.
const DERIVED: [&str; 7] = [
    "d1 = P.F is null",
    "d2 = case when P.F is not null then k else c end",
    "d3 = coalesce(d, 0.00) * 1.25",
    "d4 = ts",
    "d5 = n - P.N",
    "d6 = P.N / n",
    "d7 = P.N > x",
];

/// A feature's column, and whether it is a number.
type Column = (String, bool);

impl Definitions {
    pub(super) fn random(rng: &mut Rng) -> Self {
        let joins = rng.percent(60);
        // Without disorder a second event of one time is late, and a join would miss it.
        let disorder_ms = *rng.pick(if joins { &[1, 1_000, 3_600_000] } else { &[0, 10_000, 3_600_000] });
        let ahead_ms = if rng.percent(50) { disorder_ms } else { *rng.pick(&[0, 5, 60_000]) };
        let mut definitions = Self {
            text: String::new(),
            stamp: *rng.pick(&["timestamp_ms", "timestamp_ms", "timestamp_us", "timestamp"]),
            int_ids: rng.percent(25),
            disorder_ms,
            ahead_ms,
            left_late_ms: *rng.pick(&[0, 1, 60_000, 3_600_000]),
            windows: Vec::new(),
            joins,
            left: *rng.pick(&["l", "l", "s"]),
            from: *rng.pick(&["s", "s", "picked", "both", "both"]),
            table: *rng.pick(&[
                None,
                Some(TableKind::Timed),
                Some(TableKind::Timed),
                Some(TableKind::Static),
            ]),
        };
        if definitions.table.is_some() && disorder_ms == 0 {
            // Without disorder a second row of one time is late, and a lookup would miss it.
            definitions.disorder_ms = 1;
        }
        // Rows of a join are keyed by the left event's id.
        let with_id = (joins && definitions.left == "s") || rng.percent(85);
        definitions.source("s", with_id);
        definitions.streams(with_id);
        definitions.table();
        let parts = 1 + rng.below(2);
        let groups: Vec<_> = (1..=parts).map(|number| definitions.group_by(rng, number)).collect();
        if joins {
            if definitions.left == "l" {
                definitions.source("l", true);
            }
            definitions.join(rng, &groups);
        }
        if !definitions.text.contains("lookup t") {
            // No plan reads what nobody looks up.
            definitions.table = None;
        }
        definitions
    }

    fn source(&mut self, name: &str, with_id: bool) {
        let id = if self.int_ids { "int" } else { "string" };
        let event_id = if with_id { "event_id id" } else { "" };
        let (stamp, disorder, ahead) = (self.stamp, self.disorder_ms, self.ahead_ms);
        let written = write!(
            self.text,
            "source {name} {{\n  topic t.{name} in ingest\n  format json\n  schema {{ id {id}  ts {stamp}  k string?  \
             m int?  n int?  x double?  d decimal(12,2)?  w decimal(38,4)?  c string?  b bool? from \"b-b\"  \
             at timestamp_s?  ns list<int?>?  xs map<string, double?>?  \
             dy date?  rw bytes?  st struct{{a int?, b string?, l list<int>}}?  mi map<int, string?>? }}\n  event_time ts\n  {event_id}\n  disorder {disorder}ms\n  ahead {ahead}ms\n  \
             retention 7d\n}}\n"
        );
        written.expect("a string takes it");
    }

    /// Whether the order of arrival matters: what is final cannot take in what comes late.
    pub(super) fn is_final(&self) -> bool {
        self.joins || self.table.is_some()
    }

    fn streams(&mut self, with_id: bool) {
        const COLUMNS: &str = "id, ts, k, m, n, x, d, w, c, b, at, ns, xs, dy, rw, st, mi";
        let text = match self.from {
            "s" => String::new(),
            "picked" => format!(
                "stream seen {{ from s  where c is null or c <> 'zz' }}\n\
                 stream picked {{ from seen  where n is null or n <> 1  select {COLUMNS} }}\n"
            ),
            _ => {
                self.source("s2", with_id);
                // A union in a union: rows keep the source they came from, by its name.
                format!(
                    "stream some {{ from s2  where b is null or b  select {COLUMNS} }}\n\
                     stream both {{ union some, s }}\n"
                )
            }
        };
        self.text += &text;
    }

    fn table(&mut self) {
        let Some(kind) = self.table else { return };
        let id = if self.int_ids { "int" } else { "string" };
        let (stamp, disorder, ahead) = (self.stamp, self.disorder_ms, self.ahead_ms);
        let times = match kind {
            TableKind::Timed => {
                format!("event_time ts\n  event_id id\n  disorder {disorder}ms\n  ahead {ahead}ms")
            }
            TableKind::Static => String::new(),
        };
        let written = write!(
            self.text,
            "table t {{\n  topic t.t in ingest\n  format json\n  key tk\n  schema {{ id {id}  ts {stamp}  tk string  \
             tn int?  tc string? }}\n  {times}\n}}\n"
        );
        written.expect("a string takes it");
    }

    /// A group by; returns its name, key and columns.
    fn group_by(&mut self, rng: &mut Rng, number: usize) -> (String, &'static str, Vec<Column>) {
        let name = format!("g{number}");
        let mut key = *rng.pick(&KEYS);
        // A left stream has no `kk`.
        if self.joins && key == "kk" {
            key = "k";
        }
        let mut lines = vec![format!("  from {}\n  key {key}", self.from)];
        let looks_up = self.table.is_some() && rng.percent(70);
        if looks_up {
            lines.push(format!("  lookup t on {} = tk {{ tn, tc }}", rng.pick(&["k", "c"])));
        }
        let lets: Vec<_> = LETS.iter().filter(|(name, _)| *name == key || rng.percent(25)).collect();
        lines.extend(lets.iter().map(|(name, expr)| format!("  let {name} = {expr}")));
        if rng.percent(30) {
            lines.push(format!("  where {}", rng.pick(&FILTERS)));
        }
        let mut columns = Vec::new();
        if looks_up {
            let (aggregate, is_number) = *rng.pick(&[
                ("sum(tn)", true),
                ("last(tc)", false),
                ("count(tn)", true),
                ("sum(n * tn)", true),
            ]);
            lines.push(format!("  looked = {aggregate} over 1h"));
            columns.push(("looked_1h".to_owned(), is_number));
            self.windows.push((3_600_000, 1));
        }
        for feature in 0..=rng.below(5) {
            lines.push(self.feature(rng, feature, &lets, &mut columns));
        }
        lines.push(format!("  publish f.{name} to serving"));
        writeln!(self.text, "group_by {name} {{\n{}\n}}", lines.join("\n")).expect("a string takes it");
        (name, key, columns)
    }

    fn feature(
        &mut self,
        rng: &mut Rng,
        number: usize,
        lets: &[&(&str, &str)],
        columns: &mut Vec<Column>,
    ) -> String {
        let mut aggregate = (*rng.pick(&AGGREGATES)).to_owned();
        if !lets.is_empty() && rng.percent(30) {
            let (name, _) = rng.pick(lets);
            let kind =
                rng.pick(if *name == "kk" { &["min", "max", "last"] } else { &["sum", "avg", "last"] });
            aggregate = format!("{kind}({name})");
        }
        let filter = if rng.percent(35) { format!(" where {}", rng.pick(&FILTERS)) } else { String::new() };
        let (over, windows) = *rng.pick(&WINDOWS);
        let least = windows.iter().map(|(_, ms)| *ms).min().expect("a window");
        let longest = windows.iter().map(|(_, ms)| *ms).max().expect("a window");
        let (tail, hop) = Self::tail(rng, least, longest);
        let is_number = ["count", "sum", "avg"].iter().any(|kind| aggregate.starts_with(kind));
        for (name, size_ms) in windows {
            columns.push((format!("f{number}_{name}"), is_number));
            self.windows.push((*size_ms, hop.unwrap_or_else(|| default_hop(*size_ms))));
        }
        format!("  f{number} = {aggregate}{filter} over {over}{tail}")
    }

    /// A tail that the windows allow, and its hop; no hop: each window has its default.
    fn tail(rng: &mut Rng, least_ms: i64, longest_ms: i64) -> (&'static str, Option<i64>) {
        let beyond_retention = longest_ms > 604_800_000;
        match rng.below(5) {
            0 if least_ms >= 3_600_000 => (" tail hop", None),
            1 if least_ms >= 3_600_000 => (" tail hop 4m", Some(240_000)),
            2 if least_ms >= 12_000 => (" tail hop 1s", Some(1_000)),
            _ if beyond_retention => (" tail exact", Some(1)),
            3 => (" tail exact", Some(1)),
            _ => ("", Some(1)),
        }
    }

    fn join(&mut self, rng: &mut Rng, groups: &[(String, &'static str, Vec<Column>)]) {
        let mut lines = vec![format!("  left {}", self.left)];
        let mut used = Vec::new();
        // A group by may be asked twice, for two columns.
        let again = groups.iter().filter(|_| rng.percent(30)).collect::<Vec<_>>();
        for (number, (name, key, columns)) in groups.iter().chain(again).enumerate() {
            let alias = format!("p{number}");
            // `on c = k` looks up another column's value.
            let on = if *key == "k" && rng.percent(30) { "c = k" } else { key };
            lines.push(format!("  features {name} on {on} as {alias}"));
            used.push((alias, columns));
        }
        let with_numbers: Vec<_> = used
            .iter()
            .flat_map(|(alias, columns)| columns.iter().map(move |column| (alias, column)))
            .collect();
        for derived in &DERIVED {
            let (alias, (column, is_number)) = rng.pick(&with_numbers);
            let path = format!("{alias}.{column}");
            let is_possible = *is_number || !derived.contains("P.N");
            if is_possible && rng.percent(40) {
                lines.push(format!("  {}", derived.replace("P.F", &path).replace("P.N", &path)));
            }
        }
        if self.table.is_some() && rng.percent(60) {
            lines.push("  lookup t on k = tk { tn, tc }".to_owned());
        }
        lines.push(format!("  left_late {}ms", self.left_late_ms));
        let mode = rng.pick(&["events", "events", "latest"]);
        lines.push(format!("  publish f.j to serving as {mode}"));
        writeln!(self.text, "join j {{\n{}\n}}", lines.join("\n")).expect("a string takes it");
    }
}

/// Rule S3's hop for a window.
const fn default_hop(window_ms: i64) -> i64 {
    match window_ms {
        1_036_800_000.. => 86_400_000,
        43_200_000.. => 3_600_000,
        _ => 300_000,
    }
}
