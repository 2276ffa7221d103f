//! Manifests: what they say, that Flink's operator takes them, where jobs are placed, and what the loss
//! of a region changes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use windrow::emit::Bundle;
use windrow::topology::FlinkVersion;

use super::project::{Project, features, moved};
use crate::support::binary::windrow;
use crate::support::flink::is_wanted;
use crate::support::{Scratch, cache};

fn documents(text: &str) -> Vec<Json> {
    text.split("\n---\n").map(|document| serde_yaml::from_str(document).unwrap()).collect()
}

/// The job's manifest in each folder.
fn jobs(bundle: &Bundle) -> BTreeMap<String, Json> {
    let files = bundle.files.iter().filter(|(path, _)| path.ends_with("30_flink.yaml"));
    files.map(|(path, file)| (path.clone(), documents(&file.text).remove(0))).collect()
}

fn all_bundles() -> Vec<Bundle> {
    let (project, mut lost, mut newer) = (features(), features(), features());
    lost.lost = Some("west");
    newer.topology.as_mut().unwrap().flink.version = FlinkVersion::V2_3;
    let of = |project: &Project| -> Vec<Bundle> {
        project.model.deployments.iter().map(|deployment| project.bundle(deployment)).collect()
    };
    [project, lost, newer].iter().flat_map(of).collect()
}

/// What Flink's operator checks beyond its schema.
#[test]
fn manifests_keep_the_operators_own_rules() {
    for (path, job) in all_bundles().iter().flat_map(jobs) {
        let (name, spec) = (job["metadata"]["name"].as_str().unwrap(), &job["spec"]);
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(
            name.len() <= 45 && name.chars().all(fits) && name.starts_with(char::is_alphabetic),
            "{path}"
        );
        assert!(spec["job"]["parallelism"].as_i64().unwrap() >= 1, "{path}");
        let settings = spec["flinkConfiguration"].as_object().unwrap();
        assert!(settings.values().all(Json::is_string), "{path}: settings are texts");
        for forbidden in ["kubernetes.namespace", "kubernetes.cluster-id", "high-availability.cluster-id"] {
            assert!(!settings.contains_key(forbidden), "{path}");
        }
        // upgradeMode last-state needs both.
        assert!(settings["execution.checkpointing.dir"].as_str().unwrap().starts_with("s3://"), "{path}");
        assert_eq!(settings["high-availability.type"], "kubernetes", "{path}");
        for part in ["jobManager", "taskManager"] {
            assert!(spec[part]["resource"]["memory"].as_str().unwrap().ends_with('m'), "{path}");
        }
        assert_eq!(spec["serviceAccount"], job["metadata"]["name"], "{path}");
    }
}

/// The documents of a file in a folder, by kind.
fn kinds(bundle: &Bundle, folder: &str, file: &str) -> Vec<(String, Json)> {
    let text = &bundle.files[&format!("{folder}/{file}.yaml")].text;
    let kind = |document: Json| (document["kind"].as_str().unwrap().to_owned(), document);
    documents(text).into_iter().map(kind).collect()
}

#[test]
fn every_job_has_its_namespace_access_and_network_and_runs_as_nobody_special() {
    for bundle in all_bundles() {
        for (path, job) in jobs(&bundle) {
            let folder = path.strip_suffix("/30_flink.yaml").unwrap();
            let access = kinds(&bundle, folder, "10_access");
            let names: Vec<_> = access.iter().map(|(kind, _)| kind.as_str()).collect();
            assert_eq!(names, ["ServiceAccount", "Role", "RoleBinding"]);
            let namespace = &job["metadata"]["namespace"];
            assert!(access.iter().all(|(_, document)| document["metadata"]["namespace"] == *namespace));
            let (_, space) = &kinds(&bundle, folder, "00_namespace")[0];
            assert_eq!(space["metadata"]["name"], *namespace);
            assert_eq!(space["metadata"]["labels"]["pod-security.kubernetes.io/enforce"], "restricted");
            let (kind, policy) = &kinds(&bundle, folder, "20_network")[0];
            assert_eq!(kind, "NetworkPolicy");
            assert_eq!(policy["spec"]["policyTypes"][1], "Egress");
            // East is read and written; of a lost region's clusters those are reached that are written to.
            let ports = [29092, 29094, 19094].map(|port| format!("\"port\":{port}"));
            assert!(ports.iter().all(|port| policy.to_string().contains(port)), "{policy}");
            let pod = &job["spec"]["podTemplate"]["spec"];
            assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
            assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
            let own = &pod["containers"][0]["securityContext"];
            assert_eq!(own["allowPrivilegeEscalation"], false);
            assert_eq!(own["capabilities"]["drop"][0], "ALL");
        }
    }
}

