//! `windrow verify`: engines against the oracle, on random records for the definitions of a project.

use std::fmt::Write as _;
use std::path::PathBuf;

use comfy_table::{CellAlignment, Table, presets};
use serde_json::{Value as Json, json};

use crate::diag::{Code, Diagnostic, nearest};
use crate::verify::{self, Engine, Engines, Options, Report, Runner, SABOTAGES, Sabotage, Shell, Simulation};

use super::flink::Flink;
use super::load::load;
use super::{Exit, Failure, Output};
use super::{models, modules};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The project's folder, or one definition file
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The engines to compare with the oracle, which is always there: sim; run, executors that are killed on
    /// their way, over embedded clusters in two regions; and flink, which needs the Python packages of bundles
    /// (in `WINDROW_FLINK_PYTHON` or python3) and a JDK
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', default_value = "sim,oracle")]
    engines: Vec<String>,
    /// Random scenarios per definition
    #[arg(long, value_name = "N", default_value_t = 100)]
    scenarios: u64,
    /// How many of them are also run on Flink
    #[arg(long, value_name = "N", default_value_t = 2)]
    on_flink: u64,
    /// How many of them are also run by executors
    #[arg(long, value_name = "N", default_value_t = 2)]
    on_run: u64,
    /// The same seed gives the same scenarios
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Only this definition
    #[arg(long, value_name = "NAME")]
    of: Option<String>,
    /// Bend this rule for the engines; `list` names all. It is caught if the exit code is 4
    #[arg(long, value_name = "NAME")]
    sabotage: Option<String>,
    /// Compare nothing: print how often the random records hit each edge
    #[arg(long)]
    edges: bool,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// A table, for people
    Text,
    /// An object: cells, differing_cells, and both per engine and definition
    Json,
}

pub(crate) fn run(args: &Args, output: &mut Output) -> Result<Exit, Failure> {
    let sabotage = match args.sabotage.as_deref() {
        Some("list") => {
            output.data(&bank())?;
            return Ok(Exit::Fine);
        }
        Some(name) => Some(sabotage(name)?),
        None => None,
    };
    let (simulation, flink) = (Simulation, Flink);
    let wanted = wanted(&args.engines, sabotage)?;
    let shell = if wanted.run { Some(shell(args)?) } else { None };
    let each: &[&dyn Engine] = if wanted.sim { &[&simulation] } else { &[] };
    let bundles = wanted.flink.then_some(&flink as &dyn Runner);
    let loaded = load(&args.path)?.sound(output)?;
    let (caller, models) = (Some(&loaded.caller), models::plain(&loaded.root));
    let modules = modules::modules(&loaded.root, &loaded.model);
    let engines =
        Engines { each, bundles, shell: shell.as_deref(), caller, models: Some(&models), modules: &modules };
    let options = Options {
        scenarios: args.scenarios,
        bundle_scenarios: args.on_flink,
        run_scenarios: args.on_run,
        seed: args.seed,
        sabotage,
    };
    let is_wanted = |name: &str| args.of.as_deref().is_none_or(|wanted| wanted == name);
    if args.edges {
        let counts = verify::edges(&loaded.model, &options, &is_wanted);
        let line = |(edge, count): (&&str, &u64)| format!("{count:>9} {edge}\n");
        output.data(&match args.format {
            Format::Text => counts.iter().map(line).collect::<Vec<_>>().concat(),
            Format::Json => format!("{:#}\n", json!(counts)),
        })?;
        return Ok(Exit::Fine);
    }
    let report = verify::verify(&loaded.model, engines, &options, &is_wanted, &mut || {});
    if let Some(name) = args.of.as_deref().filter(|_| report.lines.is_empty() && report.skipped.is_empty()) {
        let known = loaded.model.group_bys.iter().map(|g| g.name.as_str());
        return Err(unknown(
            Code::E0980,
            "group by or join",
            name,
            known.chain(loaded.model.joins.iter().map(|j| j.name.as_str())),
        ));
    }
    match args.format {
        Format::Text => output.data(&table(&report))?,
        Format::Json => output.data(&format!("{:#}\n", object(&report, args)))?,
    }
    output.talk(&summary(&report));
    let differs = report.differing_cells() > 0 || report.failures() > 0;
    Ok(if differs { Exit::Differences } else { Exit::Fine })
}

/// The engines that are asked for.
#[derive(Default)]
struct Wanted {
    sim: bool,
    run: bool,
    flink: bool,
}

