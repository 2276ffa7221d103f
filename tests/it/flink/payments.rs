//! The payments of `features/` on a real Flink: tables with and without times, looked up below a union and by
//! a join. Left out, and said so, unless WINDROW_TEST_FLINK is set.

use super::bench::{Bench, Lines};
use super::lookups::{Dice, lines};
use super::project::features;
use super::real::times;
use crate::support::flink::turn;

const CURRENCIES: [&str; 3] = ["EUR", "NZD", "JPY"];
const BASE_MS: i64 = 1_700_000_000_000;

fn of<'c>(dice: &mut Dice, all: &[&'c str]) -> &'c str {
    all[usize::try_from(dice.below(all.len() as u64)).unwrap()]
}

fn payments() -> Vec<Lines> {
    let rate = |dice: &mut Dice, _: u64, ts: u64| {
        let (currency, rate) = (of(dice, &CURRENCIES), dice.below(90));
        format!(r#"{{"currency":"{currency}","rate":"{rate}.25","ts":{ts}}}"#)
    };
    let user = |dice: &mut Dice, n: u64, _: u64| {
        let country = of(dice, &["NZ", "FR", "AU"]);
        format!(r#"{{"user_id":"u{n}","country":"{country}","signup_ts":{}}}"#, 1_500_000_000_000 + n)
    };
    let card = |dice: &mut Dice, n: u64, ts: u64| {
        let (currency, status) = (of(dice, &CURRENCIES), of(dice, &["settled", "settled", "declined"]));
        let (user, merchant, amount) = (dice.below(5), dice.below(3), dice.below(999));
        format!(
            r#"{{"payment_id":"c{n}","user_id":"u{user}","merchant":"m{merchant}","amount":"{amount}.50","currency":"{currency}","status":"{status}","ts":{ts}}}"#
        )
    };
    let wallet = |dice: &mut Dice, n: u64, ts: u64| {
        let (currency, user, shop, amount) =
            (of(dice, &CURRENCIES), dice.below(5), dice.below(3), dice.below(99));
        let at = windrow::types::EventTime(i64::try_from(ts).unwrap());
        format!(
            r#"{{"transfer_id":"w{n}","user_id":"u{user}","shop":"m{shop}","amount":"{amount}.25","currency":"{currency}","ts":"{at}"}}"#
        )
    };
    let order = |dice: &mut Dice, n: u64, ts: u64| {
        let (user, merchant) = (dice.below(6), dice.below(3));
        format!(
            r#"{{"order_id":"o{n}","user_id":"u{user}","merchant":"m{merchant}","total":"12.00","ts":{ts}}}"#
        )
    };
    vec![
        ("fx_rates", lines(150, 60_000, 1, rate)),
        // One of them is not known, and each is told once: over several files there is no last row.
        ("users", lines(4, 1_000, 2, user)),
        ("card_payments", lines(200, 45_000, 3, card)),
        ("wallet_payments", lines(150, 60_500, 4, wallet)),
        ("orders", lines(150, 61_000, 5, order)),
    ]
}

#[test]
fn the_payments_on_flink_are_those_of_the_oracle_and_the_preview() {
    let Some(_turn) = turn("the payments on Flink") else { return };
    let project = features();
    let sources = payments();
    let times = times(&sources[4].1, |json| json["ts"].as_i64().unwrap());
    assert!(times[0] >= BASE_MS, "{times:?}");
    let (middle, end) = (times[times.len() / 2], times[times.len() - 1] + 1);
    let bench = Bench::new(&project.bundle(&project.deployment("payments")), sources);
    let (group_bys, joins) = ([("user_payments", 50)], [("order_context", 50)]);
    bench.compare(&project, (&group_bys, &joins), &[(middle, 1), (end, 2)]);
}

#[test]
fn the_last_row_of_a_static_table_holds_at_all_times() {
    let Some(_turn) = turn("rows of a static table on Flink") else { return };
    let project = super::project::project(&[("shops.wr", SHOPS)]);
    let sale = |n: i64| format!(r#"{{"id":"s{n}","shop":"shop{}","ts":{}}}"#, n % 4, BASE_MS + n * 1_000);
    let shop = |n: i64| format!(r#"{{"shop":"shop{}","size":{n}}}"#, n % 3);
    let sources = vec![("sales", (0..40).map(sale).collect()), ("shops", (0..30).map(shop).collect())];
    let bench = Bench::new(&project.bundle(&project.everything()), sources);
    // One reader: of one file there is a last row.
    bench.compare(&project, (&[], &[("sized", 40)]), &[(BASE_MS + 40_000, 1)]);
}

const SHOPS: &str = r"
table shops { topic s in g  format json  key shop  schema { shop string  size int } }
source sales { topic t in g  format json  event_time ts  event_id id  disorder 10s
  schema { id string  shop string  ts timestamp_ms } }
join sized { left sales  lookup shops on shop { size }  publish p to g as events }
";
