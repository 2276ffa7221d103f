//! A chain through all batches of a store: each takes away the link of the one before, and leaves its own.
//!
//! So there is one link, unless something in the middle is gone: a list of files that was cut short names older ones,
//! and RocksDB goes on from those with the logs that are left, as if nothing had been between. Then the last link
//! before the hole is still there, since the batch that would have taken it away is not. Both column families have
//! the chain, since each has files of its own.

/// No record of the engine or of the shell begins so.
const LINK: u8 = 0xff;

/// Where the link of a batch is.
pub(super) fn key(number: u64) -> Vec<u8> {
    [&[LINK][..], &number.to_be_bytes()].concat()
}

/// All links, from and to.
pub(super) fn range() -> (Vec<u8>, Vec<u8>) {
    (vec![LINK], [&[LINK][..], &[u8::MAX; 9]].concat())
}

/// The number of the batch whose link that is.
pub(super) fn number(key: &[u8]) -> Option<u64> {
    key.strip_prefix(&[LINK])?.try_into().ok().map(u64::from_be_bytes)
}

/// The last batch, from the links of each family; `None`: there is none, or it was made before there was a chain.
///
/// # Errors
/// What is wrong, for people.
pub(super) fn last(families: [&[Option<u64>]; 2]) -> Result<Option<u64>, String> {
    match families {
        [[], []] => Ok(None),
        [[Some(one)], [Some(other)]] if one == other => Ok(Some(*one)),
        _ => Err("writes are missing between its oldest and its newest: a list of files, or a file, is not as it was \
                  written"
            .to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_link_in_each_family_is_a_whole_chain() {
        assert_eq!(number(&key(7)), Some(7));
        assert_eq!((number(b"\xffx"), number(&key(7)[1..])), (None, None));
        let (from, to) = range();
        assert!(from <= key(0) && key(u64::MAX) < to);
        assert_eq!(last([&[], &[]]), Ok(None));
        assert_eq!(last([&[Some(7)], &[Some(7)]]), Ok(Some(7)));
        let broken: [[&[Option<u64>]; 2]; 4] = [
            [&[Some(7)], &[Some(8)]],
            [&[Some(3), Some(7)], &[Some(7)]],
            [&[Some(7)], &[]],
            [&[None], &[None]],
        ];
        assert!(broken.into_iter().all(|families| last(families).is_err()));
    }
}
