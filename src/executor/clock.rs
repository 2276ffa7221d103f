//! The clocks, for everything that needs one here.

use std::time::{SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId, clock_gettime};

/// Milliseconds since 1970.
#[must_use]
pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// An instant by two clocks. The one since the machine's start is never set, but may stand still while a
/// virtual machine does; the wall clock may be set, but knows of such a pause afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Moment {
    pub(super) wall_ms: i64,
    pub(super) boot_ms: i64,
}

impl Moment {
    pub(super) fn now() -> Self {
        let boot = clock_gettime(ClockId::Boottime);
        let boot_ms = boot.tv_sec.saturating_mul(1_000).saturating_add(boot.tv_nsec / 1_000_000);
        Self { wall_ms: now_ms(), boot_ms }
    }

    /// Whether both clocks say that at most so many ms lie between this and a later moment. A clock that was
    /// set makes it false, never true.
    pub(super) const fn is_within(self, ms: u64, now: Self) -> bool {
        let by_boot = now.boot_ms.abs_diff(self.boot_ms);
        let by_wall = now.wall_ms.abs_diff(self.wall_ms);
        by_boot <= ms && by_wall <= ms
    }
}
