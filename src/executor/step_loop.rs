//! The step loop: the only place where a step happens. Records from all readers go in, the engine's effects
//! come out, and [`StepLoop::commit`] decides the order: one batch, one sync, and only then the regions hear
//! of it (rules R1 and R2).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::board::Board;
use super::calls::Calls;
use super::checkpoint::Keeper;
use super::clock::now_ms;
use super::dead_letters::DeadLetters;
use super::job::{Job, dead_letter_topic};
use super::lease_watch::LeaseWatch;
use super::partitions::{Partitions, ReaderStanding};
use super::quality::Quality;
use super::reshape::Shape;
use super::session::Session;
use super::sink::{Homes, Outbox, OwnTopics, Sinks};
use super::source::{Bound, Event, Gathered, Origin, Readers, Settings};
use super::status::Status;
use super::store::{Commit, RocksStore};
use super::stride::Stride;
use super::tables::PartitionKey;
use super::wiring::{ReaderWiring, SinkWiring, Wiring};
use super::{Error, bounded, fault, former, progress};
use crate::dataflow::{Engine, Input, Output, PartitionId};
use crate::types::EventTime;

/// How long to wait for records before looking at the clock.
const WAIT: Duration = Duration::from_millis(100);
/// The same while a backlog is held: nobody rings when it may go on.
const HELD_WAIT: Duration = Duration::from_millis(3);
/// Rows that a region may have to take before more of a backlog is added.
const QUEUED_ROWS_MAX: u64 = 150;
/// Without news a step still happens this often: time passes for partitions that are down.
const IDLE_STEP: Duration = Duration::from_secs(1);
const HOUSEKEEPING: Duration = Duration::from_secs(1);
/// Keys that are put out again between two steps.
const REBROADCAST: usize = 2_000;

/// What this run does with time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Reads what the clusters hold, publishes nothing.
    History,
    /// Reads what the clusters hold, publishes, and finishes at the cut.
    Until {
        cut: EventTime,
    },
    Live,
}

/// One run over an open state.
pub(super) struct StepLoop {
    pub(super) mode: Mode,
    pub(super) session: Session,
    pub(super) shape: Shape,
    /// Readers stand here by their numbers, also those that are gone.
    pub(super) wiring: Arc<Wiring>,
    pub(super) engine: Engine,
    pub(super) partitions: Partitions,
    pub(super) dead_letters: DeadLetters,
    pub(super) outbox: Outbox,
    pub(super) readers: Readers,
    /// `None` while nothing is published.
    pub(super) sinks: Option<Sinks>,
    /// `None`: nothing can come of those who held the lease before.
    pub(super) former: Option<former::Watch>,
    pub(super) status: Status,
    lease_watch: LeaseWatch,
    /// `None`: no checkpoints are wanted.
    pub(super) keeper: Option<Keeper>,
    pub(super) board: Arc<Board>,
    pub(super) watermarks: Vec<(String, EventTime)>,
    pub(super) missing: Vec<String>,
    /// How far events may lead their records.
    pub(super) lead_ms: i64,
    /// Keys have got other homes while all of them were being put out.
    pub(super) broadcasts_again: bool,
    pub(super) started: Instant,
    stop: Arc<AtomicBool>,
    quality: Quality,
    stride: Stride,
    calls: Calls,
    stepped: Instant,
    kept_house: Instant,
}

