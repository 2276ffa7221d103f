//! Examples of the codes about tests, E0630 to E0639.

use super::{Example, dsl};
use crate::diag::Code;

pub(super) const EXAMPLES: &[Example] = &[
    dsl(
        Code::E0630,
        "test user_spent \"a purchase counts\" {
  event purchases at '10:00' { user_id: 'u1', amount: 5.00 }
}
",
        "test user_spend \"a purchase counts\" {
  event purchases at '10:00' { user_id: 'u1', amount: 5.00 }
}
",
    ),
    dsl(
        Code::E0631,
        "test user_spend \"a purchase counts\" {
  event purchase at '10:00' { user_id: 'u1', amount: 5.00 }
  no events from purchases
}
",
        "test user_spend \"a purchase counts\" {
  event purchases at '10:00' { user_id: 'u1', amount: 5.00 }
}
",
    ),
    dsl(
        Code::E0632,
        "test user_spend \"a purchase counts\" {
  event purchases at '10:00' { user: 'u1', amount: 5.00 }
}
",
        "test user_spend \"a purchase counts\" {
  event purchases at '10:00' { user_id: 'u1', amount: 5.00 }
}
",
    ),
    dsl(
        Code::E0633,
        "test user_spend \"a purchase counts\" {
  event purchases at '10:00' { user_id: 'u1', amount: 5.001 }
}
",
        "test user_spend \"a purchase counts\" {
  event purchases at '10:00' { user_id: 'u1', amount: 5.00 }
}
",
    ),
    dsl(
        Code::E0634,
        "test user_spend \"a purchase counts\" {
  event purchases at 'noon' { user_id: 'u1', amount: 5.00 }
}
",
        "test user_spend \"a purchase counts\" {
  event purchases at '12:00' { user_id: 'u1', amount: 5.00 }
}
",
    ),
    dsl(
        Code::E0635,
        "test user_spend \"nothing happens\" {
  expect no row at '11:00' { user_id: 'u1' }
}
",
        "test user_spend \"nothing happens\" {
  no events from purchases
  expect no row at '11:00' { user_id: 'u1' }
}
",
    ),
    dsl(
        Code::E0637,
        "test user_spend \"a purchase counts\" {
  event purchases at '10:00' { user_id: 'u1', amount: 5.00 }
}

test user_spend \"a purchase counts\" {
  no events from purchases
}
",
        "test user_spend \"a purchase counts\" {
  event purchases at '10:00' { user_id: 'u1', amount: 5.00 }
}

test user_spend \"without events there is no row\" {
  no events from purchases
}
",
    ),
    dsl(
        Code::E0638,
        "test user_spend \"a purchase counts\" {
  event purchases at '10:00' { user_id: 'u1', amount: 5.00 }
  expect lates = 0
}
",
        "test user_spend \"a purchase counts\" {
  event purchases at '10:00' { user_id: 'u1', amount: 5.00 }
  expect expired = 0
}
",
    ),
    dsl(
        Code::E0639,
        "test user_spend \"a purchase counts\" {
  event purchases at '10:00' { user_id: 'u1', amount: 5.00 }
  expect at '11:00' { spend_1h: 5.00 }
}
",
        "test user_spend \"a purchase counts\" {
  event purchases at '10:00' { user_id: 'u1', amount: 5.00 }
  expect at '11:00' { user_id: 'u1', spend_1h: 5.00 }
}
",
    ),
];
