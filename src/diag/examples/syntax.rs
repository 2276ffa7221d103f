//! Examples of the codes E00xx and E01xx in the DSL.

use super::{Example, alone, dsl};
use crate::diag::Code;

pub(super) const EXAMPLES: &[Example] = &[
    alone(
        Code::E0002,
        "# definitions to come
",
        "source payments {
  topic pay.payments in ingest
  format json
  schema {
    payment_id string
    user_id    string
    ts         timestamp_ms
  }
  event_time ts
  event_id   payment_id
}
",
    ),
    dsl(
        Code::E0004,
        "group_by g {
  from  purchases
  where ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((quantity)))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))) > 1
  key   user_id
  n = count() over 1h
}
",
        "group_by g {
  from  purchases
  where quantity > 1
  key   user_id
  n = count() over 1h
}
",
    ),
    dsl(
        Code::E0101,
        "source payments {
  topic pay.payments in ingest
  format json
  schema {
    payment_id string
    user_id    string
    ts         timestamp_ms
  }
  event_time ts
  event_id   payment_id
} }
",
        "source payments {
  topic pay.payments in ingest
  format json
  schema {
    payment_id string
    user_id    string
    ts         timestamp_ms
  }
  event_time ts
  event_id   payment_id
}
",
    ),
    dsl(
        Code::E0102,
        "group by g {
  from purchases
  key  user_id
  n = count() over 1h
}
",
        "group_by g {
  from purchases
  key  user_id
  n = count() over 1h
}
",
    ),
    dsl(
        Code::E0104,
        "group_by g {
  from purchases
  key  user_id
  n = sum(amount over 1h
}
",
        "group_by g {
  from purchases
  key  user_id
  n = sum(amount) over 1h
}
",
    ),
    dsl(
        Code::E0105,
        "group_by g {
  from  purchases
  where status = 'settled
  key   user_id
  n = count() over 1h
}
",
        "group_by g {
  from  purchases
  where status = 'settled'
  key   user_id
  n = count() over 1h
}
",
    ),
    dsl(
        Code::E0106,
        "group_by g {
  form purchases
  key  user_id
  n = count() over 1h
}
",
        "group_by g {
  from purchases
  key  user_id
  n = count() over 1h
}
",
    ),
    dsl(
        Code::E0107,
        "group_by g {
  from purchases
  key  user_id
  n = count() over
}
",
        "group_by g {
  from purchases
  key  user_id
  n = count() over 1h
}
",
    ),
    dsl(
        Code::E0108,
        "group_by g {
  from  purchases
  where status == 'settled' && amount > 0
  key   user_id
  n = count() over 1h
}
",
        "group_by g {
  from  purchases
  where status = 'settled' and amount > 0
  key   user_id
  n = count() over 1h
}
",
    ),
    dsl(
        Code::E0109,
        "group_by g {
  from purchases
  let  case = upper(status)
  key  user_id
  n = count() over 1h
}
",
        r#"group_by g {
  from purchases
  let  "case" = upper(status)
  key  user_id
  n = count() over 1h
}
"#,
    ),
    dsl(
        Code::E0110,
        "group_by g {
  from  purchases
  where status = 'settled'
  where amount > 0
  key   user_id
  n = count() over 1h
}
",
        "group_by g {
  from  purchases
  where status = 'settled' and amount > 0
  key   user_id
  n = count() over 1h
}
",
    ),
    dsl(
        Code::E0111,
        "group_by g {
  from purchases
  key  user_id
  n = count() over 1.5h
}
",
        "group_by g {
  from purchases
  key  user_id
  n = count() over 90m
}
",
    ),
    dsl(
        Code::E0112,
        "group_by g {
  from  purchases
  where amount > 1_000
  key   user_id
  n = count() over 1h
}
",
        "group_by g {
  from  purchases
  where amount > 1000
  key   user_id
  n = count() over 1h
}
",
    ),
    dsl(
        Code::E0113,
        "group_by g {
  from  purchases
  where 0 < amount < 500
  key   user_id
  n = count() over 1h
}
",
        "group_by g {
  from  purchases
  where amount > 0 and amount < 500
  key   user_id
  n = count() over 1h
}
",
    ),
    dsl(
        Code::E0114,
        r#"group_by g {
  from  purchases
  where status = "card declined"
  key   user_id
  n = count() over 1h
}
"#,
        "group_by g {
  from  purchases
  where status = 'card declined'
  key   user_id
  n = count() over 1h
}
",
    ),
    dsl(
        Code::E0115,
        "group_by g {
  from purchases
  key  user_id
  big = count() over 7d where amount > 500
}
",
        "group_by g {
  from purchases
  key  user_id
  big = count() where amount > 500 over 7d
}
",
    ),
    alone(
        Code::E0116,
        "source s {
  topic t in ingest
  schema { id string  note string<10>  ts timestamp_ms }
  event_time ts
  event_id   id
}
",
        "source s {
  topic t in ingest
  schema { id string  note string  ts timestamp_ms }
  event_time ts
  event_id   id
}
",
    ),
    alone(
        Code::E0117,
        "source s {
  topic t in ingest
  schema { id string  user\u{200b}_id string  ts timestamp_ms }
  event_time ts
  event_id   id
}
",
        "source s {
  topic t in ingest
  schema { id string  user_id string  ts timestamp_ms }
  event_time ts
  event_id   id
}
",
    ),
];
