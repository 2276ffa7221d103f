//! Dead letters of a run beside the oracle's: which records of which source, and why.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::oracle::{self, Comparison, Difference};
use crate::plan::Operator;
use crate::types::Value;
use crate::wire;

use super::records::Arrival;
use super::scenario::Scenario;

/// How many, by source, reason and the record in base64.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct DeadLetters(BTreeMap<[String; 3], i64>);

impl DeadLetters {
    /// The oracle's.
    pub(super) fn expected(scenario: &Scenario) -> Self {
        let mut expected = Self::default();
        let unanswered = unanswered(scenario);
        for (source, arrivals) in &scenario.arrivals {
            for arrival in arrivals {
                let calls = || unanswered.get(&(source.as_str(), arrival.payload.as_slice())).copied();
                let (reason, count) = match reason(scenario, source, arrival) {
                    Some(reason) => (reason, 1),
                    None => ("call", calls().unwrap_or(0)),
                };
                let dead_letter = [source.clone(), reason.to_owned(), wire::base64(&arrival.payload)];
                (0..count).for_each(|_| expected.add(dead_letter.clone()));
            }
        }
        expected
    }

    /// Those that a bundle has written, as lines of JSON.
    pub(super) fn written(text: &str) -> Result<Self, String> {
        let mut written = Self::default();
        for line in text.lines() {
            let json: Json = serde_json::from_str(line).map_err(|error| format!("{error} in {line}"))?;
            written.add(
                ["source", "reason", "value"].map(|key| json[key].as_str().unwrap_or_default().to_owned()),
            );
        }
        Ok(written)
    }

    fn add(&mut self, dead_letter: [String; 3]) {
        *self.0.entry(dead_letter).or_insert(0) += 1;
    }

    /// Each of them as one cell: how often it is there.
    pub(super) fn compare(&self, actual: &Self) -> Comparison {
        let all: BTreeSet<_> = self.0.keys().chain(actual.0.keys()).collect();
        let of = |letters: &Self, letter| letters.0.get(letter).map(|count| Value::Int(*count));
        let differing = all.iter().filter(|letter| self.0.get(**letter) != actual.0.get(**letter));
        let differing = differing.map(|letter| Difference {
            key: letter.iter().map(|part| Value::string(part.as_str())).collect(),
            column: "dead letters".to_owned(),
            expected: of(self, *letter),
            actual: of(actual, *letter),
        });
        Comparison { cells: all.len(), differing: differing.collect() }
    }
}

/// Events without an answer that must be there (S14), by source and record: of how many calls. Models are asked
/// before copies are told apart, so what holds for an event holds for each of its copies.
fn unanswered(scenario: &Scenario) -> BTreeMap<(&str, &[u8]), usize> {
    let records = scenario.records();
    let mut counts = BTreeMap::new();
    for id in scenario.plan.topological() {
        let node = scenario.plan.node(id);
        let Operator::Call(_) = &node.operator else { continue };
        let places = oracle::unanswered(&scenario.model, &node.definition, &records, scenario.q);
        let record = |(source, place): (String, usize)| {
            let (source, arrivals) = scenario.arrivals.get_key_value(&source).expect("a source that is read");
            (source.as_str(), arrivals[place].payload.as_slice())
        };
        let of_call: BTreeSet<_> = places.into_iter().map(record).collect();
        for record in of_call {
            *counts.entry(record).or_insert(0) += 1;
        }
    }
    counts
}

fn reason(scenario: &Scenario, source: &str, arrival: &Arrival) -> Option<&'static str> {
    let model = &scenario.model;
    let record = arrival.record();
    match model.sources.iter().find(|declared| declared.name == source) {
        Some(declared) => oracle::dead_letter(declared, &record),
        None => model
            .tables
            .iter()
            .find(|table| table.name == source)
            .and_then(|table| oracle::dead_letter_of_table(table, &record)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_is_missing_or_has_another_reason_is_a_difference() {
        let line = |reason: &str| format!(r#"{{"source":"s","reason":"{reason}","value":"AA=="}}"#);
        let letters = |reasons: &[&str]| reasons.iter().map(|reason| line(reason) + "\n").collect::<String>();
        let of = |reasons: &[&str]| DeadLetters::written(&letters(reasons)).expect("JSON");
        let differing = |a: &[&str], b: &[&str]| of(a).compare(&of(b)).differing.len();
        assert_eq!(differing(&["not_avro", "future"], &["future", "not_avro"]), 0);
        assert_eq!(differing(&["not_avro"], &[]), 1);
        assert_eq!(differing(&["not_avro", "not_avro"], &["not_avro"]), 1);
        assert_eq!(differing(&["not_avro"], &["future"]), 2);
        assert!(DeadLetters::written("no JSON").is_err());
    }
}
