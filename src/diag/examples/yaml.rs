//! Examples of the codes that only YAML has.

use super::{Example, yaml};
use crate::diag::Code;

pub(super) const EXAMPLES: &[Example] = &[
    yaml(
        Code::E0120,
        "group_by:
  g:
	from: purchases
",
        "group_by:
  g:
    from: purchases
    key: user_id
    features:
      n: count() over 1h
",
    ),
    yaml(
        Code::E0121,
        "group_by:
  g:
    from: purchases
    key: user_id
    features: count() over 1h
",
        "group_by:
  g:
    from: purchases
    key: user_id
    features:
      n: count() over 1h
",
    ),
    yaml(
        Code::E0122,
        "group_by:
  g:
    from: purchases
    key: user_id
    key: merchant
    features:
      n: count() over 1h
",
        "group_by:
  g:
    from: purchases
    key: user_id
    features:
      n: count() over 1h
",
    ),
    yaml(
        Code::E0123,
        "group_by:
  g: &base
    from: purchases
    key: user_id
    features:
      n: count() over 1h
",
        "group_by:
  g:
    from: purchases
    key: user_id
    features:
      n: count() over 1h
",
    ),
    yaml(
        Code::E0124,
        "group_by:
  g:
    from: purchases
    key: user_id
    features:
      n: count() over 1h
---
group_by:
  h:
    from: purchases
    key: user_id
    features:
      n: count() over 1h
",
        "group_by:
  g:
    from: purchases
    key: user_id
    features:
      n: count() over 1h
",
    ),
    yaml(
        Code::E0125,
        "group_by:
  g:
    from: purchases
    keys: user_id
    features:
      n: count() over 1h
",
        "group_by:
  g:
    from: purchases
    key: user_id
    features:
      n: count() over 1h
",
    ),
    yaml(
        Code::E0126,
        "group_by:
  g:
    from: purchases
    key:
    features:
      n: count() over 1h
",
        "group_by:
  g:
    from: purchases
    key: user_id
    features:
      n: count() over 1h
",
    ),
    yaml(
        Code::E0127,
        "test:
  norway:
    of: user_spend
    date: 2024-05-01
    steps:
      - event: purchases
        at: '10:00'
        values: {purchase_id: p1, user_id: no, merchant: m, amount: 1_000, status: ok}
",
        "test:
  norway:
    of: user_spend
    date: 2024-05-01
    steps:
      - event: purchases
        at: '10:00'
        values: {purchase_id: p1, user_id: 'no', merchant: m, amount: 1000, status: ok}
",
    ),
    yaml(
        Code::E0128,
        "test:
  nothing yet:
    of: user_spend
    date: 2024-05-01
    steps:
      - no_events: purchases
      - {at: '11:00', no_row: {user_id: u1}}
",
        "test:
  nothing yet:
    of: user_spend
    date: 2024-05-01
    steps:
      - no_events: purchases
      - expect: {at: '11:00', no_row: {user_id: u1}}
",
    ),
];
