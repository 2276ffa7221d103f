//! What stands in a bundle, and how the command line writes it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use windrow::emit::Bundle;
use windrow::topology::FlinkSources;

use super::kafka::copy_of_features;
use super::project::{Project, features, moved, project};
use super::scan;
use crate::support::binary::{command, windrow};
use crate::support::snapshots::settings;
use crate::support::{Scratch, root};

/// The same bytes in every bundle: listed, not shown.
fn is_unchanged(path: &str) -> bool {
    ["java/dev/windrow/flink/", "kafka/"].iter().any(|folder| path.starts_with(folder))
        || ["main.py", "options.py", "build", "run-local", "worker.py"].contains(&path)
}

/// One heading per file; the manifest without the hashes of files, and the image without its tag, a hash of files
/// too: both follow from what is shown.
pub(super) fn shown(bundle: &Bundle) -> String {
    let mut text = String::from("unchanged:\n");
    for (path, file) in bundle.files.iter().filter(|(path, _)| is_unchanged(path)) {
        let _ = writeln!(text, "  {path}{}", if file.executable { " (executable)" } else { "" });
    }
    for (path, file) in bundle.files.iter().filter(|(path, _)| !is_unchanged(path)) {
        let _ = writeln!(text, "\n===== {path}");
        text += &match path.as_str() {
            "manifest.json" => without_files(&file.text),
            _ if path.ends_with("30_flink.yaml") => without_tag(&file.text),
            _ => file.text.clone(),
        };
    }
    for (path, bytes) in &bundle.copies {
        let _ = writeln!(text, "\n===== {path}: {} bytes of the project's", bytes.len());
    }
    text
}

fn without_tag(manifest: &str) -> String {
    let (before, image) = manifest.split_once("/job:").unwrap();
    format!("{before}/job:<tag>{}", &image[16..])
}

fn without_files(manifest: &str) -> String {
    let mut json: serde_json::Value = serde_json::from_str(manifest).unwrap();
    let files = json.as_object_mut().unwrap().remove("files").unwrap();
    assert!(files.as_object().unwrap().len() > 30, "every file has its hash");
    serde_json::to_string_pretty(&json).unwrap() + "\n"
}

fn snapshot(project: &Project, deployment: &str) {
    let bundle = project.bundle(&project.deployment(deployment));
    settings("bundle").bind(|| insta::assert_snapshot!(format!("flink@{deployment}"), shown(&bundle)));
}

#[test]
fn the_bundle_of_one_group_by() {
    snapshot(&features(), "spend");
}

#[test]
fn the_bundle_of_two_group_bys_on_one_source() {
    snapshot(&features(), "airport_board");
}

#[test]
fn the_bundle_of_a_join_with_one_part() {
    snapshot(&features(), "purchases");
}

#[test]
fn the_bundle_of_a_join_with_two_parts() {
    snapshot(&features(), "flights");
}

#[test]
fn the_bundle_of_tables_and_a_union() {
    snapshot(&features(), "payments");
}

#[test]
fn every_deployment_of_the_examples_has_a_snapshot() {
    let project = features();
    for deployment in &project.model.deployments {
        let snapshot = format!("snapshots/bundle/flink@{}.snap", deployment.name);
        assert!(root().join(snapshot).exists(), "{}", deployment.name);
    }
}

/// Everything that no example has: hops, no event id, wire names, every type, shared lets.
const EVERY_FORM: &str = r#"
source s {
  topic t in g
  format json
  schema {
    id int
    "key" string? from "the key"
    flag bool
    at timestamp_us?
    x double?
    d decimal(20,4)
    place struct{city string? from "the ""city""", at list<struct{n int}>?}?
    ts timestamp_ns
  }
  event_time ts
  event_id id
  disorder 1d
}
source plain { topic p in g  format json  schema { n int  ts timestamp_s  b bool } event_time ts }
group_by every_kind {
  from s
  let twice = n_of + n_of
  let n_of = coalesce(id, 1)
  where x > 1.5e0 and twice < 100
  key "key", flag
  n = count() over 12h tail hop 1h
  c = count(at) where flag over 1h
  s = sum(x) over 1h, 2h
  a = avg(d) over 1h
  lo = min(at) over 1h
  hi = max(twice) over 1h
  l = last(flag) over 1h
  city = last(place.city) over 1h
  raws = last_k(place.city, 2) over 1h default split('a,b', ',')
  publish o in g
}
group_by no_id { from plain  key n  c = count() where b over 1h  publish q to g }
"#;

