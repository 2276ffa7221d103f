//! The same work on several parts, each on its own thread where that is worth it.

use std::thread;

/// Applies `work` to each part; the results are in the parts' order. A panic in a part is passed on.
pub(super) fn each<P: Send, R: Send>(parts: Vec<P>, threads: bool, work: impl Fn(P) -> R + Sync) -> Vec<R> {
    if !threads || parts.len() < 2 {
        return parts.into_iter().map(work).collect();
    }
    let work = &work;
    thread::scope(|scope| {
        let running: Vec<_> = parts.into_iter().map(|part| scope.spawn(move || work(part))).collect();
        let join = |handle: thread::ScopedJoinHandle<'_, R>| {
            handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        running.into_iter().map(join).collect()
    })
}
