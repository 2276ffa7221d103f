//! What Flink cannot do is refused at its definition, all of it in one go.

use windrow::topology::{Cluster, Topology};

use super::project::{Project, project};
use crate::support::snapshots::settings;

const SOURCE: &str = "source s { topic t in g  format json  event_time ts  event_id id
  schema { id string  x double  ts timestamp_ms } }\n";

fn check(name: &str, project: &Project) {
    let refusal = project.refusal(&project.everything());
    settings("bundle").bind(|| insta::assert_snapshot!(format!("refused@{name}"), refusal));
}

fn check_text(name: &str, text: &str) {
    check(name, &project(&[("refused.wr", text)]));
}

#[test]
fn an_event_id_without_an_ordered_text() {
    check_text(
        "event_id",
        "source s { topic t in g  format json  event_time ts  event_id id
  schema { id decimal(10,2)  ts timestamp_ms } }
group_by g1 { from s  key ts  n = count() over 1h  publish o to g }",
    );
}

#[test]
fn an_expression_that_flink_computes_otherwise() {
    let text = "group_by g1 { from s  let d = cast(x as decimal(10,2))  where try_cast(id as int) > 1  key id
  n = sum(d) over 1h  publish o to g }";
    check_text("expression", &format!("{SOURCE}{text}"));
}

#[test]
fn a_disorder_of_years() {
    check_text(
        "disorder",
        &format!(
            "{}group_by g1 {{ from s  key id  n = count() over 1h  publish o to g }}",
            SOURCE.replace("event_time ts", "event_time ts disorder 1000d")
        ),
    );
}

#[test]
fn names_that_bundles_use() {
    let text = "group_by user_spend { from s  let wr_ts = x  key id  n = count() where wr_ts > 0 over 1h  publish o to g }
group_by other { from s  key id  wr_n = count() over 1h  publish p to g }";
    check_text("names", &format!("{SOURCE}{text}"));
}

#[test]
fn a_model_that_is_not_in_the_project() {
    check_text(
        "model",
        &format!(
            "{SOURCE}group_by g1 {{ from scored  key id  n = sum(score) over 1h  publish o to g }}
stream scored {{ from s  call \"fraud:score\" (id, x) returns {{ score double? }} }}"
        ),
    );
}

#[test]
fn a_job_without_output() {
    check_text("output", &format!("{SOURCE}group_by g1 {{ from s  key id  n = count() over 1h }}"));
}

#[test]
fn client_properties_of_another_client() {
    let mut project = project(&[(
        "refused.wr",
        &format!("{SOURCE}group_by g1 {{ from s  key id  n = count() over 1h  publish o to g }}"),
    )]);
    let cluster = |group: &str| Cluster {
        region: "west".into(),
        group: group.into(),
        name: format!("{group}-1"),
        bootstrap: "localhost:9092".into(),
        properties: [("ssl.key.password".to_owned(), "secret".to_owned())].into(),
        ..Cluster::default()
    };
    let clusters = vec![cluster("g"), cluster("unread")];
    project.topology = Some(Topology { generation: 1, retention_ms: 1, clusters, ..Topology::default() });
    check("properties", &project);
}