impl StepLoop {
    /// Starts readers, and regions if this run publishes.
    pub(super) fn start(
        job: &Job,
        wiring: &Arc<Wiring>,
        mut session: Session,
        mode: Mode,
    ) -> Result<Self, Error> {
        let (cut, publish, bound) = match mode {
            Mode::History => (None, false, Bound::EndsKept),
            Mode::Until { cut } => (Some(cut), true, Bound::EndsNow),
            Mode::Live => (None, true, Bound::Never),
        };
        let mut wiring = (**wiring).clone();
        let calls = Calls::of(&job.plan);
        session.number(&mut wiring)?;
        let shape = Shape::open(job, &session, mode == Mode::Live)?;
        wiring.readers.retain(|reader| !shape.is_retired(&reader.cluster.name));
        let wiring = Arc::new(wiring);
        let outbox = Outbox::open(&session.store)?;
        if publish {
            go_live(&mut session, &wiring.sinks, &outbox)?;
        }
        let engine = session.engine(job, cut, publish)?;
        session.leases.check(session.about.lease)?;
        begin(&session, &shape, if publish { &wiring.sinks } else { &[] })?;
        let store = &session.store;
        let mut partitions = Partitions::open(store, wiring.readers.len(), mode == Mode::History, now_ms())?;
        partitions.batch_records = calls.batch_records();
        let dead_letters = DeadLetters::open(store)?;
        let settings =
            wiring.readers.iter().map(|reader| settings(reader, &partitions, &session, bound)).collect();
        let readers = Readers::start(settings)?;
        let sinks = if publish { Some(start_sinks(job, &wiring, &session.store, &outbox)?) } else { None };
        let former = if publish { former::Watch::open(&session) } else { None };
        let lease_watch = LeaseWatch::start(session.leases.clone(), session.about.lease)?;
        let keeper = if mode == Mode::Live { Keeper::start(job, &session, &wiring)? } else { None };
        let now = Instant::now();
        let status = Status::new(job);
        let stop = Arc::clone(&job.stop);
        let mut step_loop = Self {
            mode,
            session,
            shape,
            wiring,
            engine,
            partitions,
            dead_letters,
            outbox,
            readers,
            sinks,
            former,
            status,
            lease_watch,
            keeper,
            board: Arc::clone(&job.board),
            watermarks: Vec::new(),
            missing: Vec::new(),
            lead_ms: bounded::lead_ms(&job.plan),
            broadcasts_again: false,
            started: now,
            stop,
            quality: Quality::new(job.max_bad_percent),
            stride: Stride::new(),
            calls,
            stepped: now,
            kept_house: now,
        };
        let retired = |name: &str| step_loop.shape.is_retired(name);
        let declared = step_loop.partitions.begin(&step_loop.wiring.readers, &retired, now_ms());
        step_loop.step(Input { partitions: declared, now_ms: now_ms(), ..Input::default() })?;
        Ok(step_loop)
    }

    /// Waits for news, takes one step with it, and once a second looks after everything else.
    pub(super) fn turn(&mut self) -> Result<(), Error> {
        self.board.turn();
        let now = Instant::now();
        let behind = self.partitions.behind();
        let held = if self.backlogs_wait(now) { &behind } else { &BTreeSet::new() };
        let is_idle = held.is_empty() && !self.engine.is_catching_up();
        let wait = if is_idle { WAIT } else { HELD_WAIT };
        let records_max = self.stride.records_max(now).min(self.calls.records_max());
        let gathered = self.readers.gather(wait, records_max, held);
        self.note(&gathered, &behind, now);
        let input = self.partitions.input(gathered, &self.wiring.readers, now_ms());
        let has_news = !input.records.is_empty() || !input.partitions.is_empty();
        if has_news || self.engine.is_catching_up() || self.stepped.elapsed() >= IDLE_STEP {
            let records = input.records.len();
            self.step(input)?;
            self.stride.stepped(records, self.stepped.elapsed(), Instant::now());
        }
        self.rebroadcast()?;
        self.keep_house_if_due()
    }

    /// Whether a backlog has to wait, as others have news: for its turn, or for regions to take what they were given.
    fn backlogs_wait(&self, now: Instant) -> bool {
        let keep_up = |sinks: &Sinks| sinks.keep_up(self.outbox.next(), QUEUED_ROWS_MAX);
        self.stride.rests(now)
            || (self.stride.holds_backlogs(now) && !self.sinks.as_ref().is_none_or(keep_up))
    }

    /// Notes who has brought news, and who something of a backlog.
    fn note(&mut self, gathered: &Gathered, behind: &BTreeSet<usize>, now: Instant) {
        let brought = gathered.iter().filter(|(_, event)| matches!(event, Event::Records(_)));
        for (reader, _) in brought {
            if behind.contains(reader) {
                self.stride.took_backlog(now);
            } else if self.mode == Mode::Live {
                self.stride.waited_for(now);
            }
        }
    }

