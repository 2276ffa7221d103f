//! Random events at the edges: of windows, hops and cuts, of numbers and of texts; copies,
//! conflicts, broken records, events of the future.

use super::definitions::Definitions;
use super::rng::Rng;

/// One record on its way.
#[derive(Debug, Clone)]
pub(super) struct Arrival {
    pub(super) source: &'static str,
    /// Its partition among those of its source.
    pub(super) partition: u32,
    pub(super) timestamp_ms: i64,
    pub(super) payload: String,
    /// Of a record without value: its key, which a table takes for a deletion.
    pub(super) deleted_key: Option<String>,
    /// Event time; of a broken record that of the event it would have been.
    pub(super) ts: i64,
}

const KEYS: [&str; 9] = ["a", "a", "a", "b", "", "ä", "😀\"\\", "[\"a\",1]", "A"];
const TEXTS: [&str; 7] = ["a", "zz", "Ab", "aß", "", "ba1", "\u{0}"];
const DAYS: [&str; 5] =
    ["\"2024-02-29\"", "\"2023-12-31\"", "\"1970-01-01\"", "\"1969-12-31\"", "\"9999-12-31\""];
const RAW: [&str; 4] = ["\"\"", "\"AA==\"", "\"AAH/\"", "\"/w==\""];
const INTS: [i64; 11] =
    [0, 1, -1, 2, 7, 1_000, i64::MAX, i64::MAX - 1, i64::MIN, 9_007_199_254_740_993, -9_007_199_254_740_993];
const DOUBLES: [&str; 14] = [
    "1e16",
    "1",
    "-1e16",
    "0.1",
    "0.2",
    "0.3",
    "-0.0",
    "5e-324",
    "1.7976931348623157e308",
    "-1.7976931348623157e308",
    "1e-300",
    "9007199254740993",
    "-2.5",
    "1e308",
];
const DECIMALS: [&str; 9] =
    ["0", "0.01", "-0.01", "12.50", "\"12.5\"", "1e2", "9999999999.99", "-9999999999.99", "0.005000e1"];
const WIDE: [&str; 7] = [
    "1",
    "0.0001",
    "-0.0001",
    "9999999999999999999999999999999999.9999",
    "\"-9999999999999999999999999999999999.9999\"",
    "2.5",
    "1234567890.1234",
];
const BROKEN: [&str; 8] = [
    "",
    "not json",
    "[1]",
    "{\"id\":null}",
    "{\"ts\":1}",
    "{\"id\":\"x\",\"ts\":\"yesterday\"}",
    "\u{feff}{}",
    "{\"id\":{}}",
];
/// A field that makes a whole record a dead letter.
const WRONG: [&str; 6] = [
    "\"n\":1.5",
    "\"n\":9223372036854775808",
    "\"d\":0.001",
    "\"d\":12345678901",
    "\"b-b\":1",
    "\"x\":\"1\"",
];

/// Times worth an event, before any cut.
pub(super) struct Times<'a> {
    pub(super) cuts: &'a [i64],
    pub(super) windows: &'a [(i64, i64)],
    /// How far the watermark trails, and how late a left row may be.
    pub(super) delays: [i64; 2],
}

/// What the events of one scenario carry.
struct Values<'a> {
    keys: &'a [&'a str],
    /// How many numbers are edges; among many of them most sums are null.
    edges_percent: usize,
}

impl Times<'_> {
    fn random(&self, rng: &mut Rng, others: &[Arrival]) -> i64 {
        let cut = *rng.pick(self.cuts);
        let (window, hop) = if self.windows.is_empty() { (3_600_000, 1) } else { *rng.pick(self.windows) };
        let near = rng.between(-1, 1);
        match rng.below(11) {
            // The start of a window as of a cut, its neighbours, and the hop after it.
            0 | 1 => (cut - window).div_euclid(hop) * hop + near,
            2 => ((cut - window).div_euclid(hop) + 1) * hop + near,
            3 => cut - window + near,
            4 => cut - 1 - rng.between(0, 2),
            // As another event, or when it leaves a window.
            5 | 6 if !others.is_empty() => rng.pick(others).ts,
            7 if !others.is_empty() => rng.pick(others).ts + near,
            8 if !others.is_empty() => rng.pick(others).ts + window + near,
            // Where it makes another event just late, or just too late.
            9 if !others.is_empty() => rng.pick(others).ts + rng.pick(&self.delays) + near,
            _ => cut - rng.between(0, window + window / 4 + hop),
        }
    }
}

