//! The topology file of a world, and its edits.

use std::fmt::Write as _;
use std::path::Path;

use windrow::topology::{Cluster as Place, ClusterState, Topology};

use super::{Executor, Proxy, World, until};
use crate::support::binary::{Run, windrow};
use crate::support::secure::USER;

impl World {
    /// Writes the topology file with those clusters that are wanted.
    pub(crate) fn write_topology(&self, is_wanted: &dyn Fn(&str) -> bool) {
        let mut topology = self.topology.clone();
        topology.clusters.retain(|cluster| is_wanted(&cluster.name));
        self.scratch.file("project/topology.yaml", topology_text(&topology));
    }

    /// Gives a cluster's clients another setting, from the next start on.
    pub(crate) fn set_property(&mut self, name: &str, property: &str, value: &str) {
        let place = self.topology.clusters.iter_mut().find(|place| place.name == name).unwrap();
        place.properties.insert(property.to_owned(), value.to_owned());
        self.write_topology(&|_| true);
    }

    /// Changes the topology as its readers see it, and writes it under the next generation.
    pub(crate) fn reshape(&mut self, change: impl FnOnce(&mut Topology)) {
        self.topology.generation += 1;
        change(&mut self.topology);
        self.write_topology(&|_| true);
    }

    pub(crate) fn set_state(&mut self, name: &str, state: ClusterState) {
        self.reshape(|topology| place(topology, name).state = state);
    }

    /// The file was changed by something else: that is what it says now.
    pub(crate) fn adopt(&mut self, change: impl FnOnce(&mut Topology)) {
        change(&mut self.topology);
    }

    /// Lists a cluster again, as it was listed at the start.
    pub(crate) fn restore(&mut self, name: &str) {
        let place = place(&mut self.begin, name).clone();
        self.reshape(|topology| topology.clusters.push(place));
    }

    /// A cluster gets another address, and keeps what it holds.
    pub(crate) fn move_away(&mut self, name: &str) {
        self.cluster(name).move_away();
        let bootstrap = self.cluster(name).bootstrap();
        self.reshape(|topology| place(topology, name).bootstrap = bootstrap);
    }

    /// Another address that leads to a cluster.
    pub(crate) fn another_way_to(&mut self, name: &str) -> String {
        let way = Proxy::start(self.cluster(name).port());
        let address = format!("127.0.0.1:{}", way.port());
        self.ways.push(way);
        address
    }

    /// What the topology file says now.
    pub(crate) fn topology_text(&self) -> String {
        topology_text(&self.topology)
    }

    /// Puts that text where the topology is.
    pub(crate) fn put_topology(&self, text: &str) {
        self.scratch.file("project/topology.yaml", text);
    }

    /// Waits until the run has taken the topology as it is.
    pub(crate) fn await_shape(&self, executor: &Executor) {
        executor.assert_started();
        let wanted = self.topology.generation;
        until(&format!("generation {wanted} runs"), || {
            let status = self.status();
            let shape = &status["topology"];
            (shape["generation"] == wanted && shape["refused"].is_null()).then_some(())
        });
    }

    /// Waits until the run has said why it does not take the file.
    pub(crate) fn await_refusal(&self, word: &str) {
        until(&format!("`{word}` is said of the topology file"), || {
            let status = self.status();
            status["topology"]["refused"].as_str()?.contains(word).then_some(())
        });
    }

    /// One broker is all there is, and it wants TLS and a password.
    pub(crate) fn only_secure(&mut self, login: &Login) {
        self.reshape(|topology| {
            topology.clusters.retain(|place| ["west-1", "west-3"].contains(&place.name.as_str()));
            topology.clusters.iter_mut().for_each(|place| login.put(place));
        });
    }

    /// A cluster is to be reached with TLS and a password.
    pub(crate) fn log_in(&mut self, name: &str, login: &Login) {
        self.reshape(|topology| login.put(place(topology, name)));
    }

    /// `windrow topology`.
    pub(crate) fn topology_command(&self, args: &[&str]) -> Run {
        let project = self.path("project");
        windrow(&[&["topology"], args, &[project.to_str().unwrap(), "--env", "local"]].concat())
    }
}

/// How a cluster that asks for a password is reached.
pub(crate) struct Login<'a> {
    pub(crate) port: u16,
    pub(crate) mechanism: &'a str,
    pub(crate) certificate: &'a Path,
    /// The file that holds the password.
    pub(crate) secret: &'a Path,
}

impl Login<'_> {
    fn put(&self, place: &mut Place) {
        place.bootstrap = format!("127.0.0.1:{}", self.port);
        let properties = [
            ("security.protocol", "SASL_SSL".to_owned()),
            ("sasl.mechanisms", self.mechanism.to_owned()),
            ("sasl.username", USER.to_owned()),
            ("sasl.password", format!("${{file:{}}}", self.secret.display())),
            ("ssl.ca.location", self.certificate.display().to_string()),
        ];
        place.properties = properties.map(|(name, value)| (name.to_owned(), value)).into();
    }
}

/// A cluster by its name.
pub(crate) fn place<'t>(topology: &'t mut Topology, name: &str) -> &'t mut Place {
    let mut places = topology.clusters.iter_mut();
    places.find(|place| place.name == name).expect("the test names a cluster that there is")
}

pub(super) fn topology_text(topology: &Topology) -> String {
    let mut text = format!("generation: {}\nregions:\n", topology.generation);
    for region in topology.regions() {
        writeln!(text, "  {region}:\n    groups:").unwrap();
        for group in ["ingest", "serving"] {
            if !topology.group(group).any(|cluster| cluster.region == region) {
                continue;
            }
            writeln!(text, "      {group}:").unwrap();
            for cluster in topology.group(group).filter(|cluster| cluster.region == region) {
                let properties: Vec<_> =
                    cluster.properties.iter().map(|(name, value)| format!("{name}: \"{value}\"")).collect();
                let (name, bootstrap, properties) =
                    (&cluster.name, &cluster.bootstrap, properties.join(", "));
                let state = cluster.state.name();
                writeln!(
                    text,
                    "        {name}: {{bootstrap: \"{bootstrap}\", properties: {{{properties}}}, state: {state}}}"
                )
                .unwrap();
            }
        }
    }
    text
}
