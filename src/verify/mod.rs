//! Engines against the oracle: random records for the definitions of a project, made to hit the edges of
//! what these define, and every cell of every row compared (rule S0), of bundles the dead letters, too.
//!
//! A sabotage bends one rule for the engines alone: it must show. Knows no printing and no files.
#![deny(clippy::disallowed_methods)]

mod avro;
mod bundles;
mod dead;
mod edges;
mod engine;
mod execution;
mod literals;
mod records;
mod report;
mod rng;
mod sabotage;
mod scenario;
mod times;
mod values;

pub use bundles::{Job, Runner, Written};
pub use edges::{EDGES, edges};
pub use engine::{Engine, Simulation};
pub use execution::{Act, Executed, Execution, FedRecord, FedTopic, REGIONS, Shell};
pub use report::{Line, Report};
pub use sabotage::{SABOTAGES, Sabotage};
pub use scenario::Scenario;

use std::sync::Arc;

use crate::dataflow::Caller;
use crate::emit::Modules;
use crate::model::{Model, Target};
use crate::oracle::{Models, Table, compare};

use bundles::Answer;
use dead::DeadLetters;
use rng::Rng;

/// How much is compared. Equal options compare the same cells.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Scenarios per definition.
    pub scenarios: u64,
    /// How many of these are run as bundles, if there is something that runs them.
    pub bundle_scenarios: u64,
    /// How many of these are run by executors, if there is something that runs them.
    pub run_scenarios: u64,
    pub seed: u64,
    pub sabotage: Option<&'static Sabotage>,
}

/// What is compared with the oracle.
#[derive(Clone, Copy)]
pub struct Engines<'e> {
    pub each: &'e [&'e dyn Engine],
    /// What runs bundles.
    pub bundles: Option<&'e dyn Runner>,
    /// What runs executors.
    pub shell: Option<&'e dyn Shell>,
    /// Who answers the model calls of all but the oracle, and who the oracle's.
    pub caller: Option<&'e Arc<dyn Caller>>,
    pub models: Option<&'e Arc<dyn Models>>,
    /// What bundles take along of them.
    pub modules: &'e Modules,
}

/// A scenario that waits for all others, because bundles are run in one go.
struct Waiting {
    name: String,
    number: u64,
    given: Scenario,
    expected: Table,
    dead_letters: DeadLetters,
}

/// Every definition with rows, in every scenario, on every engine; `progress` is told of each scenario.
pub fn verify(
    model: &Model,
    engines: Engines,
    options: &Options,
    is_wanted: &dyn Fn(&str) -> bool,
    progress: &mut dyn FnMut(),
) -> Report {
    let mut report = Report::default();
    let mut waiting = Vec::new();
    for target in Target::all(model).filter(|target| is_wanted(target.name(model))) {
        let name = target.name(model).to_owned();
        let mut executed = 0;
        for number in 0..options.scenarios {
            let mut rng = Rng::new(options.seed, &name, number);
            let scenario = match Scenario::random(model, target, &mut rng) {
                Ok(scenario) => engines.models_for(scenario),
                Err(reason) => {
                    report.skip(&name, &reason);
                    break;
                }
            };
            if let Some(problem) = scenario.uncallable() {
                report.fail(&name, "model calls", number, &problem);
                break;
            }
            let expected = scenario.expected();
            let is_bundled = engines.bundles.is_some() && number < options.bundle_scenarios;
            let dead_letters = is_bundled.then(|| DeadLetters::expected(&scenario));
            let given = options.bent(scenario);
            for engine in engines.each {
                match engine.rows(&given, rng.next()) {
                    Ok(rows) => report.add(&name, engine.name(), number, &compare(&expected, &rows)),
                    Err(error) => report.fail(&name, engine.name(), number, &error),
                }
            }
            let shell = engines.shell.filter(|_| executed < options.run_scenarios);
            if let Some(shell) = shell.filter(|_| execution::fits_topics(&given)) {
                executed += 1;
                let execution = options.execution(&given, &name, number);
                run(shell, &execution, &given, &expected, &mut report);
            }
            if let Some(dead_letters) = dead_letters {
                waiting.push(Waiting { name: name.clone(), number, given, expected, dead_letters });
            }
            progress();
        }
    }
    if let Some(runner) = engines.bundles {
        run_bundles(runner, engines.modules, &waiting, &mut report);
    }
    report
}

/// Every region of a run, against the oracle.
fn run(shell: &dyn Shell, execution: &Execution, given: &Scenario, expected: &Table, report: &mut Report) {
    let (name, number) = (&execution.name, execution.number);
    let executed = shell.run(execution);
    for region in REGIONS {
        let engine = execution::engine_name(region);
        let lines = |executed: &Executed| executed.regions.get(region).cloned().unwrap_or_default();
        let rows = executed.as_ref().map(lines).map_err(Clone::clone);
        match rows.and_then(|lines| engine::table_of_lines(given, &lines)) {
            Ok(rows) => report.add(name, &engine, number, &compare(expected, &rows)),
            Err(error) => report.fail(name, &engine, number, &error),
        }
        report.killed(name, &engine, executed.as_ref().map_or(0, |executed| executed.kills));
    }
}

/// The scenario of that number, for whoever runs it.
///
/// # Errors
/// When there is none; the text says why.
pub fn execution(model: &Model, name: &str, number: u64, options: &Options) -> Result<Execution, String> {
    let target = Target::all(model).find(|target| target.name(model) == name);
    let target = target.ok_or_else(|| format!("there is no definition `{name}`"))?;
    let scenario = Scenario::random(model, target, &mut Rng::new(options.seed, name, number))?;
    Ok(options.execution(&options.bent(scenario), name, number))
}

impl Engines<'_> {
    fn models_for(&self, scenario: Scenario) -> Scenario {
        Scenario { caller: self.caller.cloned(), models: self.models.cloned(), ..scenario }
    }
}

impl Options {
    /// What engines are given.
    fn bent(&self, scenario: Scenario) -> Scenario {
        match self.sabotage {
            Some(sabotage) => sabotage.apply(&scenario),
            None => scenario,
        }
    }

    fn execution(&self, given: &Scenario, name: &str, number: u64) -> Execution {
        let mut rng = Rng::new(self.seed, &format!("run of {name}"), number);
        Execution::new(given, name, number, &mut rng)
    }
}

fn run_bundles(runner: &dyn Runner, modules: &Modules, waiting: &[Waiting], report: &mut Report) {
    let asked: Vec<_> = waiting.iter().map(|one| (one.name.as_str(), one.number, &one.given)).collect();
    for (one, answer) in waiting.iter().zip(bundles::answers(runner, modules, &asked)) {
        let engine = bundles::engine_name(one.number);
        match answer {
            Answer::Refused(reason) => report.skip(&format!("{} on flink", one.name), &reason),
            Answer::Rows(Ok((rows, dead_letters))) => {
                let mut compared = compare(&one.expected, &rows);
                compared.extend(one.dead_letters.compare(&dead_letters));
                report.add(&one.name, &engine, one.number, &compared);
            }
            Answer::Rows(Err(error)) => report.fail(&one.name, &engine, one.number, &error),
        }
    }
}
