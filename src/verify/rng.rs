//! Splitmix64: the same scenarios for the same seed, on every machine.

/// A stream of numbers for one scenario of one definition.
#[derive(Debug, Clone)]
pub(super) struct Rng(u64);

impl Rng {
    /// Definitions and scenarios have streams of their own: adding one changes no other.
    pub(super) fn new(seed: u64, definition: &str, number: u64) -> Self {
        let mut rng = Self(seed);
        for byte in definition.bytes() {
            rng.0 ^= u64::from(byte);
            rng.next();
        }
        rng.0 ^= number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        rng
    }

    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `end`, which is not 0.
    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap_or(0)
    }

    /// From `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high.saturating_sub(low)).unwrap_or(0).saturating_add(1);
        low.saturating_add(i64::try_from(self.next() % span).unwrap_or(0))
    }

    pub(super) fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    pub(super) fn pick<'t, T>(&mut self, items: &'t [T]) -> &'t T {
        &items[self.below(items.len())]
    }
}
