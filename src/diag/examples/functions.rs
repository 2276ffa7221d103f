//! Examples of E0315 to E0329: functions and what they take.

use super::{Code, Example, alone, dsl};

pub(super) const EXAMPLES: &[Example] = &[
    dsl(
        Code::E0315,
        "group_by g {
  from purchases
  let  is_late = hour(ts, status) >= 22
  key  user_id
  late = count() where is_late over 7d
}
",
        "group_by g {
  from purchases
  let  is_late = hour(ts, 'Europe/Berlin') >= 22
  key  user_id
  late = count() where is_late over 7d
}
",
    ),
    dsl(
        Code::E0316,
        "group_by g {
  from  purchases
  where regexp_like(merchant, '[a-')
  key   user_id
  n = count() over 1h
}
",
        "group_by g {
  from  purchases
  where regexp_like(merchant, '[a-z]+')
  key   user_id
  n = count() over 1h
}
",
    ),
    dsl(
        Code::E0317,
        "group_by g {
  from  purchases
  where ts >= timestamp '2024-02-30T00:00:00Z'
  key   user_id
  n = count() over 1h
}
",
        "group_by g {
  from  purchases
  where ts >= timestamp '2024-03-01T00:00:00Z'
  key   user_id
  n = count() over 1h
}
",
    ),
    dsl(
        Code::E0318,
        "source visits {
  topic shop.visits in ingest
  format json
  schema {
    visit_id string
    address  struct{city string, zip string}
    ts       timestamp_ms
  }
  event_time ts
  event_id   visit_id
}

group_by g {
  from visits
  let  city = address.town
  key  city
  n = count() over 1h
}
",
        "source visits {
  topic shop.visits in ingest
  format json
  schema {
    visit_id string
    address  struct{city string, zip string}
    ts       timestamp_ms
  }
  event_time ts
  event_id   visit_id
}

group_by g {
  from visits
  let  city = address.city
  key  city
  n = count() over 1h
}
",
    ),
    dsl(
        Code::E0320,
        "group_by g {
  from  purchases
  let   age = time_since(ts)
  key   user_id
  oldest = max(age) over 7d
}
",
        "group_by g {
  from  purchases
  key   user_id
  oldest = min(ts) over 7d
}
",
    ),
    alone(
        Code::E0321,
        "source s {
  topic t in ingest
  format json
  schema { id string  items list<string>  ts timestamp_ms }
  event_time ts
  event_id   id
}

stream first_items {
  from   s
  select id, items[0] as item, ts
}
",
        "source s {
  topic t in ingest
  format json
  schema { id string  items list<string>  ts timestamp_ms }
  event_time ts
  event_id   id
}

stream first_items {
  from   s
  select id, items[1] as item, ts
}
",
    ),
    alone(
        Code::E0322,
        "constants {
  line = repeat('-', 1000)
  page = line || line || line
}
",
        "constants {
  line = repeat('-', 1000)
  page = line || line
}
",
    ),
];