    /// While some region lacks rows: how many were taken so far.
    pub(super) fn undelivered(&self) -> Option<u64> {
        let sinks = self.sinks.as_ref()?;
        (!sinks.behind(self.outbox.next()).is_empty()).then(|| sinks.acknowledged())
    }

    pub(super) fn keep_house_if_due(&mut self) -> Result<(), Error> {
        if self.kept_house.elapsed() < HOUSEKEEPING { Ok(()) } else { self.keep_house() }
    }

    /// One step: the engine's effects, then their commit.
    pub(super) fn step(&mut self, input: Input) -> Result<(), Error> {
        self.stepped = Instant::now();
        fault::point("step_begun");
        let mut counts: BTreeMap<PartitionId, (u64, u64)> = BTreeMap::new();
        for record in &input.records {
            counts.entry(record.partition).or_default().0 += 1;
        }
        let records = input.records.len();
        let output = self.engine.step(input, &*self.session.store)?;
        self.calls.stepped(records, &output.calls, self.stepped);
        for letter in &output.dead_letters {
            counts.entry(letter.partition).or_default().1 += 1;
        }
        self.judge(&counts);
        self.watermarks.clone_from(&output.watermarks);
        self.missing = output
            .missing
            .iter()
            .filter_map(|id| self.partitions.get(*id))
            .map(|known| known.key.cluster.clone())
            .collect();
        self.missing.sort_unstable();
        self.missing.dedup();
        self.commit(output, Commit::default())?;
        self.status.stepped(self.stepped.elapsed());
        Ok(())
    }

    /// Stops partitions that bring too much that cannot be decoded.
    fn judge(&mut self, counts: &BTreeMap<PartitionId, (u64, u64)>) {
        let now_ms = now_ms();
        for (partition, (records, bad)) in counts {
            let Some((bad, of)) = self.quality.count(*partition, *records, *bad, now_ms) else { continue };
            let Some(known) = self.partitions.get(*partition) else { continue };
            let (key, next) = (&known.key, known.position.next);
            let why = format!(
                "{}: {}/{} is stopped at offset {next}: {bad} of {of} records within a minute could not be decoded",
                key.cluster, key.topic, key.partition
            );
            tracing::error!("E0916: {why}");
            self.partitions.halt(*partition, why, now_ms);
        }
    }

    /// Everything of one step in one synced batch; the regions hear of it after that, never before.
    pub(super) fn commit(&mut self, output: Output, mut commit: Commit) -> Result<(), Error> {
        let store = Arc::clone(&self.session.store);
        commit.engine = output.batch;
        self.partitions.write(&mut commit.shell);
        self.dead_letters.append(&output.dead_letters, &self.partitions, &mut self.outbox, &mut commit.shell);
        self.outbox.append(&self.wiring.publishes, &output.publications, &store, &mut commit.shell)?;
        if let Some(sinks) = &mut self.sinks {
            let acknowledged = sinks.cursors(&mut commit.shell);
            self.outbox.prune(acknowledged, &store, &mut commit.shell)?;
            if sinks.wish_for_all_keys() {
                self.put_out_all(&mut commit);
            }
        }
        fault::point("step_computed");
        store.commit(commit)?;
        fault::point("step_written");
        if let Some(sinks) = &self.sinks {
            sinks.committed(self.outbox.next());
        }
        fault::point("regions_told");
        Ok(())
    }

    /// Lets every key be put out again, from the next turn on.
    pub(super) fn put_out_all(&mut self, commit: &mut Commit) {
        self.broadcasts_again = self.session.about.rebroadcast;
        self.session.about.rebroadcast = true;
        self.session.put_about(commit);
    }

