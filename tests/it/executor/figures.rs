//! Figures of a scenario, and the bars that some of them are held against.
//!
//! A bar of time, speed or memory is judged in the long form alone: in the quick one other tests run beside it.

use serde_json::{Value, json};

/// `long`: the figures that are promised; else the quick form.
const VARIABLE: &str = "WINDROW_SOAK";
/// Where bars stand among the figures until they are told apart.
const BARS: &str = "bars";

/// What a figure must not pass.
#[derive(Debug, Clone, Copy)]
pub(super) enum Bar {
    AtMost(f64),
    AtLeast(f64),
}

pub(super) fn is_long() -> bool {
    std::env::var(VARIABLE).is_ok_and(|form| form == "long")
}

pub(super) fn of<T>(quick: T, long: T) -> T {
    if is_long() { long } else { quick }
}

/// Writes down a figure with a bar that holds whatever the machine is busy with.
pub(super) fn hold(figures: &mut Value, name: &str, figure: impl Into<Value>, bar: Bar) {
    put(figures, name, figure.into(), bar, true);
}

/// The same of one that a busy machine may miss.
pub(super) fn hold_in_long(figures: &mut Value, name: &str, figure: impl Into<Value>, bar: Bar) {
    put(figures, name, figure.into(), bar, is_long());
}

fn put(figures: &mut Value, name: &str, figure: Value, bar: Bar, is_judged: bool) {
    // No figure misses every bar.
    let number = figure.as_f64();
    let (word, bound, is_met) = match bar {
        Bar::AtMost(bound) => ("at_most", bound, number.is_some_and(|number| number <= bound)),
        Bar::AtLeast(bound) => ("at_least", bound, number.is_some_and(|number| number >= bound)),
    };
    figures[BARS][name] = json!({ word: bound, "met": is_met, "judged": is_judged });
    figures[name] = figure;
}

/// Takes the bars out of the figures; also gives those that are judged and not met.
pub(super) fn take_bars(figures: &mut Value) -> (Value, Vec<String>) {
    let bars = figures.as_object_mut().and_then(|all| all.remove(BARS)).unwrap_or_else(|| json!({}));
    let missed = bars.as_object().into_iter().flatten();
    let missed = missed.filter(|(_, bar)| bar["judged"] == true && bar["met"] == false);
    let missed = missed.map(|(name, bar)| format!("{name} is {}: {bar}", figures[name])).collect();
    (bars, missed)
}

/// A ratio with two digits behind the point, as people read it; null without a base.
pub(super) fn ratio(of: f64, to: f64) -> Value {
    if to > 0.0 { rounded(of / to) } else { Value::Null }
}

pub(super) fn rounded(number: f64) -> Value {
    json!((number * 100.0).round() / 100.0)
}

#[test]
fn a_bar_that_is_missed_is_told_and_one_that_is_not_judged_is_only_shown() {
    let mut figures = json!({});
    hold(&mut figures, "met", 2, Bar::AtMost(2.0));
    hold(&mut figures, "missed", 1.5, Bar::AtLeast(2.0));
    hold(&mut figures, "nothing", ratio(1.0, 0.0), Bar::AtMost(2.0));
    hold_in_long(&mut figures, "slow", 9, Bar::AtMost(2.0));
    let (bars, missed) = take_bars(&mut figures);
    assert_eq!(figures, json!({"met": 2, "missed": 1.5, "nothing": null, "slow": 9}));
    assert_eq!(bars["slow"]["met"], false);
    let told: Vec<_> = missed.iter().filter(|missed| !missed.starts_with("slow")).collect();
    assert!(told.len() == 2 && told[0].starts_with("missed is 1.5"), "{missed:?}");
}
