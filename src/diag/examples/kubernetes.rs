//! Examples of the codes of Kubernetes clusters in a topology.

use super::{Example, project};
use crate::diag::Code;

pub(super) const EXAMPLES: &[Example] = &[
    project(
        Code::E0720,
        r#"# file: windrow.yaml
name: shop
environments:
  prod: {topology: topology.yaml, checkpoints: .checkpoints}
deployments:
  d: [g, j]
# file: topology.yaml
generation: 1
regions:
  west:
    groups:
      ingest: {west-1: "kafka-1:9092"}
      serving: {west-2: "kafka-2:9092"}
    kubernetes:
      west-a: {slots: 0, checkpoints: "s3://features-west/flink"}
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
    ),
    project(
        Code::E0721,
        r#"# file: windrow.yaml
name: shop
environments:
  prod: {topology: topology.yaml, checkpoints: .checkpoints}
deployments:
  d: [g, j]
# file: topology.yaml
generation: 1
regions:
  west:
    groups:
      ingest: {west-1: "kafka-1:9092"}
      serving: {west-2: "kafka-2:9092"}
    kubernetes:
      west-a: {slots: 32, checkpoints: "s3://key:secret@features-west/flink"}
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
    ),
    project(
        Code::E0722,
        r#"# file: windrow.yaml
name: shop
environments:
  prod: {topology: topology.yaml, checkpoints: .checkpoints}
deployments:
  d: [g, j]
# file: topology.yaml
generation: 1
flink: {clients: Kafka_Clients}
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
flink: {clients: kafka-clients}
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
    ),
    project(
        Code::E0723,
        r#"# file: windrow.yaml
name: shop
environments:
  prod: {topology: topology.yaml, checkpoints: .checkpoints}
deployments:
  d: [g, j]
# file: topology.yaml
generation: 1
flink: {image: "registry.example.com/job:latest"}
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
flink: {image: registry.example.com/job}
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
    ),
    project(
        Code::E0725,
        r#"# file: windrow.yaml
name: shop
environments:
  prod: {topology: topology.yaml, checkpoints: .checkpoints}
deployments:
  d: [g, j]
# file: topology.yaml
generation: 1
flink: {image: registry.example.com/job, sources: watched}
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
    ),
    project(
        Code::E0850,
        r#"# file: windrow.yaml
name: shop
environments:
  prod: {topology: topology.yaml, checkpoints: .checkpoints}
deployments:
  d: [g, j]
# file: topology.yaml
generation: 1
flink: {image: registry.example.com/job, base_image: "flink:2.2.1-scala_2.12-java17"}
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
flink: {image: registry.example.com/job, base_image: "flink:2.2.1-scala_2.12-java17@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}
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
    ),
    project(
        Code::E0851,
        r#"# file: windrow.yaml
name: shop
environments:
  prod: {topology: topology.yaml, checkpoints: .checkpoints}
deployments:
  d: [g, j]
# file: topology.yaml
generation: 1
flink: {image: registry.example.com/job, version: "2.4"}
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
flink: {image: registry.example.com/job, version: "2.3"}
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
    ),
];
