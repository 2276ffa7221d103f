//! Examples of the codes E02xx.

use super::{Example, dsl, project};
use crate::diag::Code;

pub(super) const EXAMPLES: &[Example] = &[
    dsl(
        Code::E0201,
        "group_by g {
  from purchase
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
        Code::E0202,
        "join j {
  left     checkouts
  features user_spent on user_id
}
",
        "join j {
  left     checkouts
  features user_spend on user_id
}
",
    ),
    dsl(
        Code::E0203,
        "group_by g {
  from  purchases
  where satus = 'settled'
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
        Code::E0204,
        "group_by g {
  from purchases
  let  ccy = uper(status)
  key  user_id
  n = count() over 1h
}
",
        "group_by g {
  from purchases
  let  ccy = upper(status)
  key  user_id
  n = count() over 1h
}
",
    ),
    dsl(
        Code::E0205,
        "source payments {
  topic pay.payments in ingest
  format json
  schema {
    payment_id strng
    ts         timestamp_ms
  }
  event_time ts
  event_id   payment_id
}
",
        "source payments {
  topic pay.payments in ingest
  format json
  schema {
    payment_id string
    ts         timestamp_ms
  }
  event_time ts
  event_id   payment_id
}
",
    ),
    dsl(
        Code::E0206,
        "source payments {
  topic pay.payments in ingest
  format json
  schema {
    payment_id string
    user_id    string
    ts         timestamp_ms
  }
  event_time tss
  event_id   payment_id
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
        Code::E0207,
        "group_by user_spend {
  from purchases
  key  user_id
  n = count() over 1h
}
",
        "group_by user_counts {
  from purchases
  key  user_id
  n = count() over 1h
}
",
    ),
    dsl(
        Code::E0208,
        "group_by g {
  from purchases
  key  user_id
  n = count() over 1h
  n = sum(amount) over 1h
}
",
        "group_by g {
  from purchases
  key  user_id
  n     = count() over 1h
  total = sum(amount) over 1h
}
",
    ),
    dsl(
        Code::E0209,
        "group_by g {
  from purchases
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
        Code::E0210,
        "source payments {
  topic pay.payments in ingest
  format xml
  schema {
    payment_id string
    user_id    string
    ts         timestamp_ms
  }
  event_time ts
  event_id   payment_id
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
    project(
        Code::E0211,
        "# file: windrow.yaml
name: shop
owners: [payments]
# file: g.wr
group_by g {
  owner payment
  from purchases
  key  user_id
  n = count() over 1h
}
",
        "# file: windrow.yaml
name: shop
owners: [payments]
# file: g.wr
group_by g {
  owner payments
  from purchases
  key  user_id
  n = count() over 1h
}
",
    ),
    project(
        Code::E0213,
        "# file: windrow.yaml
name: shop
require: [doc]
# file: g.wr
group_by g {
  from purchases
  key  user_id
  n = count() over 1h
}
",
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
    project(
        Code::E0214,
        "# file: windrow.yaml
name: shop
require: [owner]
# file: g.wr
group_by g {
  from purchases
  key  user_id
  n = count() over 1h
}
",
        "# file: windrow.yaml
name: shop
require: [owner]
# file: g.wr
group_by g {
  owner payments
  from purchases
  key  user_id
  n = count() over 1h
}
",
    ),
];
