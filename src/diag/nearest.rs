//! "Did you mean …": the closest known name to a misspelt one.

/// The candidate closest to `name`, if it is close enough to be a likely slip.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_ascii_lowercase();
    let length = lower.chars().count();
    let far =
        |candidate: &&str| candidate.len().abs_diff(name.len()) > (length.max(candidate.len()) / 3).max(1);
    candidates
        .into_iter()
        // The distance is at least the difference in length: most candidates of many need no more.
        .filter(|candidate| !name.is_ascii() || !far(candidate))
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_ascii_lowercase()), candidate))
        // A third may differ, at least one letter, but never all: `m` is no slip of `b`.
        .filter(|(distance, candidate)| *distance <= (length.max(candidate.len()) / 3).max(1))
        .filter(|(distance, _)| *distance < length)
        .min_by_key(|(distance, candidate)| (*distance, *candidate))
        .map(|(_, candidate)| candidate)
}
