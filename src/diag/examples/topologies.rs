//! Examples of the codes of topologies.

use super::{Example, project};
use crate::diag::Code;

pub(super) const EXAMPLES: &[Example] = &[
    project(
        Code::E0701,
        r#"# file: windrow.yaml
name: shop
environments:
  prod: {topology: topology.yaml, checkpoints: .checkpoints}
deployments:
  d: [g, j]
# file: topology.yaml
regions:
  west:
    groups:
      ingest: {west-1: "kafka-1:9092"}
      serving: {west-2: "kafka-2:9092"}
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
        Code::E0702,
        "# file: windrow.yaml
name: shop
environments:
  prod: {topology: topology.yaml, checkpoints: .checkpoints}
deployments:
  d: [g, j]
# file: topology.yaml
generation: 1
regions: {}
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
",
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
        Code::E0703,
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
      serving: {west-1: "kafka-2:9092"}
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
        Code::E0704,
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
      serving: {west-2: "kafka-2"}
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
        Code::E0705,
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
# file: g.wr
group_by g {
  from purchases
  key  user_id
  n = count() over 1h
  publish features.g to srving
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
        Code::E0706,
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
      ingest:
        west-1: "kafka-1:9092"
        west-2: {bootstrap: "kafka-2:9092", state: drained}
      serving: {west-3: "kafka-3:9092"}
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
      ingest:
        west-1: "kafka-1:9092"
        west-2: {bootstrap: "kafka-2:9092", state: draining}
      serving: {west-3: "kafka-3:9092"}
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
        Code::E0714,
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
      ingest:
        west-1: "kafka-1:9092"
        west-2: {bootstrap: "kafka-2:9092", properties: {sasl.password: open sesame}}
      serving: {west-3: "kafka-3:9092"}
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
      ingest:
        west-1: "kafka-1:9092"
        west-2: {bootstrap: "kafka-2:9092", properties: {sasl.password: "${env:KAFKA_PASSWORD}"}}
      serving: {west-3: "kafka-3:9092"}
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
        Code::W0701,
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
  east:
    groups:
      ingest: {east-1: "kafka-3:9092"}
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
  east:
    groups:
      ingest: {east-1: "kafka-3:9092"}
      serving: {east-2: "kafka-4:9092"}
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
