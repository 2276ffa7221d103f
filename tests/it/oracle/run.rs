//! Drives the engine through a scenario as a careless world would: steps of any size, other shard
//! counts, failed steps, restarts. What it put out is compared with the oracle at every cut.

use std::collections::BTreeMap;

use windrow::dataflow::{
    Engine, Input, Options, Output, PartitionId, PartitionStatus, PartitionUpdate, Record, Tuning,
};
use windrow::model::Model;
use windrow::oracle::{self, Comparison};
use windrow::plan::Plan;
use windrow::state::MemoryStore;
use windrow::types::EventTime;

use super::definitions::TableKind;
use super::events::Arrival;
use super::reader::Reader;
use super::rng::Rng;
use super::scenario::Scenario;

/// One run of a scenario, with all its accidents from one seed.
struct Run<'s> {
    scenario: &'s Scenario,
    /// The models that results are compared with: the true one, then tampered ones.
    oracles: &'s [Model],
    plan: &'s Plan,
    rng: Rng,
    store: MemoryStore,
    reader: Reader,
    start: u64,
    offsets: BTreeMap<u32, i64>,
    /// Payload and reason.
    dead_letters: Vec<(String, &'static str)>,
    manner: Manner,
}

/// What no value may depend on; what is not said is left to chance.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Manner {
    pub(super) shards: Option<usize>,
    /// How many records a step takes at most, and after how many of a hundred the engine is closed and opened.
    pub(super) steps: Option<(usize, usize)>,
}

/// What the reader has at the last cut, by publish node, when a scenario is run in that manner.
pub(super) fn tables(
    scenario: &Scenario,
    model: &Model,
    plan: &Plan,
    seed: u64,
    manner: Manner,
) -> Result<Vec<oracle::Table>, String> {
    let oracles = std::slice::from_ref(model);
    let mut run = Run { manner, ..Run::new(scenario, oracles, plan, seed) };
    for (cut, q) in scenario.cuts.iter().enumerate() {
        run.phase(cut, *q)?;
    }
    Ok(run.reader.into_tables())
}

/// The cells compared at all cuts, for each of the models the oracle is given; an error says what
/// else went wrong.
pub(super) fn run(
    scenario: &Scenario,
    oracles: &[Model],
    plan: &Plan,
    seed: u64,
) -> Result<Vec<Comparison>, String> {
    let mut run = Run::new(scenario, oracles, plan, seed);
    let mut results = vec![Comparison::default(); oracles.len()];
    for (cut, q) in scenario.cuts.iter().enumerate() {
        run.phase(cut, *q)?;
        run.check_dead_letters(cut)?;
        run.compare(cut, &mut results);
    }
    let last = scenario.cuts.len() - 1;
    run.rebroadcast(scenario.cuts[last])?;
    run.compare(last, &mut results);
    Ok(results)
}

impl<'s> Run<'s> {
    fn new(scenario: &'s Scenario, oracles: &'s [Model], plan: &'s Plan, seed: u64) -> Self {
        Self {
            scenario,
            oracles,
            plan,
            rng: Rng::new(seed),
            store: MemoryStore::default(),
            reader: Reader::new(&oracles[0], plan),
            start: 0,
            offsets: BTreeMap::new(),
            dead_letters: Vec::new(),
            manner: Manner::default(),
        }
    }

    fn open(&mut self, cut: Option<i64>, publish: bool) -> Result<Engine, String> {
        self.start += 1;
        let options = Options {
            shards: self.manner.shards.unwrap_or(*self.rng.pick(&[1, 1, 2, 3, 8])),
            cut: cut.map(EventTime),
            publish,
            hold_for_ms: 300_000,
            lease: 1,
            start: self.start,
            caller: None,
        };
        let tuning = self.tuning();
        Engine::open_tuned(self.plan, options, tuning, &self.store).map_err(|error| error.to_string())
    }

    /// As in production, or so tight that everything is written back and forgotten all the time.
    fn tuning(&mut self) -> Tuning {
        if self.rng.percent(30) {
            return Tuning::default();
        }
        Tuning {
            redo_effects_max: self.rng.next() % 20,
            debts_per_step: 1 + self.rng.below(3),
            woken_per_step: 1 + self.rng.below(3),
            written_back_per_step: self.rng.below(3),
            memory_bytes_max: self.rng.below(4) * 700,
            table_keys_max: self.rng.below(3),
            records_per_thread: 1 + self.rng.below(8),
        }
    }