#[test]
fn every_form_of_a_definition_has_its_form_in_the_bundle() {
    let project = project(&[("every.wr", &EVERY_FORM.replace("publish o in g", "publish o to g"))]);
    let bundle = project.bundle(&project.everything());
    settings("bundle").bind(|| insta::assert_snapshot!("flink@every_form", shown(&bundle)));
    scan::well_formed(&bundle);
}

#[test]
fn a_bundle_has_every_support_class() {
    let bundle = features().bundle(&features().deployment("spend"));
    for entry in std::fs::read_dir(root().join("templates/flink/java")).unwrap() {
        let (path, name) = {
            let entry = entry.unwrap();
            (entry.path(), entry.file_name())
        };
        let in_bundle = format!("java/dev/windrow/flink/{}", name.to_str().unwrap());
        assert_eq!(bundle.files[&in_bundle].text, std::fs::read_to_string(path).unwrap());
    }
}

#[test]
fn hostile_texts_never_break_out() {
    let wire = r"a'b`c\d${path}*/ --\u0022";
    let literal = "'' ; DROP TABLE x; -- ${cut_ms} */ `\\u0027 \\";
    let text = format!(
        "source s {{ topic t in g format json schema {{ id string from \"{wire}\" ts timestamp_ms }} event_time ts event_id id }}\n\
         group_by g1 {{ from s let l = coalesce(id, '{literal}') where l <> '{literal}' key l\n\
         n = count() where id = '{literal}' over 1h m = last(l) over 1h publish o to g }}\n\
         stream asked {{ from s call \"m:f\" (id || '{literal}') returns {{ x struct{{y int from \"{wire}\"}} }} }}\n\
         group_by g2 {{ from asked key id n = sum(x.y) over 1h publish q to g }}"
    );
    let mut project = project(&[("hostile.wr", &text)]);
    project.modules.by_function.insert("m:f".to_owned(), Ok([("m.py".to_owned(), Vec::new())].into()));
    let bundle = project.bundle(&project.everything());
    scan::well_formed(&bundle);
    let java = scan::java_literals(&bundle.files["java/dev/windrow/job/SSource.java"].text);
    assert!(java.contains(&wire.to_owned()), "{java:?}");
    let java = scan::java_literals(&bundle.files["java/dev/windrow/job/AskedCall.java"].text);
    let told = java.iter().find_map(|text| serde_json::from_str::<serde_json::Value>(text).ok()).unwrap();
    assert_eq!(told["returns"], serde_json::json!([["x", ["struct", [[wire, "int"]]]]]));
    let plain = literal.replace("''", "'");
    let filter = &bundle.files.iter().find(|(path, _)| path.contains("filter")).unwrap().1.text;
    assert_eq!(scan::sql_literals(filter), std::slice::from_ref(&plain), "{filter}");
    let asked = &bundle.files.iter().find(|(path, _)| path.ends_with("answered.sql")).unwrap().1.text;
    assert_eq!(scan::sql_literals(asked), std::slice::from_ref(&plain), "{asked}");
    let input = &bundle.files.iter().find(|(path, _)| path.ends_with("g1.input.sql")).unwrap().1.text;
    assert_eq!(scan::sql_literals(input), [plain], "{input}");
}

/// A text as a deployment's files have it, with the text itself left out: what is around it.
fn around(bundle: &Bundle, text: &str) -> BTreeMap<String, Vec<String>> {
    let escaped = [text.to_owned(), text.replace('\'', "''"), text.replace('\'', "''").replace('$', "$$")];
    let is_generated = |path: &str| !is_unchanged(path) && !["manifest.json", "plan.txt"].contains(&path);
    let lines = |file: &windrow::emit::File| -> Vec<String> {
        let line =
            |line: &str| escaped.iter().rev().fold(line.to_owned(), |line, text| line.replace(text, "…"));
        file.text.lines().map(line).collect()
    };
    bundle
        .files
        .iter()
        .filter(|(path, _)| is_generated(path))
        .map(|(path, file)| (path.clone(), lines(file)))
        .collect()
}

/// Texts of a topology that try to break out, and harmless ones in their place.
#[test]
fn hostile_brokers_topics_and_columns_change_no_line_but_their_own() {
    FlinkSources::ALL.into_iter().for_each(change_no_line_but_their_own);
}