fn wanted(names: &[String], sabotage: Option<&Sabotage>) -> Result<Wanted, Failure> {
    let mut wanted = Wanted::default();
    for name in names {
        match name.as_str() {
            "oracle" => {}
            "sim" => wanted.sim = true,
            "run" => wanted.run = true,
            "flink" => wanted.flink = true,
            other => {
                let known = ["sim", "oracle", "run", "flink"];
                return Err(unknown(Code::E0981, "engine", other, known.into_iter()));
            }
        }
    }
    if !wanted.sim && !wanted.run && !wanted.flink {
        let message = "there is no engine to compare with the oracle";
        return Err(Failure::usage(
            Diagnostic::without_place(Code::E0981, message).hint("write `--engines sim,oracle`"),
        ));
    }
    if let Some(sabotage) = sabotage.filter(|sabotage| sabotage.is_of_runs && !wanted.run) {
        let message = format!("only executors can do what `{}` does", sabotage.name);
        return Err(Failure::usage(
            Diagnostic::without_place(Code::E0982, message).hint("write `--engines run,oracle`"),
        ));
    }
    Ok(wanted)
}

#[cfg(feature = "executor")]
#[expect(clippy::unnecessary_wraps, reason = "without the executor there is none")]
fn shell(args: &Args) -> Result<Box<dyn Shell>, Failure> {
    let (path, seed, sabotage) = (args.path.clone(), args.seed, args.sabotage.clone());
    Ok(Box::new(super::executed::Processes { path, seed, sabotage }))
}

#[cfg(not(feature = "executor"))]
fn shell(_: &Args) -> Result<Box<dyn Shell>, Failure> {
    let message = "this build of windrow has no executor, which the engine `run` is";
    Err(Failure::usage(
        Diagnostic::without_place(Code::E0970, message).hint("build it with the feature `executor`"),
    ))
}

pub(super) fn sabotage(name: &str) -> Result<&'static Sabotage, Failure> {
    let names = SABOTAGES.iter().map(|sabotage| sabotage.name);
    Sabotage::by_name(name).ok_or_else(|| unknown(Code::E0982, "sabotage", name, names))
}

fn unknown<'n>(code: Code, what: &str, name: &str, known: impl Iterator<Item = &'n str>) -> Failure {
    let known: Vec<_> = known.collect();
    let hint = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are: {}", known.join(", ")),
    };
    Failure::usage(Diagnostic::without_place(code, format!("there is no {what} `{name}`")).hint(hint))
}

fn bank() -> String {
    let width = SABOTAGES.iter().map(|sabotage| sabotage.name.len()).max().unwrap_or(0);
    let line = |sabotage: &Sabotage| {
        let of_runs = if sabotage.is_of_runs { " (engine run)" } else { "" };
        format!("{:width$}  {}{of_runs}\n", sabotage.name, sabotage.doc)
    };
    SABOTAGES.iter().map(line).collect::<Vec<_>>().concat()
}

fn table(report: &Report) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header(["definition", "engine", "scenarios", "cells", "differing"]);
    for ((definition, engine), line) in &report.lines {
        let numbers = [line.scenarios, line.cells, line.differing_cells].map(|number| number.to_string());
        table.add_row([definition.clone(), engine.clone()].into_iter().chain(numbers));
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let mut text = format!("{table}\n");
    for (definition, reason) in &report.skipped {
        let _ = writeln!(text, "left out: {definition}: {reason}");
    }
    for ((definition, engine), line) in &report.lines {
        if let Some((scenario, first)) = &line.first {
            let _ = writeln!(text, "\n{definition} on {engine}, scenario {scenario}:\n{first}");
        }
    }
    text
}

fn object(report: &Report, args: &Args) -> Json {
    let lines = report.lines.iter().map(|((definition, engine), line)| {
        json!({
            "definition": definition,
            "engine": engine,
            "scenarios": line.scenarios,
            "cells": line.cells,
            "differing_cells": line.differing_cells,
            "failures": line.failures,
            "kills": line.kills,
            "first": line.first.as_ref().map(|(scenario, text)| json!({"scenario": scenario, "text": text})),
        })
    });
    json!({
        "cells": report.cells(),
        "differing_cells": report.differing_cells(),
        "failures": report.failures(),
        "seed": args.seed,
        "scenarios": args.scenarios,
        "sabotage": args.sabotage,
        "lines": lines.collect::<Vec<_>>(),
        "left_out": report.skipped,
    })
}

fn summary(report: &Report) -> String {
    let (cells, differing, failures) = (report.cells(), report.differing_cells(), report.failures());
    let failed = if failures > 0 { format!(", {failures} scenarios not finished") } else { String::new() };
    format!("{cells} cells compared, {differing} differing{failed}")
}