/// `count` records in order of their event times' creation, partitions and arrival still to be chosen.
pub(super) fn random(
    rng: &mut Rng,
    definitions: &Definitions,
    times: &Times<'_>,
    count: usize,
) -> Vec<Arrival> {
    let mut arrivals: Vec<Arrival> = Vec::new();
    let values = Values { keys: &KEYS[..=rng.below(KEYS.len())], edges_percent: *rng.pick(&[0, 5, 60]) };
    for number in 0..count {
        let source = match rng.below(10) {
            0..4 if definitions.joins => definitions.left,
            4..6 if definitions.table.is_some() => "t",
            6..8 if definitions.from == "both" => "s2",
            _ => "s",
        };
        let ts = times.random(rng, &arrivals);
        let again =
            rng.percent(12).then(|| arrivals.iter().rposition(|other| other.source == source)).flatten();
        let mut arrival = match again {
            // A copy, or the same id with another byte.
            Some(at) if rng.percent(70) => arrivals[at].clone(),
            Some(at) => Arrival {
                payload: format!("{} ", arrivals[at].payload),
                deleted_key: None,
                ..arrivals[at].clone()
            },
            None => fresh(rng, definitions, source, ts, number, &values),
        };
        // A deletion has no time but its record's.
        arrival.timestamp_ms = match arrival.deleted_key {
            Some(_) => arrival.ts,
            None => timestamp(rng, arrival.ts, definitions.ahead_ms),
        };
        arrivals.push(arrival);
    }
    arrivals
}

fn fresh(
    rng: &mut Rng,
    definitions: &Definitions,
    source: &'static str,
    ts: i64,
    number: usize,
    values: &Values<'_>,
) -> Arrival {
    if source == "t" && rng.percent(12) {
        let deleted_key = Some((*rng.pick(values.keys)).to_owned());
        return Arrival { source, partition: 0, timestamp_ms: ts, payload: String::new(), deleted_key, ts };
    }
    let payload = match rng.below(40) {
        0 => (*rng.pick(&BROKEN)).to_owned(),
        1 if source != "t" => format!("{{{},{}}}", head(definitions, number, ts), rng.pick(&WRONG)),
        _ if source == "t" => table_payload(rng, definitions, number, ts, values),
        _ => payload(rng, definitions, number, ts, values),
    };
    Arrival { source, partition: 0, timestamp_ms: 0, payload, deleted_key: None, ts }
}

fn head(definitions: &Definitions, number: usize, ts: i64) -> String {
    let id = if definitions.int_ids { number.to_string() } else { format!("\"e{number}\"") };
    let stamp = match definitions.stamp {
        "timestamp_us" => format!("{}", ts * 1000 + 999),
        "timestamp" => format!("\"{}\"", windrow::types::EventTime(ts)),
        _ => ts.to_string(),
    };
    format!("\"id\":{id},\"ts\":{stamp}")
}

