//! Examples of the codes of projects.

use super::{Example, project};
use crate::diag::Code;

pub(super) const EXAMPLES: &[Example] = &[
    project(
        Code::E0604,
        "# file: windrow.yaml
name: shop
deployments:
  d: []
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
        "# file: windrow.yaml
name: shop
deployments:
  d: [g, j]
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
    ),
    project(
        Code::E0605,
        "# file: windrow.yaml
name: shop
deployments:
  d: [gg, j]
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
        "# file: windrow.yaml
name: shop
deployments:
  d: [g, j]
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
    ),
    project(
        Code::E0606,
        "# file: windrow.yaml
name: shop
deployments:
  d: [g, j]
# file: g.wr
source echo {
  topic features.g in ingest
  format json
  schema { user_id string  ts timestamp_ms }
  event_time ts
  event_id   user_id
}

group_by g {
  from echo
  key  user_id
  n = count() over 1h
  publish features.g to ingest
}

join j {
  left     checkouts
  features user_spend on user_id
  publish features.j to serving as events
}
",
        "# file: windrow.yaml
name: shop
deployments:
  d: [g, j]
# file: g.wr
source echo {
  topic features.g in ingest
  format json
  schema { user_id string  ts timestamp_ms }
  event_time ts
  event_id   user_id
}

group_by g {
  from echo
  key  user_id
  n = count() over 1h
  publish features.echoes to serving
}

join j {
  left     checkouts
  features user_spend on user_id
  publish features.j to serving as events
}
",
    ),
    project(
        Code::E0607,
        "# file: windrow.yaml
name: shop
deployments:
  d: [g, j]
  D: [g]
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
        "# file: windrow.yaml
name: shop
deployments:
  d: [g, j]
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
    ),
    project(
        Code::E0608,
        "# file: windrow.yaml
name: shop
environments:
  prod: {checkpoints: .checkpoints}
deployments:
  d: [g, j]
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
        Code::E0940,
        r#"# file: windrow.yaml
name: shop
environments:
  prod: {topology: topology.yaml, checkpoints: "s3://key:secret@features/windrow"}
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
        Code::W0601,
        "# file: windrow.yaml
name: shop
deployments:
  d: [g]
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
        "# file: windrow.yaml
name: shop
deployments:
  d: [g, j]
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
    ),
    project(
        Code::W0602,
        "# file: windrow.yaml
name: shop
deployments:
  d: [g, j]
# file: g.wr
group_by g {
  from purchases
  key  user_id
  n = count() over 1h
}

join j {
  left     checkouts
  features user_spend on user_id
  publish features.j to serving as events
}
",
        "# file: windrow.yaml
name: shop
deployments:
  d: [g, j]
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
    ),
    project(
        Code::E0129,
        r#"# file: windrow.yaml
name: shop
require: [docs]
# file: g.wr
group_by g {
  doc "how often a user bought"
  from purchases
  key  user_id
  n = count() over 1h
}
"#,
        r#"# file: windrow.yaml
name: shop
require: [doc]
# file: g.wr
group_by g {
  doc "how often a user bought"
  from purchases
  key  user_id
  n = count() over 1h
}
"#,
    ),
];
