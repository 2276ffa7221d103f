//! The releases of Flink that bundles are made for, and what is pinned beside each. `tests/setup` installs what stands here.

use serde::Serialize;

use crate::diag::{Code, Diagnostic, Severity};
use crate::topology::{FlinkVersion, Topology};

/// What goes together, and has run together.
#[derive(Debug, Serialize)]
pub(super) struct Release {
    /// The Python package, and the jars in the image.
    pub(super) flink: &'static str,
    /// Flink's Kafka connector; it is released on its own.
    pub(super) connector: &'static str,
    /// The image that a job's is made from.
    pub(super) image: &'static str,
    /// As Flink's operator calls the release.
    pub(super) operator_word: &'static str,
    /// The first line of the operator whose schema lets that word in.
    pub(super) operator_from: &'static str,
}

const V2_2: Release = Release {
    flink: "2.2.1",
    connector: "5.0.0-2.2",
    image: "flink:2.2.1-scala_2.12-java17",
    operator_word: "v2_2",
    operator_from: "1.13",
};

/// There is no later connector than that for 2.2; it runs on 2.3 too. The operator's 1.15 knows the word, but the schema
/// that its chart installs does not.
const V2_3: Release = Release {
    flink: "2.3.0",
    connector: "5.0.0-2.2",
    image: "flink:2.3.0-scala_2.12-java17",
    operator_word: "v2_3",
    operator_from: "1.16",
};

/// What the files of a bundle that name releases are given.
#[derive(Debug, Serialize)]
pub(super) struct Pinned<'t> {
    release: &'static Release,
    /// What the job's image is made from.
    image: &'t str,
    has_digest: bool,
    /// Whether there are model calls, and whether pip installs something for them.
    has_modules: bool,
    has_requirements: bool,
}

impl<'t> Pinned<'t> {
    pub(super) fn of(topology: Option<&'t Topology>) -> Self {
        let release = Release::of(topology);
        let base = topology.and_then(|topology| topology.flink.base_image.as_deref());
        let (image, has_digest) = (base.unwrap_or(release.image), base.is_some());
        Self { release, image, has_digest, has_modules: false, has_requirements: false }
    }

    pub(super) fn with_models(self, has_modules: bool, has_requirements: bool) -> Self {
        Self { has_modules, has_requirements, ..self }
    }
}

/// That jobs' images are made from one that may be another tomorrow.
pub(super) fn unpinned(topology: &Topology) -> Option<Diagnostic> {
    let Pinned { image, has_digest, .. } = Pinned::of(Some(topology));
    let message = format!("the image that jobs' images are made from, `{image}`, has no digest");
    let hint = format!(
        "write `base_image: \"{image}@sha256:…\"` under `flink:` of the topology; `docker buildx imagetools inspect {image}` shows the digest"
    );
    let warning = Diagnostic {
        severity: Severity::Warning,
        span: topology.flink.place.0,
        ..Diagnostic::without_place(Code::W0850, message)
    };
    (!has_digest).then(|| warning.hint(hint))
}

impl Release {
    /// Without a topology the default's.
    pub(super) fn of(topology: Option<&Topology>) -> &'static Self {
        match topology.map(|topology| topology.flink.version).unwrap_or_default() {
            FlinkVersion::V2_2 => &V2_2,
            FlinkVersion::V2_3 => &V2_3,
        }
    }

    /// The target as manifests of bundles name it.
    pub(super) fn target(&self) -> String {
        format!("flink {}", self.flink)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::FlinkSettings;

    #[test]
    fn each_line_has_a_release_of_its_own_with_its_own_image() {
        for version in FlinkVersion::ALL {
            let flink = FlinkSettings { version, ..FlinkSettings::default() };
            let release = Release::of(Some(&Topology { flink, ..Topology::default() }));
            assert!(release.flink.starts_with(&format!("{}.", version.name())), "{release:?}");
            assert!(release.image.starts_with(&format!("flink:{}-", release.flink)), "{release:?}");
            assert_eq!(release.operator_word, format!("v{}", version.name().replace('.', "_")));
        }
        assert_eq!(Release::of(None).flink, V2_2.flink, "without a topology");
    }
}
