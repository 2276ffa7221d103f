//! One text in, one text out; and out again from there.

use super::{Unformatted, format};
use crate::diag::SourceMap;

fn formatted(text: &str) -> String {
    let mut sources = SourceMap::default();
    let file = sources.add("x.wr", text);
    match format(&sources, file) {
        Ok(text) => text,
        Err(Unformatted::Wrong(problems)) => {
            panic!("{}", crate::diag::render::text(&problems, &sources, false))
        }
        Err(Unformatted::Changed) => {
            panic!("the formatter would have changed the tree:\n{}", super::laid_out(text))
        }
    }
}

fn check(text: &str, expected: &str) {
    let once = formatted(text);
    assert_eq!(once, expected, "\n{once}");
    assert_eq!(formatted(&once), once, "not stable");
}

#[test]
fn clauses_stand_in_columns() {
    check(
        "source s{topic a.b-c in g format json schema{id string ts timestamp_ms from \"t s\"\n x decimal( 12 , 2 )?}event_time ts disorder 5s}\n\
         group_by g { from s where(a=1 or b<>-2)and not c in(1,2) key id,x let y=-x*2 let long_name = coalesce( x ,1 )\n\
         n=count()over 1h,2h\n total = sum(y)where y>5 over 7d tail hop 1h publish a.b to c as latest }",
        "source s {
  topic a.b-c in g
  format json
  schema {
    id string
    ts timestamp_ms from \"t s\"
    x  decimal(12,2)?
  }
  event_time ts
  disorder   5s
}

group_by g {
  from  s
  where (a = 1 or b <> -2) and not c in (1, 2)
  key   id, x
  let   y         = -x * 2
  let   long_name = coalesce(x, 1)
  n     = count()               over 1h, 2h
  total = sum(y) where y > 5    over 7d tail hop 1h
  publish a.b to c as latest
}
",
    );
}

#[test]
fn comments_keep_their_places() {
    check(
        "# file\n\n\n# of s\nsource s { # head\n  # first\n topic t in g # where\n  format json # how\n\n\n  # alone\n\n  schema { # fields\n a string # id\n  # before b\n b int\n # last\n } # end\n event_time b\n # dangling\n} # after\n# next\ngroup_by g {\n where a = 1 # one\n # own\n and b = 2 from s # from\n}\n# end",
        "# file

# of s
source s {  # head
  # first
  topic t in g  # where
  format json   # how

  # alone

  schema {  # fields
    a string  # id
    # before b
    b int
    # last
  }  # end
  event_time b
  # dangling
}  # after

# next
group_by g {
  where a = 1  # one
      # own
      and b = 2
  from  s  # from
}

# end
",
    );
}

#[test]
fn a_topic_of_signs_is_one_word() {
    check("source s { topic . in -.- }", "source s {\n  topic . in -.-\n}\n");
}

#[test]
fn a_schema_of_one_line_stays_on_it() {
    check(
        "source s { schema { a string   b int } topic t in g }",
        "source s {\n  schema { a string  b int }\n  topic t in g\n}\n",
    );
}

#[test]
fn what_is_too_wide_is_broken_at_its_parts() {
    let long = "group_by g { where aaaaaaaaaaaaaaaaaaaaaaaa = 'xxxxxxxxxxxxxxxxxxx' and bbbbbbbbbbbbbbbbbb between 1 and 2 or ccccccccccccccccccc = 1 or ddddddddddddddddddddd is null }";
    check(
        long,
        "group_by g {
  where aaaaaaaaaaaaaaaaaaaaaaaa = 'xxxxxxxxxxxxxxxxxxx'
      and bbbbbbbbbbbbbbbbbb between 1 and 2
      or ccccccccccccccccccc = 1
      or ddddddddddddddddddddd is null
}
",
    );
}

#[test]
fn steps_of_a_test_stand_in_columns() {
    check(
        "test g \"late\" { event purchases at '10:00' { a: 1,b: [1,2] } event s at '10:00:01'{ a: 1 } arrives '11:00' clock '11:00'\n\
         expect at '11:00' { a: 1 } expect at '11:00:00.1' { a: 1 } expect no row { a: -2 } expect error E0209 in \"a {\n }\" }",
        "test g \"late\" {
  event purchases at '10:00'    { a: 1, b: [1, 2] }
  event s         at '10:00:01' { a: 1 } arrives '11:00'
  clock '11:00'
  expect at '11:00'      { a: 1 }
  expect at '11:00:00.1' { a: 1 }
  expect no row { a: -2 }
  expect error E0209 in \"a {\n }\"
}
",
    );
}