fn payload(rng: &mut Rng, definitions: &Definitions, number: usize, ts: i64, values: &Values<'_>) -> String {
    let edges = values.edges_percent;
    let mut fields = vec![head(definitions, number, ts)];
    let text = |text: &&str| serde_json::Value::from(*text).to_string();
    let mut add = |rng: &mut Rng, name: &str, value: String| match rng.below(12) {
        0 => {}
        1 => fields.push(format!("\"{name}\":null")),
        _ => fields.push(format!("\"{name}\":{value}")),
    };
    let key = text(rng.pick(values.keys));
    add(rng, "k", key);
    let small = rng.between(0, 1).to_string();
    add(rng, "m", small);
    let int = if rng.percent(edges) { *rng.pick(&INTS) } else { rng.between(-9, 9) };
    add(rng, "n", int.to_string());
    let double = double(rng, edges);
    add(rng, "x", double);
    let decimal = if rng.percent(edges) { (*rng.pick(&DECIMALS)).to_owned() } else { cents(rng) };
    add(rng, "d", decimal);
    let wide = if rng.percent(edges) { (*rng.pick(&WIDE)).to_owned() } else { cents(rng) };
    add(rng, "w", wide);
    let c = text(rng.pick(&TEXTS));
    add(rng, "c", c);
    let bool = rng.percent(50).to_string();
    add(rng, "b-b", bool);
    let at = ts.div_euclid(1000) + rng.between(-1, 1);
    add(rng, "at", at.to_string());
    let ns = list(rng);
    add(rng, "ns", ns);
    let xs = map(rng, edges);
    add(rng, "xs", xs);
    let day = (*rng.pick(&DAYS)).to_owned();
    add(rng, "dy", day);
    let raw = (*rng.pick(&RAW)).to_owned();
    add(rng, "rw", raw);
    let inside = list(rng).replace("null", "0");
    let structure = format!("{{\"a\":{},\"b\":{},\"l\":{inside}}}", rng.pick(&INTS), text(rng.pick(&TEXTS)));
    add(rng, "st", structure);
    let by_number = format!("{{\"7\":{},\"-1\":null}}", text(rng.pick(&TEXTS)));
    add(rng, "mi", by_number);
    format!("{{{}}}", fields.join(","))
}

fn list(rng: &mut Rng) -> String {
    let element = |rng: &mut Rng| match rng.below(4) {
        0 => "null".to_owned(),
        1 => (*rng.pick(&INTS)).to_string(),
        _ => rng.between(-3, 3).to_string(),
    };
    let elements: Vec<String> = (0..rng.below(5)).map(|_| element(rng)).collect();
    format!("[{}]", elements.join(","))
}

fn map(rng: &mut Rng, edges_percent: usize) -> String {
    let mut entries = Vec::new();
    for key in ["a", "", "ä"] {
        if rng.percent(60) {
            let value = if rng.percent(20) { "null".to_owned() } else { double(rng, edges_percent) };
            entries.push(format!("\"{key}\":{value}"));
        }
    }
    format!("{{{}}}", entries.join(","))
}

/// A row of the table; few values, so that equal ones come again.
fn table_payload(
    rng: &mut Rng,
    definitions: &Definitions,
    number: usize,
    ts: i64,
    values: &Values<'_>,
) -> String {
    let text = |text: &&str| serde_json::Value::from(*text).to_string();
    // Also rows of one id at one time: the value's bytes break the tie.
    let number = if rng.percent(30) { 0 } else { number };
    let key = if rng.percent(8) { "null".to_owned() } else { text(rng.pick(values.keys)) };
    let (n, c) = (rng.between(-3, 9), text(rng.pick(&TEXTS)));
    let n = if rng.percent(10) { "null".to_owned() } else { n.to_string() };
    format!("{{{},\"tk\":{key},\"tn\":{n},\"tc\":{c}}}", head(definitions, number, ts))
}

fn cents(rng: &mut Rng) -> String {
    let cents = rng.between(-99_999, 99_999);
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100)
}

/// A small number with a fraction, one that cancels, an edge, or any finite bits.
fn double(rng: &mut Rng, edges_percent: usize) -> String {
    let any = f64::from_bits(rng.next());
    if rng.percent(edges_percent) {
        return if rng.percent(50) && any.is_finite() {
            format!("{any:e}")
        } else {
            (*rng.pick(&DOUBLES)).to_owned()
        };
    }
    if rng.percent(50) {
        return (*rng.pick(&["1e16", "1", "-1e16", "0.1", "0.2", "-0.3"])).to_owned();
    }
    format!("{}.{}", rng.between(-99, 99), rng.between(0, 999))
}

/// Mostly at or after the event; sometimes exactly as far behind as is allowed, or 1 ms further.
fn timestamp(rng: &mut Rng, ts: i64, ahead_ms: i64) -> i64 {
    match rng.below(12) {
        0 => ts - ahead_ms,
        1 => ts - ahead_ms - 1,
        2 => ts + 600_000,
        _ => ts + rng.between(0, 5),
    }
}