/// Region and state of a job's manifests.
fn states(bundle: &Bundle) -> Vec<(String, String)> {
    let state = |job: &Json| job["spec"]["job"]["state"].as_str().unwrap().to_owned();
    let region = |path: &str| path.split('/').nth(1).unwrap().to_owned();
    jobs(bundle).iter().map(|(path, job)| (region(path), state(job))).collect()
}

#[test]
fn a_job_runs_in_one_region_and_could_in_another_and_a_lost_region_turns_them() {
    let (project, mut without) = (features(), features());
    let before = project.bundle(&project.deployment("purchases"));
    let region = |wanted: &str| states(&before).into_iter().find(|(_, state)| state == wanted).unwrap().0;
    let (running, waiting) = (region("running"), region("suspended"));
    assert!(states(&before).len() == 2 && running != waiting, "{running}, {waiting}");
    without.lost = Some(if running == "west" { "west" } else { "east" });
    let after = without.bundle(&without.deployment("purchases"));
    assert!(states(&after).contains(&(waiting, "running".to_owned())));
    assert!(states(&after).contains(&(running.clone(), "suspended".to_owned())));
    let steps = &after.files["kubernetes/FAILOVER.md"].text;
    assert!(steps.contains("kubectl apply -f kubernetes/"), "{steps}");
    // Nothing of the region is read; everything is still published to it.
    let of_region = format!("\"{running}-");
    let read = |bundle: &Bundle| bundle.files["clusters.json"].text.matches(&of_region).count();
    assert!(read(&before) > 0 && read(&after) == 0);
    let sink = "sql/sinks/checkout.kafka.sql";
    assert_eq!(before.files[sink], after.files[sink]);
}

#[test]
fn the_restart_nonce_changes_with_what_the_job_uses_and_with_nothing_else() {
    let nonce = |project: &Project| {
        let bundle = project.bundle(&project.deployment("spend"));
        jobs(&bundle).values().next().unwrap()["spec"]["restartNonce"].as_i64().unwrap()
    };
    let (same, mut other_generation) = (features(), features());
    other_generation.topology.as_mut().unwrap().generation = 2;
    assert_eq!(nonce(&same), nonce(&other_generation));
    assert_ne!(nonce(&same), nonce(&moved("serving")));
    assert_eq!(nonce(&same), nonce(&moved("ingest")), "what is read is a file");
}

/// Flink's operator's own schema, from its package; see tests/setup.
fn schema() -> Option<Json> {
    let file = cache()?.join("flink-operator/flinkdeployments.flink.apache.org-v1.yml");
    let definition: Json = serde_yaml::from_str(&std::fs::read_to_string(file).ok()?).unwrap();
    Some(definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"].clone())
}

/// What of a value its schema does not allow: unknown fields too.
fn check(schema: &Json, value: &Json, path: &str, problems: &mut Vec<String>) {
    let is_open = |word: &str| schema[format!("x-kubernetes-{word}")] == true;
    if is_open("preserve-unknown-fields") || is_open("int-or-string") {
        return;
    }
    let fits = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64(),
        Some("number") => value.is_number(),
        _ => true,
    };
    if !fits {
        problems.push(format!("{path}: {value} is no {}", schema["type"]));
    }
    if schema["enum"].as_array().is_some_and(|values| !values.contains(value)) {
        problems.push(format!("{path}: {value} is none of {}", schema["enum"]));
    }
    for (key, below) in value.as_object().into_iter().flatten() {
        let path = format!("{path}.{key}");
        match (&schema["properties"][key], &schema["additionalProperties"]) {
            // The API server's own, in every resource.
            (Json::Null, Json::Null) if ["", ".metadata"].iter().any(|own| is_own(own, &path)) => {}
            (Json::Null, Json::Null | Json::Bool(false)) => problems.push(format!("{path}: unknown")),
            (Json::Null, more) => check(more, below, &path, problems),
            (known, _) => check(known, below, &path, problems),
        }
    }
    for (at, below) in value.as_array().into_iter().flatten().enumerate() {
        check(&schema["items"], below, &format!("{path}[{at}]"), problems);
    }
}

