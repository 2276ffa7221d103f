//! SIGTERM and SIGINT ask for an orderly end; the second one does not wait for it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// What a shell reports for a process that an interrupt ended.
const INTERRUPTED: i32 = 130;

/// A flag that is set when the process is asked to end.
///
/// # Errors
/// When the signals cannot be caught.
pub fn on_signal() -> io::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT] {
        // In this order: at the first signal the flag is not set yet.
        flag::register_conditional_shutdown(signal, INTERRUPTED, Arc::clone(&stop))?;
        flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
}