    /// Feeds the records that arrive before a cut, and finishes there.
    fn phase(&mut self, cut: usize, q: i64) -> Result<(), String> {
        let arrivals = &self.scenario.phases[cut];
        let all_before = self.scenario.phases[..=cut].iter().flatten().all(|arrival| arrival.ts < q);
        // As `run` does: live first, the cut only at the end.
        let live_cut = (!all_before || self.rng.percent(50)).then_some(q);
        // A first start is a backfill: it keeps its rows to itself. Those of joins are history and
        // never come.
        let publish = cut > 0 || self.scenario.definitions.joins || self.rng.percent(50);
        let mut engine = self.open(live_cut, publish)?;
        let mut declares = true;
        let mut rest = arrivals.as_slice();
        let by_chance = *self.rng.pick(&[(1, 10), (4, 30), (20, 10), (1_000, 0)]);
        let (step_max, restart_percent) = self.manner.steps.unwrap_or(by_chance);
        while !rest.is_empty() {
            let (step, after) = rest.split_at(rest.len().min(1 + self.rng.below(step_max)));
            let mut input = self.input(step, declares);
            input.partitions.extend(self.news(cut, rest));
            declares = false;
            if self.rng.percent(restart_percent / 2) {
                // A failed step is discarded whole: nothing of it was committed, all of it comes again.
                engine.step(input, &self.store).map_err(|error| error.to_string())?;
                engine = self.open(live_cut, publish)?;
                declares = true;
                continue;
            }
            self.offsets.extend(input.records.iter().map(|record| (record.partition.0, record.offset)));
            let output = engine.step(input, &self.store).map_err(|error| error.to_string())?;
            self.commit(output)?;
            rest = after;
            if self.rng.percent(restart_percent) {
                engine = self.open(live_cut, publish)?;
                declares = true;
            }
        }
        if live_cut.is_none() || !publish || self.rng.percent(30) {
            engine = self.open(Some(q), true)?;
        }
        self.finish(engine)
    }

    fn finish(&mut self, mut engine: Engine) -> Result<(), String> {
        let input = Input { finish: true, ..self.input(&[], true) };
        let output = engine.step(input, &self.store).map_err(|error| error.to_string())?;
        self.commit(output)?;
        self.check_ledger(&engine)
    }

    /// Consumed is what arrived, and every record is counted as one thing.
    fn check_ledger(&self, engine: &Engine) -> Result<(), String> {
        let arrived: i64 = self.offsets.values().map(|offset| offset + 1).sum();
        let ledger = engine.ledger();
        let sources = || ledger.sources.iter().map(|(_, source)| source);
        let consumed: u64 = sources().map(|source| source.consumed).sum();
        let dead: u64 = sources().map(|source| source.dead_lettered).sum();
        let is_whole = sources().all(|source| source.consumed == source.decoded + source.dead_lettered)
            && ledger.nodes.iter().all(|(_, node)| {
                node.decoded == node.applied + node.filtered + node.null_key + node.duplicate + node.expired
            });
        let missed: u64 = ledger.nodes.iter().map(|(_, node)| node.missed + node.lookup_missed).sum();
        let is_counted = i64::try_from(consumed) == Ok(arrived) && dead == self.dead_letters.len() as u64;
        if !is_counted || !is_whole || missed > 0 {
            return Err(format!(
                "{arrived} arrived, {} dead letters, ledger {ledger:?}",
                self.dead_letters.len()
            ));
        }
        Ok(())
    }

    /// The dead letters and their reasons are the oracle's.
    fn check_dead_letters(&self, cut: usize) -> Result<(), String> {
        let model = &self.oracles[0];
        let mut expected = Vec::new();
        for (name, records) in self.scenario.records(cut) {
            let source = model.sources.iter().find(|source| source.name == name);
            let table = model.tables.iter().find(|table| table.name == name);
            expected.extend(records.iter().filter_map(|record| {
                let payload = String::from_utf8_lossy(&record.payload).into_owned();
                let reason = match (source, table) {
                    (Some(source), _) => oracle::dead_letter(source, record),
                    (None, table) => oracle::dead_letter_of_table(table.expect("a table"), record),
                };
                reason.map(|reason| (payload, reason))
            }));
        }
        let mut actual = self.dead_letters.clone();
        expected.sort_unstable();
        actual.sort_unstable();
        if actual == expected {
            Ok(())
        } else {
            Err(format!("dead letters {actual:?}, expected {expected:?}"))
        }
    }

