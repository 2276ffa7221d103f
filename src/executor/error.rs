//! What can go wrong while a deployment runs. The world's failures, not the text's: a [`Error`] becomes a
//! coded diagnostic without a place, and an exit code, in `cli`.

use std::path::{Path, PathBuf};

use crate::dataflow::EngineError;
use crate::diag::{Code, Diagnostic};
use crate::state::StoreError;

/// Why a run ended, or could not begin.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process holds the lock.
    #[error("the state directory `{}` is in use by {holder}", dir.display())]
    StateInUse { dir: PathBuf, holder: String },
    /// The directory belongs to another deployment.
    #[error("the state in `{}` belongs to the deployment `{found}`, not `{wanted}`", dir.display())]
    OtherDeployment { dir: PathBuf, found: String, wanted: String },
    /// A backfill keeps rows back, and readers of this state's rows wait for them.
    #[error("the state in `{}` is live: rows have been published from it", dir.display())]
    AlreadyLive { dir: PathBuf },
    /// A newer lease exists: another state directory has taken over.
    #[error("lease {held} of the deployment `{deployment}` is no longer the newest: lease {newest} exists")]
    LeaseLost { deployment: String, held: u64, newest: u64 },
    /// The state is empty and there is a checkpoint: nobody has said which of them to go on from.
    #[error("the state directory `{}` is empty, and `{place}` has a checkpoint: epoch {epoch} of lease {lease}", dir.display())]
    CheckpointExists { dir: PathBuf, place: String, lease: u64, epoch: u64 },
    #[error("there is no checkpoint of the deployment `{deployment}` in `{place}`")]
    NoCheckpoint { deployment: String, place: String },
    #[error("`{name}` in `{place}` is damaged: {why}")]
    DamagedCheckpoint { place: String, name: String, why: String },
    /// The bucket or container of leases and checkpoints cannot be used.
    #[error("cannot {doing} in `{place}`: {why}")]
    Remote { place: String, doing: String, why: String },
    /// A file of the state is not what was written.
    #[error("the state is damaged: `{}`: {what}", path.display())]
    DamagedState { path: PathBuf, what: String },
    #[error("the standby on `{}` did not go live", dir.display())]
    StandbyFailed { dir: PathBuf },
    /// A standby keeps checkpoints where a state would be in the way.
    #[error("the state directory `{}` has a state: a standby needs one of its own", dir.display())]
    NotEmpty { dir: PathBuf },
    /// The topology has no cluster for a group that the plan needs.
    #[error("no region has a group `{group}`, which `{needed_by}` needs")]
    NoClusters { group: String, needed_by: String },
    /// A newer topology has run on this state.
    #[error("the topology has generation {found}, and generation {known} has run on this state")]
    OldTopology { found: u64, known: u64 },
    /// A bounded run needs every cluster, and some did not answer in time.
    #[error("no answer from {} within {waited_ms} ms: what they hold is missing from the result", clusters.join(", "))]
    Unreachable { clusters: Vec<String>, waited_ms: i64 },
    /// A bounded run needs every topic of every cluster.
    #[error("{}", clusters.iter().map(|(cluster, topics)| format!("{cluster} has no topic {}", topics.join(", "))).collect::<Vec<_>>().join("; "))]
    NoTopic { clusters: Vec<(String, Vec<String>)> },
    /// A bounded run ended with rows that a region has not acknowledged.
    #[error("rows are kept that {} did not take for {waited_ms} ms", regions.join(", "))]
    Undelivered { regions: Vec<String>, waited_ms: u64 },
    /// A bounded run met a partition that cannot be read to its end.
    #[error("{what}")]
    Gap { what: String },
    /// A bounded run met a partition that was stopped because of what it holds.
    #[error("{what}")]
    TooManyBad { what: String },
    #[error("a Kafka client could not be set up: {0}")]
    Kafka(#[from] rdkafka::error::KafkaError),
    #[error("no Kafka client for the cluster `{cluster}`: {source}")]
    Client { cluster: String, source: rdkafka::error::KafkaError },
    #[error("cannot use `{}`: {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error("cannot serve health pages at {at}: {source}")]
    Http { at: std::net::SocketAddr, source: std::io::Error },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A thread of ours panicked.
    #[error("the thread `{0}` panicked; this is a defect of windrow, please report it")]
    Panicked(String),
}