fn change_no_line_but_their_own(sources: FlinkSources) {
    let bundle = |topic: &str, broker: &str| {
        let mut project = features();
        let topology = project.topology.as_mut().unwrap();
        topology.flink.sources = sources;
        for cluster in &mut topology.clusters {
            cluster.bootstrap = broker.into();
        }
        for group_by in &mut project.model.group_bys {
            if let Some(publish) = &mut group_by.publish {
                publish.topic = topic.into();
            }
        }
        project.bundle(&project.deployment("purchases"))
    };
    let (topic, broker) = ("t', 'x' = '${lease}$", "b'; -- ${path} `\":9092");
    let hostile = bundle(topic, broker);
    scan::well_formed(&hostile);
    let table = &hostile.files["sql/sinks/user_spend.kafka.sql"].text;
    assert!(scan::sql_literals(table).contains(&topic.replace('$', "$$")), "{table}");
    let sql = |bundle: &Bundle, topic: &str| -> Vec<(String, usize, usize)> {
        let of = |(path, lines): (String, Vec<String>)| {
            let text = lines.join("\n");
            (
                path.clone(),
                lines.len(),
                if path.ends_with(".sql") { scan::sql_literals(&text).len() } else { 0 },
            )
        };
        around(bundle, topic).into_iter().filter(|(path, _)| path != "job.json").map(of).collect()
    };
    let benign = bundle("topic", "broker:9092");
    let in_clusters =
        |bundle: &Bundle| scan::sql_literals(&bundle.files["sql/sinks/checkout.kafka.sql"].text).len();
    assert_eq!(in_clusters(&hostile), in_clusters(&benign));
    assert_eq!(sql(&hostile, topic), sql(&benign, "topic"));
    for (path, file) in &hostile.files {
        if path.ends_with(".yaml") {
            for document in file.text.split("\n---\n") {
                serde_yaml::from_str::<serde_json::Value>(document).unwrap();
            }
        }
    }
}

