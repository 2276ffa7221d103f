//! Engines against the oracle: random records for the definitions of a project, made to hit the edges of
//! what these define, and every cell of every row compared (rule S0).
//!
//! A sabotage bends one rule for the engines alone: it must show. Knows no printing and no files.
#![deny(clippy::disallowed_methods)]

mod avro;
mod edges;
mod engine;
mod literals;
mod records;
mod report;
mod rng;
mod sabotage;
mod scenario;
mod times;
mod values;

pub use edges::{EDGES, edges};
pub use engine::{Engine, Simulation};
pub use report::{Line, Report};
pub use sabotage::{SABOTAGES, Sabotage};
pub use scenario::Scenario;

use crate::model::{Model, Target};
use crate::oracle::compare;

use rng::Rng;

/// How much is compared. Equal options compare the same cells.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Scenarios per definition.
    pub scenarios: u64,
    pub seed: u64,
    pub sabotage: Option<&'static Sabotage>,
}

/// Every definition with rows, in every scenario, on every engine; `progress` is told of each scenario.
pub fn verify(
    model: &Model,
    engines: &[&dyn Engine],
    options: &Options,
    is_wanted: &dyn Fn(&str) -> bool,
    progress: &mut dyn FnMut(),
) -> Report {
    let mut report = Report::default();
    for target in Target::all(model).filter(|target| is_wanted(target.name(model))) {
        let name = target.name(model).to_owned();
        for number in 0..options.scenarios {
            let mut rng = Rng::new(options.seed, &name, number);
            let scenario = match Scenario::random(model, target, &mut rng) {
                Ok(scenario) => scenario,
                Err(reason) => {
                    report.skip(&name, &reason);
                    break;
                }
            };
            let expected = scenario.expected();
            let given =
                options.sabotage.map_or_else(|| scenario.clone(), |sabotage| sabotage.apply(&scenario));
            for engine in engines {
                match engine.rows(&given, rng.next()) {
                    Ok(rows) => report.add(&name, engine.name(), number, &compare(&expected, &rows)),
                    Err(error) => report.fail(&name, engine.name(), number, &error),
                }
            }
            progress();
        }
    }
    report
}