    /// The next records as a step's input; partitions are declared after each open.
    fn input(&mut self, arrivals: &[Arrival], declares: bool) -> Input {
        let mut offsets = self.offsets.clone();
        let mut record = |arrival: &Arrival| {
            let partition = partition(arrival.source, arrival.partition);
            let offset = offsets.entry(partition).and_modify(|offset| *offset += 1).or_insert(0);
            Record {
                partition: PartitionId(partition),
                offset: *offset,
                timestamp_ms: arrival.timestamp_ms,
                payload: arrival.payload.clone().into_bytes(),
                deleted_key: arrival.deleted_key.clone().map(String::into_bytes),
            }
        };
        let records = arrivals.iter().map(&mut record).collect();
        let partitions = if declares { self.partitions() } else { Vec::new() };
        // Only without joins and lookups may a partition be given up: they would miss its events.
        let now_ms = if self.scenario.definitions.is_final() { 0 } else { 400_000 };
        Input { records, partitions, now_ms, finish: false }
    }

    /// What else is known of a partition: that it is quiet, down for a while, or read to its end. It
    /// never vouches for more than is true of the records still to come: `rest`, and later phases.
    fn news(&mut self, cut: usize, rest: &[Arrival]) -> Option<PartitionUpdate> {
        let update = self.rng.pick(&self.partitions()).clone();
        let later = self.scenario.phases[cut + 1..].iter().flatten();
        let is_read = |arrival: &&Arrival| arrival.source != "t";
        if self.scenario.definitions.table == Some(TableKind::Static) && !rest.iter().all(|one| is_read(&one))
        {
            // Read to the end once, a static table is complete.
            return None;
        }
        let to_come = rest.iter().chain(later);
        let of_it = to_come
            .filter(|arrival| PartitionId(partition(arrival.source, arrival.partition)) == update.partition);
        // Nobody can know of a time beyond the cut before the cut is over.
        let oldest = of_it.map(|arrival| arrival.ts.min(self.scenario.cuts[cut])).min();
        let status = match (self.rng.below(8), oldest) {
            (0, None) => PartitionStatus::Ended,
            (1, Some(oldest)) => {
                PartitionStatus::Quiet { now_ms: oldest + self.scenario.definitions.disorder_ms - 1 }
            }
            (2, _) => PartitionStatus::Down { since_ms: 0 },
            (3, _) => PartitionStatus::Live,
            _ => return None,
        };
        Some(PartitionUpdate { status, ..update })
    }

    /// Every partition that ever has a record, live.
    fn partitions(&self) -> Vec<PartitionUpdate> {
        let arrivals = self.scenario.phases.iter().flatten();
        let mut all: Vec<_> = arrivals.map(|arrival| (arrival.source, arrival.partition)).collect();
        all.sort_unstable();
        all.dedup();
        all.into_iter()
            .map(|(source, number)| PartitionUpdate {
                partition: PartitionId(partition(source, number)),
                source: source.to_owned(),
                status: PartitionStatus::Live,
            })
            .collect()
    }

    /// What the driver does: commit, then publish.
    fn commit(&mut self, output: Output) -> Result<(), String> {
        self.store.commit(output.batch);
        let dead = output.dead_letters.into_iter();
        self.dead_letters.extend(
            dead.map(|letter| (String::from_utf8_lossy(&letter.payload).into_owned(), letter.reason)),
        );
        output.publications.into_iter().try_for_each(|publication| self.reader.publish(publication))
    }

    /// Forgets all group-by rows and has them sent again from the state. A row that is sent again is
    /// as of W, and may trail the cut by an expiry until the run is finished again (rule S4).
    fn rebroadcast(&mut self, q: i64) -> Result<(), String> {
        self.reader.forget();
        let mut engine = self.open(Some(q), true)?;
        let mut done = false;
        while !done {
            let limit = 1 + self.rng.below(3);
            let (output, is_last) =
                engine.rebroadcast(limit, &self.store).map_err(|error| error.to_string())?;
            self.commit(output)?;
            done = is_last;
        }
        self.finish(engine)
    }

    /// What the reader has at a cut against each of the models.
    fn compare(&self, cut: usize, results: &mut [Comparison]) {
        let records = self.scenario.records(cut);
        for (model, result) in self.oracles.iter().zip(results) {
            result.extend(self.reader.compare(model, &records, self.scenario.cuts[cut]));
        }
    }
}

/// A number for each partition of each source.
fn partition(source: &str, number: u32) -> u32 {
    match source {
        "l" => 100 + number,
        "s2" => 200 + number,
        "t" => 300 + number,
        _ => number,
    }
}
