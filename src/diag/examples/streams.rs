//! Examples of the codes about tables, streams and what they are made of.

use super::{Example, alone, dsl, project};
use crate::diag::Code;

pub(super) const EXAMPLES: &[Example] = &[
    alone(
        Code::E0225,
        "stream a { from b }
stream b { from a }
",
        "source clicks {
  topic web.clicks in ingest
  schema { id string  ts timestamp_ms }
  event_time ts
  event_id   id
}

stream a { from clicks }
stream b { from a }
",
    ),
    dsl(
        Code::E0226,
        "table users {
  topic crm.users in ingest
  format json
  key user_id
  schema { user_id string  country string  merchant string }
}

group_by g {
  from   purchases
  lookup users on user_id { merchant }
  key    user_id
  n = unique_count(merchant) over 1h
}
",
        "table users {
  topic crm.users in ingest
  format json
  key user_id
  schema { user_id string  country string  merchant string }
}

group_by g {
  from   purchases
  lookup users on user_id { merchant }
  key    user_id
  n = unique_count(purchases.merchant) over 1h
}
",
    ),
    dsl(
        Code::E0216,
        "stream s {
  from purchases
  select purchase_id, amount * 2, ts
}
",
        "stream s {
  from purchases
  select purchase_id, amount * 2 as twice, ts
}
",
    ),
    dsl(
        Code::E0217,
        "stream s {
  from purchases
  select purchase_id, user_id, amount
}
",
        "stream s {
  from purchases
  select purchase_id, user_id, amount, ts
}
",
    ),
    dsl(
        Code::E0218,
        "stream s { union purchases, checkouts }
",
        "stream bought { from purchases  select purchase_id as id, user_id, amount, ts }
stream tried  { from checkouts  select checkout_id as id, user_id, total as amount, ts }
stream s { union bought, tried }
",
    ),
    dsl(
        Code::E0219,
        "stream bought { from purchases  where status = 'settled' }
stream s { union purchases, bought  where amount > 0 }
",
        "stream bought { from purchases  where status = 'settled' }
stream all_of_it { union purchases, bought }
stream s { from all_of_it  where amount > 0 }
",
    ),
    project(
        Code::E0221,
        "# file: example.wr
source clicks {
  topic web.clicks in ingest
  format avro \"click.avsc\"
  schema { id string  count int  ts timestamp_ms }
  event_time ts
  event_id   id
}
# file: click.avsc
{\"type\": \"record\", \"name\": \"Click\", \"fields\": [
  {\"name\": \"id\", \"type\": \"string\"},
  {\"name\": \"count\", \"type\": [\"null\", \"long\"]},
  {\"name\": \"ts\", \"type\": {\"type\": \"long\", \"logicalType\": \"timestamp-millis\"}}
]}
",
        "# file: example.wr
source clicks {
  topic web.clicks in ingest
  format avro \"click.avsc\"
  schema { id string  count int?  ts timestamp_ms }
  event_time ts
  event_id   id
}
# file: click.avsc
{\"type\": \"record\", \"name\": \"Click\", \"fields\": [
  {\"name\": \"id\", \"type\": \"string\"},
  {\"name\": \"count\", \"type\": [\"null\", \"long\"]},
  {\"name\": \"ts\", \"type\": {\"type\": \"long\", \"logicalType\": \"timestamp-millis\"}}
]}
",
    ),
    dsl(
        Code::E0222,
        "source clicks {
  topic web.clicks in ingest
  schema { id string  ts timestamp_ms }
  history \"clicks/*.parquet\" until 'May'
  event_time ts
  event_id   id
}
",
        "source clicks {
  topic web.clicks in ingest
  schema { id string  ts timestamp_ms }
  history \"clicks/*.parquet\" until '2024-05-01'
  event_time ts
  event_id   id
}
",
    ),
    dsl(
        Code::E0223,
        "source clicks {
  topic web.clicks in ingest
  schema { id string  prices map<double, int>  ts timestamp_ms }
  event_time ts
  event_id   id
}
",
        "source clicks {
  topic web.clicks in ingest
  schema { id string  prices map<decimal(12,2), int>  ts timestamp_ms }
  event_time ts
  event_id   id
}
",
    ),
    dsl(
        Code::E0224,
        "stream s {
  from purchases
  call \"score\" (user_id, amount) returns { score double? } timeout 200ms retry 2
}
",
        "stream s {
  from purchases
  call \"models.fraud:score\" (user_id, amount) returns { score double? } timeout 200ms retry 2
}
",
    ),
    dsl(
        Code::E0227,
        "group_by userspend {
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
        Code::W0202,
        "stream old {
  deprecated \"use purchases\"
  from purchases
}

stream s { from old }
",
        "stream old {
  deprecated \"use purchases\"
  from purchases
}

stream s { from purchases }
",
    ),
];
