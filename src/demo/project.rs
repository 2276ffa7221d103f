//! The demo's project folder: the flight definitions of `features/`, and a topology of the ports in use.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::diag::{Diagnostics, SourceMap, render};
use crate::model::{self, Deployment, Model};
use crate::syntax;
use crate::topology::{Cluster, Topology};

use super::Error;

/// The definitions and data that ship with windrow, so that the demo runs from any folder.
const FLIGHTS_WR: &str = include_str!("../../features/flights/flights.wr");
pub(super) const FLIGHTS_CSV: &str = include_str!("../../features/flights/data/flights.csv");

pub(super) const DEPLOYMENT: &str = "flights";
pub(super) const ENVIRONMENT: &str = "demo";
pub(super) const SOURCE: &str = "flights";
pub(super) const SOURCE_TOPIC: &str = "ops.flights";
pub(super) const REGIONS: [&str; 2] = ["west", "east"];

/// One cluster of the demo, before and after it has a port.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) region: &'static str,
    pub(super) group: &'static str,
    pub(super) name: String,
    pub(super) bootstrap: String,
}

/// Two regions, in each the groups `ingest` and `serving` of two clusters.
pub(super) fn places() -> Vec<Place> {
    let mut places = Vec::new();
    for region in REGIONS {
        for (group, first) in [("ingest", 1), ("serving", 3)] {
            for number in first..first + 2 {
                places.push(Place {
                    region,
                    group,
                    name: format!("{region}-{number}"),
                    bootstrap: String::new(),
                });
            }
        }
    }
    places
}

/// Writes the project; returns its folder.
pub(super) fn write(scratch: &Path, places: &[Place]) -> Result<PathBuf, Error> {
    let folder = scratch.join("project");
    std::fs::create_dir_all(&folder).map_err(Error::io("project folder"))?;
    let put =
        |name: &str, text: &str| std::fs::write(folder.join(name), text).map_err(Error::io(name.to_owned()));
    put("flights.wr", FLIGHTS_WR)?;
    put("windrow.yaml", &windrow_yaml())?;
    put("topology.yaml", &topology_yaml(places))?;
    Ok(folder)
}

fn windrow_yaml() -> String {
    format!(
        "name: demo\nenvironments:\n  {ENVIRONMENT}:\n    topology: topology.yaml\n    checkpoints: checkpoints\n\
         deployments:\n  {DEPLOYMENT}: [airport_departures, route_delays, flight_context]\n"
    )
}

fn topology_yaml(places: &[Place]) -> String {
    let mut text = "generation: 1\nregions:\n".to_owned();
    for region in REGIONS {
        let _ = writeln!(text, "  {region}:\n    groups:");
        for group in ["ingest", "serving"] {
            let _ = writeln!(text, "      {group}:");
            for place in places.iter().filter(|place| place.region == region && place.group == group) {
                let _ = writeln!(text, "        {}: \"{}\"", place.name, place.bootstrap);
            }
        }
    }
    text
}

/// Topics of a group's clusters, `NAME:PARTITIONS`.
pub(super) fn topics(group: &str) -> Vec<String> {
    let names: &[&str] = match group {
        "ingest" => &[SOURCE_TOPIC],
        _ => &PUBLISHED,
    };
    names.iter().map(|name| format!("{name}:2")).collect()
}

/// The topics the definitions publish.
pub(super) const PUBLISHED: [&str; 3] =
    ["features.airport_departures", "features.route_delays", "features.flight_context"];

/// The model of what the executor runs, for the independent computation.
pub(super) fn compile() -> Result<(Model, Deployment), Error> {
    let mut sources = SourceMap::default();
    let definitions = sources.add("flights.wr", FLIGHTS_WR);
    let project = sources.add("windrow.yaml", windrow_yaml());
    let (ast, mut diagnostics) = syntax::parse(&sources, definitions);
    let (project, more) = syntax::parse_project(&sources, project);
    diagnostics.extend(more);
    let (model, more) = model::resolve(&[ast], Some(&project));
    diagnostics.extend(more);
    let broken = |diagnostics: &Diagnostics| Error::Definitions(render::text(diagnostics, &sources, false));
    match model.deployments.first() {
        Some(deployment) if !diagnostics.has_errors() => {
            let deployment = deployment.clone();
            Ok((model, deployment))
        }
        _ => Err(broken(&diagnostics)),
    }
}

/// The topology of the ports in use, as `topology.yaml` says it.
pub(super) fn topology(places: &[Place]) -> Topology {
    let cluster = |place: &Place| Cluster {
        region: place.region.to_owned(),
        group: place.group.to_owned(),
        name: place.name.clone(),
        bootstrap: place.bootstrap.clone(),
        ..Cluster::default()
    };
    Topology {
        generation: 1,
        retention_ms: 0,
        clusters: places.iter().map(cluster).collect(),
        ..Topology::default()
    }
}
