//! Model calls in bundles: what a bundle takes along of them, and what it does not. What they answer is compared with
//! the oracle's where all definitions are, in `verified.rs`.

use std::os::unix::fs::symlink;

use windrow::emit::{Bundle, Modules};

use super::bundles::shown;
use super::project::{Project, fraud};
use super::scan;
use crate::support::Scratch;
use crate::support::binary::{Run, windrow};
use crate::support::snapshots::settings;

const CALL: &str = "source s { topic t in g  format json  event_time ts  event_id id  schema { id string  ts timestamp_ms } }
stream scored { from s  call \"models.fraud:score\" (id) returns { score double } }
group_by g1 { from scored  key id  n = sum(score) over 1h  publish o to g }";

fn bundle(project: &Project) -> Bundle {
    project.bundle(&project.deployment("fraud"))
}

#[test]
fn the_bundle_of_streams_that_call_models() {
    let bundle = bundle(&fraud());
    scan::well_formed(&bundle);
    settings("bundle").bind(|| insta::assert_snapshot!("flink@models", shown(&bundle)));
    let model = &fraud().modules.by_function["models.fraud:score"].clone().unwrap()["models/fraud.py"];
    assert_eq!(&bundle.copies["modules/models/fraud.py"], model);
    assert!(bundle.files["manifest.json"].text.contains("\"modules/models/fraud.py\": \""));
}

/// The tag of the job's image.
fn tag(bundle: &Bundle) -> String {
    let (_, job) = bundle.files.iter().find(|(path, _)| path.ends_with("30_flink.yaml")).unwrap();
    job.text.lines().find(|line| line.contains(" image: ")).unwrap().to_owned()
}

#[test]
fn another_model_is_another_image_and_the_same_state() {
    let (same, mut other) = (fraud(), fraud());
    for files in other.modules.by_function.values_mut().flatten() {
        files.insert("models/fraud.py".to_owned(), b"HOME = 'NZ'".to_vec());
    }
    let (same, other) = (bundle(&same), bundle(&other));
    assert_ne!(tag(&same), tag(&other));
    assert_eq!(same.files["job.json"], other.files["job.json"]);
}

#[test]
fn requirements_are_installed_in_the_image() {
    let mut project = fraud();
    assert!(!bundle(&project).files["Dockerfile"].text.contains("modules/requirements.txt"));
    project.modules = Modules { requirements: Some(b"numpy==2.1.0\n".to_vec()), ..project.modules };
    let bundle = bundle(&project);
    assert_eq!(bundle.copies["modules/requirements.txt"], b"numpy==2.1.0\n");
    let image = &bundle.files["Dockerfile"].text;
    assert!(image.contains("pip install --no-cache-dir -r /opt/windrow/modules/requirements.txt"), "{image}");
}

fn project() -> Scratch {
    let scratch = Scratch::new();
    scratch.file("p/windrow.yaml", "name: p\ndeployments: {d: [g1]}\n");
    scratch.file("p/d.wr", CALL);
    scratch.file("p/models/fraud.py", "import helpers\n");
    scratch.file("p/helpers.py", "");
    scratch.file("p/alone.py", "");
    scratch
}

fn compile(scratch: &Scratch) -> Run {
    let (project, out) = (scratch.path().join("p"), scratch.path().join("out"));
    windrow(&["compile", project.to_str().unwrap(), "--target", "flink", "--out", out.to_str().unwrap()])
}

#[test]
fn what_a_call_becomes_is_explained() {
    let scratch = project();
    let path = scratch.path().join("p");
    let run = windrow(&["compile", path.to_str().unwrap(), "--target", "flink", "--explain"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let call = run.stdout.split("\n\n").find(|node| node.starts_with("scored.call\n")).unwrap().to_owned();
    settings("bundle").bind(|| insta::assert_snapshot!("explained@call", call));
}

#[test]
fn a_bundle_has_the_folder_of_a_module_and_what_it_imports_of_the_project() {
    let scratch = project();
    std::fs::write(scratch.path().join("p/models/weights"), [0, 255, 254]).unwrap();
    let run = compile(&scratch);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let bundle = scratch.path().join("out/d");
    assert_eq!(std::fs::read(bundle.join("modules/models/weights")).unwrap(), [0, 255, 254]);
    assert!(bundle.join("modules/helpers.py").is_file() && bundle.join("worker.py").is_file());
    assert!(!bundle.join("modules/alone.py").exists());
}

#[test]
fn a_module_that_cannot_be_taken_along_is_said_at_its_call() {
    let scratch = project();
    symlink("nowhere", scratch.path().join("p/models/broken")).unwrap();
    let run = compile(&scratch);
    let said =
        "`models/broken`, of the module of `models.fraud:score`, cannot be put into a bundle: No such file";
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("E0845") && run.stderr.contains(said), "{}", run.stderr);
    assert!(run.stderr.contains("d.wr:2:"), "{}", run.stderr);
    std::fs::remove_dir_all(scratch.path().join("p/models")).unwrap();
    let run = compile(&scratch);
    assert!(run.stderr.contains("E0844") && run.stderr.contains("models/fraud.py"), "{}", run.stderr);
    scratch.file("p/requirements.txt", "fraud-models==1.4.2\n");
    assert_eq!(compile(&scratch).code, Some(0), "its image has what is required");
}
