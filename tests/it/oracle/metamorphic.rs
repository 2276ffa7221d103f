//! What no value may depend on, over random definitions: order of arrival, partitions, shards, steps, restarts. The
//! runs are held against each other: no oracle, no rule, only bits.

use windrow::oracle::{Comparison, Table, compare};

use super::rng::Rng;
use super::run::{Manner, tables};
use super::scenario::Scenario;

const SCENARIOS: u64 = if cfg!(debug_assertions) { 20 } else { 200 };
/// Other seeds than those of the comparison with the oracle.
const FROM: u64 = 100_000;

/// All of it at once: one shard, one step per cut.
const STRAIGHT: Manner = Manner { shards: Some(1), steps: Some((usize::MAX, 0)) };

/// The rows of a scenario run straight.
fn straight(scenario: &Scenario, seed: u64) -> Vec<Table> {
    let (model, plan) = scenario.compile();
    tables(scenario, &model, &plan, seed, STRAIGHT).expect("a run")
}

/// Runs each scenario straight and in another way; both must have the same rows.
fn check(what: &str, another: impl Fn(&Scenario, u64) -> (Scenario, Manner)) {
    let mut all = Comparison::default();
    for seed in FROM..FROM + SCENARIOS {
        let scenario = Scenario::random(&mut Rng::new(seed));
        let expected = straight(&scenario, seed);
        let (other, manner) = another(&scenario, seed);
        let (model, plan) = other.compile();
        let actual = tables(&other, &model, &plan, seed, manner).expect("a run");
        assert_eq!(expected.len(), actual.len());
        for (expected, actual) in expected.iter().zip(&actual) {
            let compared = compare(expected, actual);
            assert!(compared.is_equal(), "{what}, seed {seed}\n{}\n{compared}", scenario.definitions.text);
            all.extend(compared);
        }
    }
    assert!(all.cells > 5 * usize::try_from(SCENARIOS).expect("few"), "{what}: only {} cells", all.cells);
}

#[test]
fn any_order_of_arrival_and_any_split_over_partitions_gives_the_same_rows() {
    check("another order", |scenario, seed| (scenario.rearranged(&mut Rng::new(seed + 1)), STRAIGHT));
}

#[test]
fn any_number_of_shards_gives_the_same_rows() {
    for shards in [2, 3, 8] {
        check("shards", |scenario, _| (scenario.clone(), Manner { shards: Some(shards), ..STRAIGHT }));
    }
}

#[test]
fn stopped_and_resumed_at_every_step_the_rows_are_the_same() {
    // A step of one record each, and the engine is opened again on its store behind every one.
    let manner = Manner { shards: None, steps: Some((1, 100)) };
    check("stop and resume", |scenario, _| (scenario.clone(), manner));
}
