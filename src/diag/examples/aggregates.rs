//! Examples of the codes E04xx, and of warnings about group bys and sources.

use super::{Example, dsl};
use crate::diag::Code;

pub(super) const EXAMPLES: &[Example] = &[
    dsl(
        Code::E0401,
        "group_by g {
  from purchases
  key  user_id
  n = cuont() over 1h
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
        Code::E0402,
        "group_by g {
  from purchases
  key  user_id
  n = upper(status) over 1h
}
",
        "group_by g {
  from purchases
  key  user_id
  n = last(status) over 1h
}
",
    ),
    dsl(
        Code::E0403,
        "group_by g {
  from purchases
  key  price
  n = count() over 1h
}
",
        "group_by g {
  from purchases
  key  merchant
  n = count() over 1h
}
",
    ),
    dsl(
        Code::E0405,
        "group_by g {
  from purchases
  key  user_id
  n = count() over 0h
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
        Code::E0406,
        "group_by g {
  from purchases
  key  user_id
  n = count() over 40000d tail hop
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
        Code::E0407,
        "group_by g {
  from purchases
  key  user_id
  n = count() over 24h, 1d
}
",
        "group_by g {
  from purchases
  key  user_id
  n = count() over 1h, 1d
}
",
    ),
    dsl(
        Code::E0408,
        "group_by g {
  from purchases
  key  user_id
  n = count() over 30d
}
",
        "group_by g {
  from purchases
  key  user_id
  n = count() over 30d tail hop
}
",
    ),
    dsl(
        Code::E0409,
        "group_by g {
  from purchases
  key  user_id
  n = count() over 10m tail hop
}
",
        "group_by g {
  from purchases
  key  user_id
  n = count() over 10m tail hop 30s
}
",
    ),
    dsl(
        Code::E0410,
        "group_by g {
  from purchases
  key  user_id
  n = count() over 1h tail hop 10m
}
",
        "group_by g {
  from purchases
  key  user_id
  n = count() over 1h tail hop 5m
}
",
    ),
    dsl(
        Code::E0411,
        "group_by g {
  from purchases
  key  user_id
  n = sum(status) over 1h
}
",
        "group_by g {
  from purchases
  key  user_id
  n = sum(quantity) over 1h
}
",
    ),
    dsl(
        Code::E0412,
        "group_by g {
  from purchases
  key  user_id
  n = sum() over 1h
}
",
        "group_by g {
  from purchases
  key  user_id
  n = sum(quantity) over 1h
}
",
    ),
    dsl(
        Code::W0201,
        "source payments {
  topic pay.payments in ingest
  format json
  schema {
    payment_id string
    user_id    string
    ts         timestamp_ms
  }
  event_time ts
}
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
        Code::W0401,
        "group_by g {
  from purchases
  key  user_id
  n     = count() over 1h
  again = count() over 1h
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
        Code::E0404,
        "group_by g {
  from purchases
  key  user_id
  n = count()
}
",
        "group_by g {
  from purchases
  key  user_id
  n = count() over 1h
}
",
    ),
];
