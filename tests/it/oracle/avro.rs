//! The cases of Avro that the engine and the Java decoder of bundles read (`tests/cases/decode/avro.json`), read by the
//! oracle, too: behind the field of each stands a time, a zero.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};
use windrow::diag::SourceMap;
use windrow::model::{self, Beside, Input, Model, Publish, PublishMode, SourceId, Target};
use windrow::oracle::{self, Record, Records};
use windrow::sim::{self, Feed, Raw};
use windrow::types::EventTime;
use windrow::{plan, syntax};

/// Kept apart from what a record says: no zero.
const ARRIVED_MS: i64 = 5;

/// A source with the field `v` of a case; `None`: its schema cannot be what is declared, which is said before any
/// record is read.
fn source(case: &Json) -> Option<Model> {
    let declared = case["type"].as_str().unwrap().replace(';', ",");
    let schema = json!({"type": "record", "name": "of_v", "fields": [
        {"name": "v", "type": case["schema"]},
        {"name": "ts", "type": "long"},
    ]});
    let text = format!(
        "source s {{\n topic t in g\n format avro \"v.avsc\"\n schema {{ v {declared} ts timestamp_ms }}\n event_time ts\n disorder 10s\n}}\n"
    );
    let mut sources = SourceMap::default();
    let file = sources.add("s.wr", text);
    let (ast, problems) = syntax::parse(&sources, file);
    assert!(!problems.has_errors(), "{case}");
    let mut beside = Beside::default();
    beside.schemas.insert((file, "v.avsc".to_owned()), Ok(schema.to_string()));
    let (model, problems) = model::resolve_beside(&[ast], None, &beside);
    (!problems.has_errors()).then_some(model)
}

/// The value as both have it, or why the record is a dead letter.
fn read(model: &Model, payload: Vec<u8>) -> [Result<String, String>; 2] {
    let (mut model, target) = model.showing(Input::Source(SourceId(0)));
    let Target::Join(id) = target else { unreachable!("rows of a source are shown as a join's") };
    let (topic, group, mode, span) =
        ("t".to_owned(), "g".to_owned(), PublishMode::Events, model.sources[0].span);
    model.joins[id.0].publish = Some(Publish { topic, group, mode, every_ms: 0, span });
    let record = Record::new(payload.clone(), ARRIVED_MS);
    let reason = oracle::dead_letter(&model.sources[0], &record);
    let records: Records = [("s".to_owned(), vec![record])].into();
    let rows = oracle::join_rows(&model, id, &records, i64::MAX);
    let expected = reason.map_or_else(|| Ok(format!("{:?}", rows[0].1)), |reason| Err(reason.to_owned()));
    let plan = plan::alone(&model, target);
    let feed = Feed { source: "s".to_owned(), records: vec![Raw::new(ARRIVED_MS, payload)] };
    let options = sim::Options { until: Some(EventTime(1)), ..sim::Options::default() };
    let outcome = sim::run(&plan, vec![feed], options).unwrap();
    let found = match outcome.dead_letters.first() {
        Some(refused) => Err(refused.letter.reason.to_owned()),
        None => Ok(format!("{:?}", outcome.tables[&plan.publisher()].rows[0].2)),
    };
    [expected, found]
}

#[test]
fn the_oracle_reads_avro_as_the_other_engines_do() {
    let cases: Vec<Json> =
        serde_json::from_str(include_str!("../../cases/decode/avro.json")).expect("cases are JSON");
    let (mut values, mut dead_letters) = (0, 0);
    for case in &cases {
        let Some(model) = source(case) else { continue };
        let mut payload = STANDARD.decode(case["payload_base64"].as_str().unwrap()).unwrap();
        payload.push(0);
        let [expected, found] = read(&model, payload);
        assert_eq!(expected, found, "the oracle and the engine read {case}");
        match (&case["reason"], &expected) {
            (Json::Null, Ok(_)) => values += 1,
            (Json::String(reason), Err(found)) if reason == found => dead_letters += 1,
            _ => panic!("{expected:?} of {case}"),
        }
    }
    assert!(values > 40 && dead_letters > 25, "{values} values, {dead_letters} dead letters");
}