    /// Puts out some keys again, while the state says that every key must be.
    pub(super) fn rebroadcast(&mut self) -> Result<(), Error> {
        if !self.session.about.rebroadcast || self.mode == Mode::History {
            return Ok(());
        }
        let (output, done) = self.engine.rebroadcast(REBROADCAST, &*self.session.store)?;
        let mut commit = Commit::default();
        if done && std::mem::take(&mut self.broadcasts_again) {
            tracing::info!("every key is put out once more");
        } else if done {
            self.session.about.rebroadcast = false;
            self.session.put_about(&mut commit);
            tracing::info!("every key has been put out once");
        }
        self.commit(output, commit)
    }

    /// Records that history is complete, in one batch with the ends it was read to.
    pub(super) fn catch_up(&mut self) -> Result<(), Error> {
        self.session.about.caught_up = true;
        self.partitions.forget_ends();
        let mut commit = Commit::default();
        self.session.put_about(&mut commit);
        fault::point("history_read");
        self.commit(Output::default(), commit)
    }

    fn keep_house(&mut self) -> Result<(), Error> {
        self.kept_house = Instant::now();
        self.reshape()?;
        self.readers.check()?;
        self.hear_of_the_lease()?;
        self.watch_former()?;
        if self.sinks.as_ref().is_some_and(|sinks| !sinks.check()) {
            // `stop` reports what it died of.
            self.stop.store(true, Ordering::Relaxed);
        }
        progress::put_out(self);
        self.show()
    }

    fn hear_of_the_lease(&mut self) -> Result<(), Error> {
        let Some(look) = self.lease_watch.take() else { return Ok(()) };
        match look.result {
            // The place may be away for a while. Nobody vouches for the lease meanwhile, so regions soon stop
            // sending; reading goes on.
            Err(error) if error.is_silence() => tracing::warn!(%error, "the lease cannot be looked at"),
            looked => {
                let known = looked?;
                self.sinks.iter().for_each(|sinks| sinks.vouch(look.asked));
                self.former.iter_mut().for_each(|watch| watch.hear(&known));
            }
        }
        Ok(())
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Clusters of bounded reading that are not at their ends, and whether one of them has been silent for
    /// longer than `patience_ms`. Partitions that can never be read to their end are an error.
    pub(super) fn unfinished(&self, patience_ms: i64) -> Result<Unfinished, Error> {
        let now_ms = now_ms();
        let waited = i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX);
        let mut unfinished = Unfinished::default();
        for (_, wiring, reader) in self.readers_now() {
            let name = &wiring.cluster.name;
            let mut is_behind = !reader.is_resolved;
            let mut silent_ms = if reader.is_resolved { 0 } else { waited };
            for known in self.partitions.of_cluster(name).filter(|known| known.position.end >= 0) {
                if let Some((from, to)) = known.gap {
                    return Err(Error::Gap { what: gap_text(&known.key, from, to) });
                }
                if let Some(why) = &known.halted {
                    return Err(Error::TooManyBad { what: why.clone() });
                }
                if !known.is_at_end() {
                    is_behind = true;
                    silent_ms = silent_ms.max(known.silent_ms(now_ms));
                }
            }
            if is_behind && silent_ms > patience_ms && !reader.missing_topics.is_empty() {
                unfinished.without_topics.push((name.clone(), reader.missing_topics.clone()));
            } else if is_behind && silent_ms > patience_ms {
                unfinished.silent.push(name.clone());
            } else if is_behind {
                unfinished.busy += 1;
            }
        }
        Ok(unfinished)
    }

    /// Readers that run, with their numbers.
    pub(super) fn readers_now(&self) -> impl Iterator<Item = (usize, &ReaderWiring, &ReaderStanding)> {
        let all = self.wiring.readers.iter().zip(&self.partitions.readers).enumerate();
        all.filter(|(_, (_, standing))| !standing.is_gone)
            .map(|(at, (wiring, standing))| (at, wiring, standing))
    }

    pub(super) fn wiring_mut(&mut self) -> &mut Wiring {
        Arc::make_mut(&mut self.wiring)
    }

    /// What a reader that is to join needs to know.
    pub(super) fn settings(&self, reader: &ReaderWiring) -> Settings {
        settings(reader, &self.partitions, &self.session, Bound::Never)
    }

