//! A bundle on a real Flink beside the oracle and the executor's operators.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use windrow::emit::Bundle;
use windrow::oracle::compare;
use windrow::topology::FlinkVersion;

use super::joined::{Joined, assert_rows_equal};
use super::project::Project;
use super::rows::{assert_equal, expected, last_rows, previewed, records};
use crate::support::Scratch;
use crate::support::flink::{python, run};

/// The lines of a source, by its name.
pub(super) type Lines = (&'static str, Vec<String>);

/// Where a run keeps its state: one task on the heap, several in RocksDB.
const fn state(parallelism: usize) -> &'static str {
    if parallelism > 1 { "rocksdb" } else { "hashmap" }
}

/// What is compared: a definition and how many cells or rows make a comparison worth something.
pub(super) type Expected<'e> = (&'e str, usize);

/// A bundle on disk, built, and the lines of its sources.
pub(super) struct Bench {
    scratch: Scratch,
    sources: Vec<Lines>,
}

impl Bench {
    pub(super) fn new(bundle: &Bundle, sources: Vec<Lines>) -> Self {
        let scratch = Scratch::new();
        for (path, bytes) in bundle.bytes() {
            scratch.file(&format!("bundle/{path}"), bytes);
        }
        let bench = Self { scratch, sources };
        let build = bench.path("bundle/build");
        run("a bundle's build", Command::new("sh").arg(build), &bench.path("build.log"));
        bench
    }

    /// The classes of the bundle.
    pub(super) fn jar(&self) -> PathBuf {
        self.path("bundle/target/bundle.jar")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    /// The arguments of a run to the cut, where each reader has a file of its own.
    fn arguments(&self, q: i64, parallelism: usize, outputs: &[&str]) -> Vec<String> {
        let name = format!("{q}-{parallelism}");
        let out = self.out(q, parallelism);
        fs::create_dir(&out).unwrap();
        let mut arguments = vec![format!("--until={q}"), format!("--parallelism={parallelism}")];
        arguments.push(format!("--set=state.backend.type={}", state(parallelism)));
        for (source, lines) in &self.sources {
            let input = format!("in-{name}/{source}");
            for reader in 0..parallelism {
                let lines = lines.iter().skip(reader).step_by(parallelism);
                let text: String = lines.flat_map(|line| [line.as_str(), "\n"]).collect();
                self.scratch.file(&format!("{input}/{reader}.jsonl"), text);
            }
            arguments.push(format!("--input={source}={}", self.path(&input).display()));
        }
        for output in outputs {
            arguments.push(format!("--out={output}={}", out.join(output).display()));
        }
        arguments.push(format!("--dead-letters={}", out.join("dead").display()));
        arguments
    }

    /// Where a run has put its outputs.
    pub(super) fn out(&self, q: i64, parallelism: usize) -> PathBuf {
        self.path(&format!("out-{q}-{parallelism}"))
    }

    /// All runs in one process, for a JVM takes longer to start than a job to run.
    fn run(&self, outputs: &[&str], runs: &[(i64, usize)]) {
        let arguments: Vec<_> = runs.iter().map(|(q, n)| self.arguments(*q, *n, outputs)).collect();
        let mut command = Command::new(python(FlinkVersion::default()));
        let bundle = self.path("bundle");
        let runs: Vec<_> = arguments.iter().map(|arguments| (&bundle, arguments)).collect();
        let request = serde_json::json!({"built": bundle, "runs": runs}).to_string();
        command.arg("-B").arg(self.scratch.file("runs.py", windrow::emit::FLINK_RUNS));
        command.arg(self.scratch.file("runs.json", request));
        command.env("JVM_ARGS", "-Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1");
        let what = format!("{} runs of {}", runs.len(), outputs.join(" and "));
        run(&what, &mut command, &self.path("runs.log"));
        let results = fs::read_to_string(self.path("runs.json.results")).unwrap();
        let results: Vec<Option<String>> = serde_json::from_str(&results).unwrap();
        assert!(results.iter().all(Option::is_none), "{results:?}");
    }

    /// Runs at each cut and parallelism and compares every group by and every join.
    pub(super) fn compare(
        &self,
        project: &Project,
        (group_bys, joins): (&[Expected], &[Expected]),
        runs: &[(i64, usize)],
    ) {
        let records = records(&self.sources);
        let names: Vec<_> = group_bys.iter().chain(joins).map(|(name, _)| *name).collect();
        self.run(&names, runs);
        for (q, parallelism) in runs {
            let out = self.out(*q, *parallelism);
            assert_eq!(fs::read_to_string(out.join("dead")).unwrap(), "", "dead letters");
            for (group_by, cells_min) in group_bys {
                let what =
                    format!("{group_by} as of {q}, parallelism {parallelism}, {}", state(*parallelism));
                let wanted = expected(project, group_by, &records, *q);
                let rows = last_rows(project, group_by, &out.join(group_by), &wanted);
                assert_equal(&what, &wanted, &rows, *cells_min);
                let earlier = expected(project, group_by, &records, q - 3_600_000);
                assert!(!compare(&earlier, &rows).is_equal(), "{what}: an hour makes no difference");
                let previewed = previewed(project, group_by, &records, &wanted, *q);
                assert_equal(&format!("{what}, previewed"), &previewed, &rows, *cells_min);
            }
            for (join, rows_min) in joins {
                let what = format!("{join} until {q}, parallelism {parallelism}, {}", state(*parallelism));
                let joined = Joined::new(project, join);
                let rows = joined.written(&out.join(join));
                assert_rows_equal(&what, &joined.expected(&records, *q), &rows, *rows_min);
                assert_rows_equal(&what, &joined.previewed(&records, *q), &rows, *rows_min);
            }
        }
    }

    /// Runs once and says whether a join's rows are the oracle's.
    pub(super) fn is_right(&self, project: &Project, join: &str, q: i64) -> bool {
        self.run(&outputs(project), &[(q, 1)]);
        let joined = Joined::new(project, join);
        joined.written(&self.out(q, 1).join(join)) == joined.expected(&records(&self.sources), q)
    }
}

/// The publications of everything.
fn outputs(project: &Project) -> Vec<&str> {
    let group_bys = project.model.group_bys.iter().filter(|g| g.publish.is_some()).map(|g| g.name.as_str());
    let joins = project.model.joins.iter().filter(|j| j.publish.is_some()).map(|j| j.name.as_str());
    group_bys.chain(joins).collect()
}
