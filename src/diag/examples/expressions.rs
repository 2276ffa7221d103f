//! Examples of the codes E03xx and W03xx.

use super::{Example, dsl};
use crate::diag::Code;

pub(super) const EXAMPLES: &[Example] = &[
    dsl(
        Code::E0301,
        "group_by g {
  from purchases
  let  v = status + 1
  key  user_id
  n = count() over 1h
}
",
        "group_by g {
  from purchases
  let  v = quantity + 1
  key  user_id
  n = count() over 1h
}
",
    ),
    dsl(
        Code::E0302,
        "group_by g {
  from purchases
  let  v = abs(quantity, 2)
  key  user_id
  n = count() over 1h
}
",
        "group_by g {
  from purchases
  let  v = abs(quantity)
  key  user_id
  n = count() over 1h
}
",
    ),
    dsl(
        Code::E0303,
        "group_by g {
  from  purchases
  where quantity
  key   user_id
  n = count() over 1h
}
",
        "group_by g {
  from  purchases
  where quantity > 0
  key   user_id
  n = count() over 1h
}
",
    ),
    dsl(
        Code::E0304,
        "group_by g {
  from  purchases
  where quantity < 9223372036854775808
  key   user_id
  n = count() over 1h
}
",
        "group_by g {
  from  purchases
  where quantity < 9223372036854775807
  key   user_id
  n = count() over 1h
}
",
    ),
    dsl(
        Code::E0305,
        "group_by g {
  from purchases
  let  v = cast(price as string)
  key  user_id
  n = count() over 1h
}
",
        "group_by g {
  from purchases
  let  v = cast(cast(price as decimal(12,2)) as string)
  key  user_id
  n = count() over 1h
}
",
    ),
    dsl(
        Code::E0306,
        "group_by g {
  from purchases
  let  v = cast(status as int)
  key  user_id
  n = count() over 1h
}
",
        "group_by g {
  from purchases
  let  v = try_cast(status as int)
  key  user_id
  n = count() over 1h
}
",
    ),
    dsl(
        Code::E0307,
        "group_by g {
  from purchases
  let  v = null
  key  user_id
  n = count() over 1h
}
",
        "group_by g {
  from purchases
  let  v = cast(null as int)
  key  user_id
  n = count() over 1h
}
",
    ),
    dsl(
        Code::E0308,
        "group_by g {
  from purchases
  let  v = quantity / sum(quantity)
  key  user_id
  n = count() over 1h
}
",
        "group_by g {
  from purchases
  key  user_id
  v = sum(quantity) over 1h
}
",
    ),
    dsl(
        Code::E0309,
        "source payments {
  topic pay.payments in ingest
  format json
  schema {
    payment_id string
    amount     decimal(39,2)
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
    amount     decimal(38,2)
    ts         timestamp_ms
  }
  event_time ts
  event_id   payment_id
}
",
    ),
    dsl(
        Code::E0310,
        "source payments {
  topic pay.payments in ingest
  format json
  schema {
    payment_id string
    ts         int
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
        Code::E0311,
        "source payments {
  topic pay.payments in ingest
  format json
  schema {
    payment_id string?
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
        Code::E0312,
        "group_by g {
  from purchases
  let  a = b + 1
  let  b = a + 1
  key  user_id
  n = count() over 1h
}
",
        "group_by g {
  from purchases
  let  a = b + 1
  let  b = quantity + 1
  key  user_id
  n = count() over 1h
}
",
    ),
    dsl(
        Code::E0313,
        "source payments {
  topic pay.payments in ingest
  format json
  schema {
    payment_id double
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
        Code::W0301,
        "group_by g {
  from  purchases
  where status = null
  key   user_id
  n = count() over 1h
}
",
        "group_by g {
  from  purchases
  where status is null
  key   user_id
  n = count() over 1h
}
",
    ),
    dsl(
        Code::E0319,
        "group_by g {
  from purchases
  let  cents = amount.cents
  key  user_id
  n = count() over 1h
}
",
        "group_by g {
  from purchases
  let  cents = amount * 100
  key  user_id
  n = count() over 1h
}
",
    ),
];