    /// Ends readers; then regions, which may deliver for that long; then writes down how far they came.
    /// Returns the session, for a run that follows, and the regions that are behind.
    pub(super) fn stop(mut self, flush_for: Duration) -> Result<(Session, Vec<String>), Error> {
        let mut result = self.readers.stop().and(self.lease_watch.stop());
        if let Some(watch) = self.former.take() {
            result = result.and(watch.stop());
        }
        if let Some(keeper) = self.keeper.take() {
            result = result.and(keeper.stop());
        }
        let mut behind = Vec::new();
        if let Some(mut sinks) = self.sinks.take() {
            let by = Instant::now() + flush_for;
            let (leases, lease) = (&self.session.leases, self.session.about.lease);
            let flushed = sinks.flush(by, &|| leases.check(lease));
            behind = sinks.behind(self.outbox.next());
            let mut commit = Commit::default();
            let acknowledged = sinks.cursors(&mut commit.shell);
            let pruned = self.outbox.prune(acknowledged, &self.session.store, &mut commit.shell);
            let committed = pruned.map_err(Error::from).and_then(|()| self.session.store.commit(commit));
            fault::point("cursors_kept");
            let stopped = sinks.stop();
            if matches!(stopped, Ok(true)) {
                self.session.sign_off();
            }
            result = result.and(committed).and(stopped.map(drop)).and(flushed);
        }
        result.map(|()| (self.session, behind))
    }
}

/// What bounded reading still waits for.
#[derive(Debug, Default)]
pub(super) struct Unfinished {
    /// Clusters that have not answered for too long.
    pub(super) silent: Vec<String>,
    /// Clusters that answer, but have not got these topics.
    pub(super) without_topics: Vec<(String, Vec<String>)>,
    /// How many others are not at their ends.
    pub(super) busy: usize,
}

/// A gap for people.
pub(super) fn gap_text(key: &PartitionKey, from: i64, to: i64) -> String {
    let PartitionKey { cluster, topic, partition, .. } = key;
    if from < to {
        format!("{cluster}: {topic}/{partition} has lost the offsets {from} to {}", to - 1)
    } else {
        format!("{cluster}: {topic}/{partition} ends at {to}, but was read up to {from}: it was made again")
    }
}

/// Durable with the start of the engine, before anything is put out.
fn go_live(session: &mut Session, sinks: &[SinkWiring], outbox: &Outbox) -> Result<(), Error> {
    session.about.live = true;
    session.about.rebroadcast |= Sinks::have_missed(sinks, &session.store, outbox)?;
    for sink in sinks {
        session.about.rebroadcast |= Homes::of(sink, &session.store)?.have_moved;
    }
    Ok(())
}

/// Rows, progress and dead letters to every region.
fn start_sinks(job: &Job, wiring: &Wiring, store: &Arc<RocksStore>, outbox: &Outbox) -> Result<Sinks, Error> {
    let dead_letters = dead_letter_topic(&job.plan.deployment);
    let topics = OwnTopics { progress: job.progress_topic(), dead_letters };
    let position = (outbox.next(), job.backlog_max);
    Sinks::start(&wiring.sinks, &wiring.publishes, &topics, store, position)
}

/// What the state must know before anything is put out: the topology that runs, and who is whose home.
fn begin(session: &Session, shape: &Shape, sinks: &[SinkWiring]) -> Result<(), Error> {
    let mut commit = Commit::default();
    shape.put(&mut commit);
    for sink in sinks {
        let (key, value) = Homes::of(sink, &session.store)?.record;
        commit.shell.put(key, value);
    }
    session.store.commit(commit)
}

fn settings(reader: &ReaderWiring, partitions: &Partitions, session: &Session, bound: Bound) -> Settings {
    Settings {
        wiring: reader.clone(),
        group: format!("windrow-{}", session.about.deployment),
        known: partitions.positions(&reader.cluster.name),
        accepted_gaps: session.accepted_gaps.clone(),
        halted: Arc::clone(&partitions.halted),
        origin: Origin::At { ms: session.about.origin_ms },
        bound,
        batch_records: partitions.batch_records,
    }
}
