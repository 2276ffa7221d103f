//! Examples of the codes E05xx, and of those about publishing.

use super::{Example, dsl};
use crate::diag::Code;

pub(super) const EXAMPLES: &[Example] = &[
    dsl(
        Code::E0501,
        "group_by pair {
  from purchases
  key  user_id, merchant
  n = count() over 1h
}

join j {
  left     checkouts
  features pair on user_id
}
",
        "group_by pair {
  from purchases
  key  user_id, merchant
  n = count() over 1h
}

join j {
  left     checkouts
  features pair on user_id, merchant
}
",
    ),
    dsl(
        Code::E0502,
        "join j {
  left     checkouts
  features user_spend on user_id = user
}
",
        "join j {
  left     checkouts
  features user_spend on user_id
}
",
    ),
    dsl(
        Code::E0503,
        "join j {
  left     checkouts
  features user_spend on total = user_id
}
",
        "join j {
  left     checkouts
  features user_spend on user_id
}
",
    ),
    dsl(
        Code::E0504,
        "join j {
  left     checkouts
  features user_spend on user_id
  features user_spend on merchant = user_id
}
",
        "join j {
  left     checkouts
  features user_spend on user_id
  features user_spend on merchant = user_id as other
}
",
    ),
    dsl(
        Code::E0505,
        "join j {
  left     checkouts
  features user_spend on user_id as total
}
",
        "join j {
  left     checkouts
  features user_spend on user_id as recent
}
",
    ),
    dsl(
        Code::E0506,
        "join j {
  left     checkouts
  features user_spend on user_id, merchant = user_id
}
",
        "join j {
  left     checkouts
  features user_spend on user_id
}
",
    ),
    dsl(
        Code::E0601,
        "group_by g {
  from purchases
  key  user_id
  n = count() over 1h
  publish features.out to serving
}

join j {
  left     checkouts
  features user_spend on user_id
  publish features.out to serving as events
}
",
        "group_by g {
  from purchases
  key  user_id
  n = count() over 1h
  publish features.out to serving
}

join j {
  left     checkouts
  features user_spend on user_id
  publish features.j to serving as events
}
",
    ),
    dsl(
        Code::E0603,
        "source visits {
  topic web.visits in ingest
  format json
  schema { visit_id string  user_id string  ts timestamp_ms }
  event_time ts
}

join j {
  left     visits
  features user_spend on user_id
  publish  features.j to serving as events
}
",
        "source visits {
  topic web.visits in ingest
  format json
  schema { visit_id string  user_id string  ts timestamp_ms }
  event_time ts
  event_id   visit_id
}

join j {
  left     visits
  features user_spend on user_id
  publish  features.j to serving as events
}
",
    ),
    dsl(
        Code::E0609,
        r#"group_by g {
  from purchases
  key  user_id
  n = count() over 1h
  publish "my topic" to serving
}
"#,
        "group_by g {
  from purchases
  key  user_id
  n = count() over 1h
  publish my-topic to serving
}
",
    ),
    dsl(
        Code::E0602,
        "group_by g {
  from purchases
  key  user_id
  n = count() over 1h
  publish features.g to serving as events
}
",
        "group_by g {
  from purchases
  key  user_id
  n = count() over 1h
  publish features.g to serving as latest
}
",
    ),
];
