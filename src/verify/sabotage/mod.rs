//! Rules bent for the engines alone, one by one: a comparison that notices none of them proves nothing.

mod model;
mod records;

use crate::plan;

use super::execution::Mishap;
use super::scenario::Scenario;

/// One bent rule.
#[derive(Debug)]
pub struct Sabotage {
    pub name: &'static str,
    /// What the engine would do wrong.
    pub doc: &'static str,
    /// It bends what only executors have: regions, leases.
    pub is_of_runs: bool,
    bend: fn(&mut Scenario),
}

impl Sabotage {
    #[must_use]
    pub fn by_name(name: &str) -> Option<&'static Self> {
        SABOTAGES.iter().find(|sabotage| sabotage.name == name)
    }

    /// The scenario as a broken engine would see it; the oracle has seen the right one.
    pub(super) fn apply(&self, scenario: &Scenario) -> Scenario {
        let mut bent = scenario.clone();
        (self.bend)(&mut bent);
        bent.plan = plan::alone(&bent.model, bent.target);
        bent
    }
}

const fn sabotage(name: &'static str, doc: &'static str, bend: fn(&mut Scenario)) -> Sabotage {
    Sabotage { name, doc, is_of_runs: false, bend }
}

const fn of_runs(name: &'static str, doc: &'static str, bend: fn(&mut Scenario)) -> Sabotage {
    Sabotage { name, doc, is_of_runs: true, bend }
}

/// The bank.
pub const SABOTAGES: &[Sabotage] = &[
    sabotage("window-start-late", "a window begins one millisecond late", model::start_late),
    sabotage("window-start-early", "a window begins one millisecond early", model::start_early),
    sabotage("window-end-inclusive", "an event at q itself counts", |scenario| scenario.q += 1),
    sabotage("window-end-early", "the event just before q does not count", |scenario| scenario.q -= 1),
    sabotage("hop-as-exact", "a hop tail is to the millisecond", model::hop_as_exact),
    sabotage("hop-halved", "hops are half as long", model::hop_halved),
    sabotage("hop-rounded-up", "a hop tail begins a hop later", model::hop_rounded_up),
    sabotage("expiry-forgotten", "rows do not change when events leave", |scenario| {
        scenario.finishes = false;
    }),
    sabotage("late-dropped", "events behind the watermark are dropped", records::late_dropped),
    sabotage("copies-counted", "a copy of an event counts again", model::copies_counted),
    sabotage("copies-by-id-only", "an event with the id of another is a copy", records::copies_by_id_only),
    sabotage("future-accepted", "events of the future are events", model::future_accepted),
    sabotage("future-strict", "an event just as early as allowed is refused", model::future_strict),
    sabotage("where-ignored", "the group by's condition is not tested", model::where_ignored),
    sabotage(
        "aggregate-where-ignored",
        "an aggregate's condition is not tested",
        model::aggregate_where_ignored,
    ),
    sabotage(
        "ties-by-arrival",
        "among events of one instant the last to arrive wins",
        records::ties_by_arrival,
    ),
    sabotage("ties-reversed", "among events of one instant the least id wins", records::ties_reversed),
    sabotage("sum-drifts", "sums of doubles are kept with two digits", model::sum_drifts),
    sabotage("nulls-as-zero", "a null is added as 0", model::nulls_as_zero),
    sabotage("nulls-counted", "count(x) counts rows", model::nulls_counted),
    sabotage("null-keys-kept", "a null key is the empty text", records::null_keys_kept),
    sabotage("seconds-only", "event time is cut to seconds", records::seconds_only),
    sabotage("self-seen", "a left event sees the events of its own instant", records::self_seen),
    sabotage("first-as-last", "first is last", model::first_as_last),
    sabotage("list-one-short", "a list of k holds k - 1", model::list_one_short),
    sabotage("defaults-ignored", "an empty aggregate has no default", model::defaults_ignored),
    sabotage("distinct-as-count", "a distinct count counts all", model::distinct_as_count),
    sabotage("percentile-next-rank", "a percentile is one rank off", model::percentile_next_rank),
    sabotage("deviation-as-variance", "the root is forgotten", model::deviation_as_variance),
    sabotage("lookup-timeless", "a lookup sees the newest row, whenever it is asked", model::lookup_timeless),
    sabotage("deletions-ignored", "a key of a table is never deleted", records::deletions_ignored),
    sabotage("lives-endless", "a key without events keeps its lifetime columns", model::lives_endless),
    sabotage("lives-short", "a life ends a millisecond early", model::lives_short),
    sabotage("partition-lost", "every eleventh record is lost", records::partition_lost),
    of_runs("region-forgotten", "newer rows do not come to one region", |scenario| {
        scenario.mishap = Some(Mishap::RegionForgotten);
    }),
    of_runs("versions-fall", "newer rows have lower versions", |scenario| {
        scenario.mishap = Some(Mishap::VersionsFall);
    }),
];
