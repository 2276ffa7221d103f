//! Who may use the machine: processes of one suite at a time. A Flink or a demo takes the memory and the
//! cores of a small machine for itself; tests of the executor may run beside each other.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

/// All other suites may be before this one.
const DEADLINE: Duration = Duration::from_secs(1_800);

/// The right to start processes, held until it is dropped. Files of the build folder are locked, so it counts
/// across test binaries too.
pub(crate) struct Turn {
    _turn: File,
    _gate: Option<File>,
}

impl Turn {
    /// With nobody else.
    pub(crate) fn alone(test: &str) -> Self {
        let gate = wait(test, "turn.gate", File::try_lock);
        Self { _turn: wait(test, "turn.lock", File::try_lock), _gate: Some(gate) }
    }

    /// With others that are content with this.
    #[cfg(feature = "executor")]
    pub(crate) fn shared(test: &str) -> Self {
        // Whoever waits for the machine holds the gate: those who came later stand behind.
        let gate = wait(test, "turn.gate", File::try_lock_shared);
        let turn = wait(test, "turn.lock", File::try_lock_shared);
        drop(gate);
        Self { _turn: turn, _gate: None }
    }
}

fn wait(test: &str, name: &str, lock: fn(&File) -> Result<(), TryLockError>) -> File {
    let file = File::create(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)).unwrap();
    let started = Instant::now();
    loop {
        match lock(&file) {
            Ok(()) => return file,
            Err(TryLockError::Error(error)) => panic!("{test}: its turn cannot be asked for: {error}"),
            Err(TryLockError::WouldBlock) => {}
        }
        assert!(started.elapsed() < DEADLINE, "{test}: waited {DEADLINE:?} for other suites to end");
        std::thread::sleep(Duration::from_millis(50));
    }
}
