//! Bounds of memory and of the redo tail. Values never depend on them.

/// How much the engine keeps in memory and how far the key records may trail.
#[derive(Debug, Clone, Copy)]
pub struct Tuning {
    /// Effects in the redo tail at most: what a restart reads again. Two million take about a second.
    pub redo_effects_max: u64,
    /// Keys per step and shard that are read back after a start, beside those that are wanted.
    pub debts_per_step: usize,
    /// Keys per step and aggregation that are read because their timers in the store are due. All that are may be
    /// nearly every key, after a start.
    pub woken_per_step: usize,
    /// Keys written back per step and shard once the tail is half full, so that it rarely fills.
    pub written_back_per_step: usize,
    /// What the state of keys may take in memory, about, in bytes, all shards together. Beyond it keys are written
    /// back and forgotten, but for those of the last steps.
    pub memory_bytes_max: usize,
    /// Keys per table that stay in memory.
    pub table_keys_max: usize,
    /// Records a thread is worth starting for.
    pub records_per_thread: usize,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            redo_effects_max: 2_000_000,
            debts_per_step: 256,
            woken_per_step: 1024,
            written_back_per_step: 512,
            memory_bytes_max: 1 << 30,
            table_keys_max: 200_000,
            records_per_thread: 256,
        }
    }
}