fn is_own(place: &str, path: &str) -> bool {
    let own: &[&str] = if place.is_empty() {
        &["apiVersion", "kind", "metadata"]
    } else {
        &["name", "namespace", "annotations", "labels"]
    };
    own.iter().any(|key| path == format!("{place}.{key}"))
}

#[test]
fn manifests_pass_the_operators_schema_and_unknown_fields_do_not() {
    let Some(schema) = schema() else {
        assert!(!is_wanted(), "tests/setup has not fetched the schema of Flink's operator");
        return;
    };
    let mut seen = BTreeSet::new();
    for (path, job) in all_bundles().iter().flat_map(jobs) {
        let mut problems = Vec::new();
        check(&schema, &job, "", &mut problems);
        // The newest operator in a package is older than these; its successors know them.
        let is_newer = |problem: &String| {
            ["v2_2", "v2_3"]
                .iter()
                .any(|v| problem.starts_with(&format!(".spec.flinkVersion: \"{v}\" is none of ")))
        };
        problems.retain(|problem| !is_newer(problem));
        assert_eq!(problems, Vec::<String>::new(), "{path}");
        seen.insert(path);
        let mut wrong = job.clone();
        wrong["spec"]["podTemplate"]["spec"]["containers"][0]["securityContext"]["allowEscalation"] =
            false.into();
        wrong["spec"]["job"]["parallelism"] = "4".into();
        wrong["spec"]["job"]["upgradeMode"] = "never".into();
        check(&schema, &wrong, "", &mut problems);
        assert_eq!(problems.len(), 4, "{problems:?}");
    }
    assert!(seen.len() >= 2);
}

/// A project of deployments on a topology with one Kubernetes cluster of eight slots.
fn compile(deployments: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let scratch = Scratch::new();
    scratch.file(
        "p/all.wr",
        "source s { topic t in g  format json  event_time ts  event_id id  schema { id string  ts timestamp_ms } }
group_by a { from s  key id  n = count() over 1h  publish o to g }",
    );
    let environment = "environments: {e: {topology: topology.yaml, checkpoints: c}}";
    scratch.file("p/windrow.yaml", format!("name: p\n{environment}\ndeployments: {{{deployments}}}\n"));
    scratch.file(
        "p/topology.yaml",
        "generation: 1\nregions: {west: {groups: {g: {w: \"a:9092\"}}, kubernetes: {k: {slots: 8, checkpoints: \"s3://b\"}}}}\n",
    );
    let (project, out) = (scratch.path().join("p"), scratch.path().join("out"));
    let (project, out) = (project.to_str().unwrap(), out.to_str().unwrap());
    let mut all = vec!["compile", project, "--target", "flink", "--out", out];
    all.extend(arguments);
    let run = windrow(&all);
    (run.code, run.stderr)
}

#[test]
fn what_kubernetes_cannot_take_is_said_before_anything_is_written() {
    let (code, said) = compile("one: [a], two: [a]", &[]);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = compile("one: [a], two: [a], three: [a]", &[]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("E0860") && said.contains("4 slots left for: `two`"), "{said}");
    let (code, said) = compile("my.job: [a], my_job: [a]", &[]);
    assert!(code == Some(2) && said.contains("E0861") && said.contains("would both be `my-job`"), "{said}");
    let (code, said) = compile("a-deployment-with-a-name-that-is-far-too-long-for-it: [a]", &[]);
    assert!(code == Some(2) && said.contains("E0861"), "{said}");
    let (code, said) = compile("one: [a]", &["--failover", "wset"]);
    assert!(code == Some(2) && said.contains("E0862") && said.contains("did you mean `west`?"), "{said}");
}
