//! Where Apache Kafka's jars and the JVM are.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Error;

/// Little memory, and quick to start: what a test wants of a broker. The log goes to stderr.
const JVM: [&str; 5] = [
    "-Xms48m",
    "-Xmx192m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
];

/// The jars' folder, with what belongs to it.
pub(super) struct Installation {
    folder: PathBuf,
}

impl Installation {
    /// `$WINDROW_KAFKA`, else the cache folder that `tests/setup` fills.
    pub(super) fn find() -> Result<Self, Error> {
        let named = std::env::var_os("WINDROW_KAFKA").map(PathBuf::from);
        let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default());
        let folder = named.unwrap_or_else(|| home().join(".cache/windrow/kafka"));
        if folder.join("libs").is_dir() { Ok(Self { folder }) } else { Err(Error::NoJars { folder }) }
    }

    /// A JVM that runs a class of Kafka's.
    pub(super) fn java(&self, class: &str) -> Command {
        let program = match std::env::var_os("JAVA_HOME") {
            Some(home) => Path::new(&home).join("bin/java"),
            None => "java".into(),
        };
        let mut command = Command::new(program);
        command.args(JVM);
        // Classes in the form in which the JVM holds them: a third of the time to start. A stale or missing
        // archive is ignored.
        let archive = self.folder.join("kafka.jsa");
        if archive.is_file() {
            command.arg(format!("-XX:SharedArchiveFile={}", archive.display())).arg("-Xshare:auto");
        }
        command.arg("-cp").arg(self.folder.join("libs").join("*")).arg(class);
        command
    }
}
