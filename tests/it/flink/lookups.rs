//! Lookups on a real Flink: rows with a table's columns as of their own time are those of the oracle and of the
//! executor's operators. Left out, and said so, unless WINDROW_TEST_FLINK is set.

use super::bench::Bench;
use super::project::project;
use super::real::times;
use crate::support::flink::turn;

const DEFINITIONS: &str = r"
table rates { topic r in g  format json  key currency  event_time ts  event_id id  disorder 5s
  schema { currency string  id string  rate decimal(18,8)?  note string?  ts timestamp_ms } }
table shops { topic s in g  format json  key shop, city  event_time ts
  schema { shop string  city string  size int  tags list<string>  ts timestamp_ms } }
source sales { topic t in g  format json  event_time ts  event_id id  disorder 10s
  schema { id string  user string  currency string?  shop string  city string  amount decimal(12,2)  ts timestamp_ms } }
source visits { topic v in g  format json  event_time ts  event_id id  disorder 10s
  schema { id string  user string  currency string  ts timestamp_ms } }
group_by spent { from sales  key user
  lookup rates on currency { rate, note }
  lookup shops on shop, city { size, tags }
  let usd = amount * rate
  total  = sum(usd) where size > 2 over 1h, 2h
  rows   = count()                 over 1h
  notes  = last_k(note, 3)         over 2h
  kinds  = histogram(tags)         over 2h
  publish o to g }
join seen { left visits
  features spent on user
  lookup   rates on currency { rate, id }
  factor = spent.total_1h * rates.rate
  publish p to g as events }
";

/// Pseudo-random, and the same each time.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// Every line is within the disorder: what comes later than the watermark would be missed by any engine.
pub(super) fn lines(
    count: u64,
    step_ms: u64,
    seed: u64,
    line: impl Fn(&mut Dice, u64, u64) -> String,
) -> Vec<String> {
    let mut dice = Dice(seed);
    let base = 1_700_000_000_000;
    let mut lines: Vec<(u64, String)> = Vec::new();
    for n in 0..count {
        // Several at one instant, and on those of the other sources.
        let ts = base + n * step_ms / 1_000 * 1_000;
        let text = line(&mut dice, n, ts);
        lines.push((ts + dice.below(4_000), text));
    }
    lines.sort();
    lines.into_iter().map(|(_, line)| line).collect()
}

fn sources() -> Vec<super::bench::Lines> {
    const CURRENCIES: [&str; 4] = ["EUR", "NZD", "JPY", "none"];
    let currency = |dice: &mut Dice| CURRENCIES[usize::try_from(dice.below(4)).unwrap()];
    let rate = |dice: &mut Dice, n: u64, ts: u64| {
        let currency = CURRENCIES[usize::try_from(dice.below(3)).unwrap()];
        let rate = if dice.below(8) == 0 { "null".to_owned() } else { format!("\"{}.25\"", dice.below(90)) };
        let id = n * 7_919 % 100;
        format!(
            r#"{{"currency":"{currency}","id":"{id}","rate":{rate},"note":"n{}","ts":{ts}}}"#,
            dice.below(9)
        )
    };
    let shop = |dice: &mut Dice, _: u64, ts: u64| {
        let (shop, city, size) = (dice.below(2), dice.below(2), dice.below(6));
        format!(r#"{{"shop":"s{shop}","city":"c{city}","size":{size},"tags":["t{size}","all"],"ts":{ts}}}"#)
    };
    let sale = |dice: &mut Dice, n: u64, ts: u64| {
        let money = currency(dice);
        let money = if dice.below(9) == 0 { "null".to_owned() } else { format!("\"{money}\"") };
        let (user, shop, city, amount) = (dice.below(3), dice.below(3), dice.below(2), dice.below(999));
        format!(
            r#"{{"id":"e{n}","user":"u{user}","currency":{money},"shop":"s{shop}","city":"c{city}","amount":"{amount}.50","ts":{ts}}}"#
        )
    };
    let visit = |dice: &mut Dice, n: u64, ts: u64| {
        let money = currency(dice);
        format!(r#"{{"id":"v{n}","user":"u{}","currency":"{money}","ts":{ts}}}"#, dice.below(4))
    };
    let mut sales = lines(300, 30_000, 3, sale);
    // Copies, as an ambiguous write leaves them in a second cluster.
    for at in (0..40).map(|n| n * 7) {
        sales.insert(at, sales[at].clone());
    }
    vec![
        ("rates", lines(200, 45_000, 1, rate)),
        ("shops", lines(90, 100_000, 2, shop)),
        ("sales", sales),
        ("visits", lines(200, 45_500, 4, visit)),
    ]
}

#[test]
fn lookups_on_flink_are_those_of_the_oracle_and_the_preview() {
    let Some(_turn) = turn("lookups on Flink") else { return };
    let project = project(&[("lookups.wr", DEFINITIONS)]);
    let sources = sources();
    let times = times(&sources[2].1, |json| json["ts"].as_i64().unwrap());
    let (middle, end) = (times[times.len() / 2], times[times.len() - 1] + 1);
    let bench = Bench::new(&project.bundle(&project.everything()), sources);
    bench.compare(&project, (&[("spent", 3)], &[("seen", 50)]), &[(middle, 1), (end, 2)]);
}
