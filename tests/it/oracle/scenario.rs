//! A scenario: definitions, and in which order which records arrive before which cut.

use windrow::diag::{Diagnostics, FileId, SourceMap, Span, render};
use windrow::model::{self, Deployment, GroupById, JoinId, Model};
use windrow::oracle::{Record, Records};
use windrow::plan::{self, Plan};
use windrow::syntax;

use super::definitions::{Definitions, TableKind};
use super::events::{self, Arrival, Times};
use super::rng::Rng;
use super::variations;

#[derive(Debug, Clone)]
pub(super) struct Scenario {
    pub(super) definitions: Definitions,
    /// Rising; before cut i the records of `phases[i]` arrive, in that order.
    pub(super) cuts: Vec<i64>,
    pub(super) phases: Vec<Vec<Arrival>>,
    /// Seed of the aggregations that are varied; `None`: those of the texts.
    pub(super) varied: Option<u64>,
}

/// Some day in 2024, and the epoch, around which times change their sign.
const BASES: [i64; 3] = [1_709_251_200_000, 0, -7_200_000];

impl Scenario {
    pub(super) fn random(rng: &mut Rng) -> Self {
        let definitions = Definitions::random(rng);
        let cuts = cuts(rng, &definitions.windows);
        let disorder_ms = definitions.disorder_ms;
        let delays = [disorder_ms, disorder_ms + definitions.left_late_ms];
        let times = Times { cuts: &cuts, windows: &definitions.windows, delays };
        let count = *rng.pick(&[3, 10, 10, 30, 30, 80, 150]);
        let mut arrivals = events::random(rng, &definitions, &times, count);
        let partitions = 1 + rng.below(3);
        for arrival in &mut arrivals {
            arrival.partition = u32::try_from(rng.below(partitions)).expect("small");
        }
        let phases = if definitions.is_final() {
            in_time(rng, arrivals, &definitions, &cuts)
        } else {
            in_any_order(rng, arrivals, cuts.len())
        };
        let varied = rng.percent(70).then(|| rng.next());
        Self { definitions, cuts, phases, varied }
    }

    /// The same records on other partitions, in another order of arrival.
    pub(super) fn rearranged(&self, rng: &mut Rng) -> Self {
        let mut arrivals = self.phases.concat();
        let partitions = 1 + rng.below(5);
        for arrival in &mut arrivals {
            arrival.partition = u32::try_from(rng.below(partitions)).expect("small");
        }
        let phases = if self.definitions.is_final() {
            in_time(rng, arrivals, &self.definitions, &self.cuts)
        } else {
            in_any_order(rng, arrivals, self.cuts.len())
        };
        Self { phases, ..self.clone() }
    }

    /// Everything that has arrived before a cut, for the oracle.
    pub(super) fn records(&self, cut: usize) -> Records {
        let mut records = Records::new();
        for arrival in self.phases[..=cut].iter().flatten() {
            let record = Record {
                payload: arrival.payload.clone().into_bytes(),
                timestamp_ms: arrival.timestamp_ms,
                deleted_key: arrival.deleted_key.clone().map(String::into_bytes),
            };
            records.entry(arrival.source.to_owned()).or_default().push(record);
        }
        records
    }

    /// The compiled definitions. They are generated, so a complaint is a failure.
    pub(super) fn compile(&self) -> (Model, Plan) {
        let mut sources = SourceMap::default();
        let file = sources.add("scenario.wr", self.definitions.text.as_str());
        let (ast, problems) = syntax::parse(&sources, file);
        expect_none(&problems, &sources);
        let (mut model, problems) = model::resolve(&[ast], None);
        expect_none(&problems, &sources);
        if let Some(seed) = self.varied {
            variations::vary(&mut Rng::new(seed), &mut model, self.definitions.is_final());
        }
        let plan = plan_of(&model);
        (model, plan)
    }
}

/// The plan of a deployment of everything.
pub(super) fn plan_of(model: &Model) -> Plan {
    let deployment = Deployment {
        name: "all".to_owned(),
        span: Span::new(FileId(0), 0, 0),
        group_bys: (0..model.group_bys.len()).map(GroupById).collect(),
        joins: (0..model.joins.len()).map(JoinId).collect(),
    };
    plan::optimize(plan::lower(model, &deployment))
}

fn expect_none(problems: &Diagnostics, sources: &SourceMap) {
    assert!(!problems.has_errors(), "{}", render::text(problems, sources, false));
}

/// One to three cuts: on a hop, beside it, or anywhere.
fn cuts(rng: &mut Rng, windows: &[(i64, i64)]) -> Vec<i64> {
    let base = *rng.pick(&BASES);
    let count = 1 + rng.below(3);
    let mut cuts = Vec::new();
    for _ in 0..count {
        let (window, hop) = *rng.pick(windows);
        let any = base + rng.between(-window, window);
        cuts.push(match rng.below(3) {
            0 => any.div_euclid(hop) * hop + window.rem_euclid(hop),
            1 => any.div_euclid(hop) * hop + rng.between(-1, 1),
            _ => any,
        });
    }
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

/// Without joins anything may arrive at any time (rule S8).
fn in_any_order(rng: &mut Rng, mut arrivals: Vec<Arrival>, phases: usize) -> Vec<Vec<Arrival>> {
    if rng.percent(50) {
        rng.shuffle(&mut arrivals);
    } else {
        arrivals.sort_by_key(|arrival| arrival.ts);
    }
    let mut by_phase = vec![Vec::new(); phases];
    for arrival in arrivals {
        by_phase[rng.below(phases)].push(arrival);
    }
    by_phase
}

/// With joins right events arrive before their watermark passes them, left events at most
/// `left_late` after (rule S9), and what belongs before a cut arrives before it.
fn in_time(
    rng: &mut Rng,
    arrivals: Vec<Arrival>,
    definitions: &Definitions,
    cuts: &[i64],
) -> Vec<Vec<Arrival>> {
    let is_eager = rng.percent(30);
    let mut timed: Vec<(i64, Arrival)> = Vec::new();
    for arrival in arrivals {
        let delay_max = match arrival.source {
            "l" => definitions.left_late_ms + definitions.disorder_ms,
            _ => definitions.disorder_ms - 1,
        };
        let early = if is_eager && arrival.source == "l" { 1_000_000_000 } else { 0 };
        let delay = match rng.below(3) {
            0 => 0,
            1 => delay_max,
            _ => rng.between(0, delay_max),
        };
        // A static table is there before anything else.
        let is_first = definitions.table == Some(TableKind::Static) && arrival.source == "t";
        timed.push((if is_first { i64::MIN } else { arrival.ts + delay - early }, arrival));
    }
    timed.sort_by_key(|(at, _)| *at);
    let mut by_phase = vec![Vec::new(); cuts.len()];
    for (_, arrival) in timed {
        let is_first = definitions.table == Some(TableKind::Static) && arrival.source == "t";
        let due = cuts.iter().position(|cut| is_first || arrival.ts < *cut).unwrap_or(cuts.len() - 1);
        by_phase[due].push(arrival);
    }
    by_phase
}