#[test]
fn what_each_node_becomes_is_explained() {
    let run = windrow(&["compile", "features", "--target", "flink", "--explain", "--deployment", "flights"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    settings("bundle").bind(|| insta::assert_snapshot!("explained@flights", run.stdout));
    let run = windrow(&["compile", "features", "--target", "flink", "--explain", "--deployment", "payments"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    settings("bundle").bind(|| insta::assert_snapshot!("explained@payments", run.stdout));
    let run = windrow(&["compile", "features", "--target", "flink"]);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
}

/// All files below a folder: their text, and whether they may be run.
fn tree(folder: &Path) -> BTreeMap<String, (String, bool)> {
    let mut files = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let executable = path.metadata().unwrap().permissions().mode() & 0o111 != 0;
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            files.insert(name, (std::fs::read_to_string(&path).unwrap(), executable));
        }
    }
    files
}

fn compile(out: &Path, locale: &str, zone: &str) -> BTreeMap<String, (String, bool)> {
    let args = ["compile", "features", "--target", "flink", "--deployment", "spend", "--out"];
    let mut command = command(&args);
    command.arg(out).current_dir(root()).env("LC_ALL", locale).env("TZ", zone);
    let run = command.output().unwrap();
    assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
    tree(out)
}

#[test]
fn the_image_is_built_from_files_that_are_in_the_bundle() {
    let bundle = features().bundle(&features().deployment("spend"));
    let text = &bundle.files["Dockerfile"].text;
    let copies =
        text.lines().filter_map(|line| line.strip_prefix("COPY ")).filter(|rest| !rest.starts_with("--from"));
    let mut seen = 0;
    for copied in copies.flat_map(|rest| rest.rsplit_once(' ').unwrap().0.split(' ')) {
        let is_there = |path: &String| path == copied || path.starts_with(&format!("{copied}/"));
        assert!(bundle.files.keys().any(is_there), "{copied} is not in the bundle");
        seen += 1;
    }
    assert!(seen >= 10, "{text}");
}

/// Whether a warning says that the image has no digest, and what the job's image is made from.
fn base(settings: &str) -> (bool, String) {
    let scratch = copy_of_features();
    let topology = std::fs::read_to_string(root().join("features/topology.yaml")).unwrap();
    scratch.file("project/topology.yaml", topology.replace("parallelism: 4", settings));
    let (project, out) = (scratch.path().join("project"), scratch.path().join("out"));
    let args = ["compile", "--target", "flink", "--deployment", "spend"].map(Into::into);
    let places = [project.into_os_string(), "--out".into(), out.into_os_string()];
    let run = windrow(&args.into_iter().chain(places).collect::<Vec<std::ffi::OsString>>());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(run.stderr.matches("warning").count(), run.stderr.matches("warning[W0850]").count());
    let image = std::fs::read_to_string(scratch.path().join("out/spend/Dockerfile")).unwrap();
    let image = image.lines().find_map(|line| line.strip_prefix("ARG FLINK_IMAGE=")).unwrap().to_owned();
    (run.stderr.contains("W0850"), image)
}

#[test]
fn an_image_is_pinned_by_its_digest_or_a_warning_says_that_it_is_not() {
    let pinned = format!("r.example.com/flink:2.3.0@sha256:{}", "5a".repeat(32));
    let settings = format!("version: 2.3, base_image: \"{pinned}\"");
    assert_eq!(base(&settings), (false, pinned));
    assert_eq!(base("version: \"2.3\""), (true, "flink:2.3.0-scala_2.12-java17".into()));
    assert_eq!(base("parallelism: 2"), (true, "flink:2.2.1-scala_2.12-java17".into()));
}

/// The same plan may become other files: what the image is called by is in it.
#[test]
fn the_tag_of_the_image_changes_with_what_is_in_it_and_with_nothing_else() {
    let tag = |project: &Project| {
        let bundle = project.bundle(&project.deployment("spend"));
        let jobs: Vec<_> = bundle.files.keys().filter(|path| path.ends_with("30_flink.yaml")).collect();
        let text = &bundle.files[jobs[0]].text;
        text.lines().find(|line| line.contains(" image: ")).unwrap().to_owned()
    };
    let (same, mut other_place) = (features(), features());
    for cluster in &mut other_place.topology.as_mut().unwrap().kubernetes {
        cluster.checkpoints = "s3://other/place".into();
    }
    assert_ne!(tag(&same), tag(&moved("serving")));
    assert_eq!(tag(&same), tag(&moved("ingest")), "what is read is a file");
    assert_eq!(tag(&same), tag(&other_place));
}

#[test]
fn a_bundle_is_the_same_bytes_in_any_place_and_language() {
    let (a, b) = (Scratch::new(), Scratch::new());
    let first = compile(a.path(), "C", "UTC");
    assert_eq!(first, compile(b.path(), "ar_EG.UTF-8", "Asia/Kathmandu"));
    assert_eq!(first, compile(a.path(), "tr_TR.UTF-8", "America/St_Johns"), "replaced by itself");
    assert!(first["spend/run-local"].1 && !first["spend/main.py"].1);
    let bundle = features().bundle(&features().deployment("spend"));
    let expected =
        bundle.files.into_iter().map(|(path, file)| (format!("spend/{path}"), (file.text, file.executable)));
    let mut expected: BTreeMap<_, _> = expected.collect();
    let placement = first["placement.json"].clone();
    assert!(placement.0.contains("\"spend\": {\n    \"primary\": "), "{}", placement.0);
    expected.insert("placement.json".into(), placement);
    assert_eq!(first, expected, "no more and no less than the bundle, and nothing left beside it");
}

#[test]
fn what_cannot_be_compiled_does_not_keep_the_rest_from_it() {
    let scratch = Scratch::new();
    let definition = "source s { topic t in g  format json  event_time ts  event_id id  schema { id string  ts timestamp_ms } }
group_by good { from s  key id  n = count() over 1h  publish o to g }
group_by bad { from s  key id  wr_n = count() over 1h  publish p to g }";
    scratch.file("project/all.wr", definition);
    scratch.file("project/windrow.yaml", "name: p\ndeployments: {good: [good], bad: [bad]}\n");
    let (project, out) = (scratch.path().join("project"), scratch.path().join("out"));
    let out = out.to_str().unwrap();
    let run = windrow(&["compile", project.to_str().unwrap(), "--target", "flink", "--out", out]);
    assert_eq!(run.code, Some(1));
    let folders: Vec<_> = run.stdout.lines().map(|line| line.strip_prefix(out).unwrap()).collect();
    assert_eq!(folders, ["/good"]);
    assert_eq!(std::fs::read_dir(out).unwrap().count(), 1, "nothing half-written");
    assert_eq!(run.stderr.matches("E0804").count(), 1, "{}", run.stderr);
}

#[test]
fn a_folder_that_is_no_bundle_is_left_alone() {
    let scratch = Scratch::new();
    scratch.file("spend/manifest.json", "{\"name\": \"a web app\"}");
    let out = scratch.path().to_str().unwrap();
    let run = windrow(&["compile", "features", "--target", "flink", "--deployment", "spend", "--out", out]);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert!(run.stderr.contains("E0890"), "{}", run.stderr);
    assert_eq!(tree(scratch.path()).len(), 1, "nothing was added or taken away");
}

#[test]
fn an_output_that_cannot_be_written_is_the_worlds_fault() {
    let scratch = Scratch::new();
    let file = scratch.file("file", "in the way");
    let run = windrow(&[
        "compile",
        "features",
        "--target",
        "flink",
        "--deployment",
        "spend",
        "--out",
        file.to_str().unwrap(),
    ]);
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert!(run.stderr.contains("E0006"), "{}", run.stderr);
    let run =
        windrow(&["compile", "features", "--target", "flink", "--deployment", "spent", "--out", "unused"]);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert!(run.stderr.contains("did you mean `spend`?"), "{}", run.stderr);
}