impl Error {
    /// A function that names `path` in an I/O error.
    pub(super) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { path, source }
    }

    /// A function that names the cluster for which no client could be made.
    pub(super) fn client(cluster: &str) -> impl FnOnce(rdkafka::error::KafkaError) -> Self {
        move |source| Self::Client { cluster: cluster.to_owned(), source }
    }

    /// Whether the place of leases could not be asked, which says nothing about the lease.
    pub(super) const fn is_silence(&self) -> bool {
        matches!(self, Self::Io { .. } | Self::Remote { .. })
    }

    /// The page that explains it.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::StateInUse { .. } => Code::E0901,
            Self::OtherDeployment { .. } | Self::Engine(EngineError::OtherPlan(_)) => Code::E0902,
            Self::LeaseLost { .. } => Code::E0903,
            Self::CheckpointExists { .. } => Code::E0941,
            Self::NoCheckpoint { .. } => Code::E0942,
            Self::DamagedCheckpoint { .. } => Code::E0943,
            Self::Remote { .. } => Code::E0944,
            Self::DamagedState { .. }
            | Self::Store(StoreError::Corrupt { .. } | StoreError::Damaged(_))
            | Self::Engine(EngineError::Store(StoreError::Corrupt { .. } | StoreError::Damaged(_))) => {
                Code::E0945
            }
            Self::StandbyFailed { .. } => Code::E0946,
            Self::NotEmpty { .. } => Code::E0947,
            Self::NoClusters { .. } => Code::E0904,
            Self::OldTopology { .. } => Code::E0707,
            Self::Unreachable { .. } => Code::E0905,
            Self::NoTopic { .. } => Code::E0912,
            Self::Undelivered { .. } => Code::E0906,
            Self::Gap { .. } => Code::E0907,
            Self::TooManyBad { .. } => Code::E0916,
            Self::Kafka(_) | Self::Client { .. } => Code::E0908,
            Self::Io { .. } | Self::Store(_) | Self::Engine(EngineError::Store(_)) => Code::E0909,
            Self::Engine(EngineError::CutInThePast { .. }) => Code::E0910,
            Self::Engine(EngineError::Calls(_)) => Code::E0843,
            Self::Panicked(_) => Code::E0911,
            Self::AlreadyLive { .. } => Code::E0914,
            Self::Http { .. } => Code::E0918,
        }
    }

    /// 1: the definitions or the topology are wrong; 2: usage; 3: the world failed.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::NoClusters { .. } | Self::OldTopology { .. } => 1,
            Self::AlreadyLive { .. }
            | Self::CheckpointExists { .. }
            | Self::NotEmpty { .. }
            | Self::Engine(EngineError::CutInThePast { .. }) => 2,
            _ => 3,
        }
    }

    /// As the command line shows it.
    #[must_use]
    pub fn diagnostic(&self) -> Diagnostic {
        let diagnostic = Diagnostic::without_place(self.code(), self.to_string());
        match self.hint() {
            Some(hint) => diagnostic.hint(hint),
            None => diagnostic,
        }
    }

    const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::StateInUse { .. } => Some("stop that process, or give this one its own `--state DIR`"),
            Self::OtherDeployment { .. } => Some("give each deployment its own `--state DIR`"),
            Self::AlreadyLive { .. } => {
                Some("`windrow run` goes on from it; a backfill needs an empty `--state DIR`")
            }
            Self::LeaseLost { .. } => Some(
                "the newer state directory is the active one: run from there, or start with an empty `--state DIR`",
            ),
            Self::CheckpointExists { .. } => {
                Some("`--restore` goes on from the checkpoint, `--fresh` begins with what the clusters hold")
            }
            Self::NoCheckpoint { .. } => Some(
                "`windrow run` begins with what the clusters hold; `--checkpoint-every` makes checkpoints",
            ),
            Self::DamagedCheckpoint { .. } => {
                Some("remove the newest manifest from that place, and the checkpoint before it counts")
            }
            Self::Remote { .. } => Some(
                "check the URL under `checkpoints` in windrow.yaml, and what the environment says: AWS_… or AZURE_…",
            ),
            Self::DamagedState { .. }
            | Self::Store(StoreError::Corrupt { .. } | StoreError::Damaged(_))
            | Self::Engine(EngineError::Store(StoreError::Corrupt { .. } | StoreError::Damaged(_))) => Some(
                "move the state directory away and run with `--restore`, which goes on from the newest \
                 checkpoint; without one, `windrow backfill` builds it anew",
            ),
            Self::StandbyFailed { .. } => Some("its log says why"),
            Self::NotEmpty { .. } => {
                Some("give the standby an empty `--state DIR`, or `windrow run` this one")
            }
            Self::Store(StoreError::Full(_)) | Self::Engine(EngineError::Store(StoreError::Full(_))) => {
                Some("make room and start again: every step that was written is there, and nothing else")
            }
            Self::NoClusters { .. } => Some("add the group to a region in the topology file"),
            Self::OldTopology { .. } => Some("raise `generation:` in the topology file above it"),
            Self::Unreachable { .. } => {
                Some("start the clusters and run the same command again: it continues where it stopped")
            }
            Self::NoTopic { .. } => {
                Some("create the topic there and run the same command again: it continues where it stopped")
            }
            Self::Undelivered { .. } => {
                Some("run the same command again once the region answers; the log says what it answers now")
            }
            Self::Gap { .. } => Some(
                "rebuild the state with `windrow backfill` into an empty `--state DIR`, or go on without them: `windrow run --accept-gap`",
            ),
            Self::TooManyBad { .. } => Some(
                "`windrow dlq list` shows why; correct the source or its producers, or allow more with `--max-bad`",
            ),
            Self::Kafka(_) | Self::Client { .. } => {
                Some("check the cluster's properties in the topology file")
            }
            Self::Engine(EngineError::Calls(_)) => {
                Some("correct the module and start again: the run goes on where it was")
            }
            Self::Http { .. } => Some("name a free port of this machine, or port 0 for any that is free"),
            Self::Io { .. } | Self::Store(_) | Self::Engine(_) | Self::Panicked(_) => None,
        }
    }
}
