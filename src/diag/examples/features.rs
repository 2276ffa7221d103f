//! Examples of the codes about parameters, suffixes and lifetimes of features, lookups and publishing.

use super::{Example, dsl};
use crate::diag::Code;

pub(super) const EXAMPLES: &[Example] = &[
    dsl(
        Code::E0413,
        "group_by g {
  from purchases
  key  user_id
  n = count()
  ttl 90d
  unbounded
}
",
        "group_by g {
  from purchases
  key  user_id
  n = count()
  ttl 90d
}
",
    ),
    dsl(
        Code::E0414,
        "group_by g {
  from purchases
  key  user_id
  n = count() tail hop
  unbounded
}
",
        "group_by g {
  from purchases
  key  user_id
  n = count() over 7d tail hop
}
",
    ),
    dsl(
        Code::E0415,
        "group_by g {
  from purchases
  key  user_id
  latest = last_k(merchant, 0) over 7d
}
",
        "group_by g {
  from purchases
  key  user_id
  latest = last_k(merchant, 5) over 7d
}
",
    ),
    dsl(
        Code::E0416,
        "group_by g {
  from purchases
  key  user_id
  p95 = approx_percentile(amount, 95) over 7d
}
",
        "group_by g {
  from purchases
  key  user_id
  p95 = approx_percentile(amount, 0.95) over 7d
}
",
    ),
    dsl(
        Code::E0417,
        "group_by g {
  from purchases
  key  user_id
  spend = sum(amount) by price over 7d
}
",
        "group_by g {
  from purchases
  key  user_id
  spend = sum(amount) by merchant over 7d
}
",
    ),
    dsl(
        Code::E0418,
        "group_by g {
  from purchases
  key  user_id
  spend = sum(amount) over 7d default 'none'
}
",
        "group_by g {
  from purchases
  key  user_id
  spend = sum(amount) over 7d default 0
}
",
    ),
    dsl(
        Code::E0419,
        "source clicks {
  topic web.clicks in ingest
  schema { id string  user_id string  pages list<string>  ts timestamp_ms }
  event_time ts
  event_id   id
}

group_by g {
  from clicks
  key  user_id
  best = top_k(id, 3, pages) over 7d
}
",
        "source clicks {
  topic web.clicks in ingest
  schema { id string  user_id string  pages list<string>  ts timestamp_ms }
  event_time ts
  event_id   id
}

group_by g {
  from clicks
  key  user_id
  best = top_k(id, 3, ts) over 7d
}
",
    ),
    dsl(
        Code::E0420,
        "group_by g {
  from purchases
  key  user_id
  n = count() over 10m
  refresh 1h
}
",
        "group_by g {
  from purchases
  key  user_id
  n = count() over 10m
  refresh 5s
}
",
    ),
    dsl(
        Code::W0402,
        "group_by g {
  from purchases
  key  user_id
  n = count() over 1h
  ttl 90d
}
",
        "group_by g {
  from purchases
  key  user_id
  n = count()
  ttl 90d
}
",
    ),
    dsl(
        Code::E0507,
        "table users {
  topic crm.users in ingest
  format json
  key user_id
  schema { user_id string  country string  age int }
}

group_by g {
  from   purchases
  lookup user on user_id { age }
  key    user_id
  n = count() where age > 17 over 1h
}
",
        "table users {
  topic crm.users in ingest
  format json
  key user_id
  schema { user_id string  country string  age int }
}

group_by g {
  from   purchases
  lookup users on user_id { age }
  key    user_id
  n = count() where age > 17 over 1h
}
",
    ),
    dsl(
        Code::E0508,
        "table users {
  topic crm.users in ingest
  format json
  key user_id
  schema { user_id string  country string  age int }
}

group_by g {
  from   purchases
  let    id = lower(user_id)
  lookup users on id = user_id { age }
  key    user_id
  n = count() where age > 17 over 1h
}
",
        "table users {
  topic crm.users in ingest
  format json
  key user_id
  schema { user_id string  country string  age int }
}

stream lowered { from purchases  select purchase_id, lower(user_id) as user_id, ts }

group_by g {
  from   lowered
  lookup users on user_id { age }
  key    user_id
  n = count() where age > 17 over 1h
}
",
    ),
    dsl(
        Code::E0611,
        "join j {
  left     checkouts
  features user_spend on user_id
  publish  features.j to serving as events every 1s
}
",
        "join j {
  left     checkouts
  features user_spend on user_id
  publish  features.j to serving as latest every 1s
}
",
    ),
];
