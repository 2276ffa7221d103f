//! `windrow topology diff OLD NEW [--bundles DIR]`: what a new topology has otherwise, whether what runs may go
//! there, and which Flink jobs have to be compiled again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::super::{Exit, Failure, Output, files, sites};
use super::{Format, read};
use crate::diag::{Code, Diagnostic};
use crate::emit::{self, MANIFEST, Uses};
use crate::topology::{self, Change, Difference, Placement, Topology};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The topology as it is
    old: PathBuf,
    /// The topology as it is to be
    new: PathBuf,
    /// A folder that `windrow compile --out` has written: also say which of its jobs the change touches
    #[arg(long, value_name = "DIR")]
    bundles: Option<PathBuf>,
    /// How to show it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn run(args: &Args, output: &mut Output) -> Result<Exit, Failure> {
    let ((old, _), (new, _)) = (read(&args.old)?, read(&args.new)?);
    let differences = old.differences(&new);
    output.talk(&format!("generation {} -> {}", old.generation, new.generation));
    for difference in &differences {
        let shown = match args.format {
            Format::Text => line(difference),
            Format::Json => object(difference).to_string(),
        };
        output.data(&format!("{shown}\n"))?;
    }
    if let Some(folder) = &args.bundles {
        jobs(folder, (&old, &new), args.format, output)?;
    }
    // Two files that say the same may be of one generation.
    if let Err(refusal) = old.may_become(&new)
        && (!differences.is_empty() || old.generation > new.generation)
    {
        let message = format!("{} cannot follow: {refusal}", args.new.display());
        return Err(Failure::differences(Diagnostic::without_place(refusal.code(), message)));
    }
    Ok(if differences.is_empty() { Exit::Fine } else { Exit::Differences })
}

fn line(Difference { part, change }: &Difference) -> String {
    let or_none = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
    match change {
        Change::Added => format!("+ {part}"),
        Change::Removed => format!("- {part}"),
        Change::Changed { property, old, new } => {
            let property = if property.is_empty() { String::new() } else { format!("  {property}") };
            format!("~ {part}{property}: {} -> {}", or_none(old), or_none(new))
        }
    }
}

fn object(Difference { part, change }: &Difference) -> serde_json::Value {
    match change {
        Change::Added => json!({"part": part, "change": "added"}),
        Change::Removed => json!({"part": part, "change": "removed"}),
        Change::Changed { property, old, new } => {
            json!({"part": part, "change": "changed", "property": property, "old": old, "new": new})
        }
    }
}

/// Says of every job in the folder what the change means for it.
fn jobs(
    folder: &Path,
    (old, new): (&Topology, &Topology),
    format: Format,
    output: &mut Output,
) -> Result<(), Failure> {
    let bundles = bundles(folder)?;
    let mut touched = 0;
    // As `compile` places them: all of the project together, also those that are no jobs of this engine.
    let together = sites::placed_together(folder);
    let names = together.unwrap_or_else(|| bundles.iter().map(|(name, _)| name.clone()).collect());
    let (before, after) = (places(old, &names)?, places(new, &names)?);
    for (name, uses) in &bundles {
        let why = uses.see(old, before.get(name)).differences(&uses.see(new, after.get(name)));
        touched += usize::from(!why.is_empty());
        match format {
            Format::Text if why.is_empty() => {}
            Format::Text => output.data(&format!("job {name}: {}\n", why.join("; ")))?,
            Format::Json => {
                output
                    .data(&format!("{}\n", json!({"job": name, "touched": !why.is_empty(), "why": why})))?;
            }
        }
    }
    output.talk(&format!("{touched} of {} jobs change: compile them again", bundles.len()));
    Ok(())
}

fn places(topology: &Topology, names: &[String]) -> Result<BTreeMap<String, Placement>, Failure> {
    if topology.kubernetes.is_empty() {
        return Ok(BTreeMap::new());
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    topology::place(topology, &names).map_err(|no_room| sites::full(&no_room))
}

/// The jobs in a folder, by name, with what they use of a topology.
fn bundles(folder: &Path) -> Result<Vec<(String, Uses)>, Failure> {
    let entries = std::fs::read_dir(folder).map_err(|error| files::unreadable(folder, &error))?;
    let mut bundles = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| files::unreadable(folder, &error))?.path();
        let manifest = std::fs::read_to_string(path.join(MANIFEST)).unwrap_or_default();
        let Some(about) = emit::about(&manifest) else { continue };
        let Some(uses) = about.topology else {
            let message = format!("`{}` was compiled for no environment", path.display());
            let problem = Diagnostic::without_place(Code::E0791, message);
            return Err(Failure::usage(problem.hint("compile it again, for a project with `environments:`")));
        };
        bundles.push((about.deployment, uses));
    }
    bundles.sort_by(|a, b| a.0.cmp(&b.0));
    if bundles.is_empty() {
        let message = format!("`{}` has no bundles in it", folder.display());
        let problem = Diagnostic::without_place(Code::E0791, message);
        return Err(Failure::usage(
            problem.hint("name the folder that was given to `windrow compile --out`"),
        ));
    }
    Ok(bundles)
}
