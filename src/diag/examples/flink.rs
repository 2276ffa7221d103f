//! Examples of the codes about Flink's sources.

use super::{Example, project};
use crate::diag::Code;

pub(super) const EXAMPLES: &[Example] = &[project(
    Code::W0835,
    r#"# file: windrow.yaml
name: shop
environments:
  prod: {topology: topology.yaml, checkpoints: .checkpoints}
deployments:
  d: [g, j]
# file: topology.yaml
generation: 1
flink: {image: registry.example.com/job, sources: fixed}
regions:
  west:
    groups:
      ingest: {west-1: "kafka-1:9092"}
      serving: {west-2: "kafka-2:9092"}
    kubernetes:
      west-a: {slots: 32, checkpoints: "s3://features-west/flink"}
# file: g.wr
group_by g {
  from purchases
  key  user_id
  n = count() over 1h
  publish features.g to serving
}

join j {
  left     checkouts
  features user_spend on user_id
  publish features.j to serving as events
}
"#,
    r#"# file: windrow.yaml
name: shop
environments:
  prod: {topology: topology.yaml, checkpoints: .checkpoints}
deployments:
  d: [g, j]
# file: topology.yaml
generation: 1
flink: {image: registry.example.com/job, sources: dynamic}
regions:
  west:
    groups:
      ingest: {west-1: "kafka-1:9092"}
      serving: {west-2: "kafka-2:9092"}
    kubernetes:
      west-a: {slots: 32, checkpoints: "s3://features-west/flink"}
# file: g.wr
group_by g {
  from purchases
  key  user_id
  n = count() over 1h
  publish features.g to serving
}

join j {
  left     checkouts
  features user_spend on user_id
  publish features.j to serving as events
}
"#,
)];
