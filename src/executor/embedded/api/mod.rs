//! The requests that the data half answers itself, one file each: decode, do, encode.

pub(super) mod delete_records;
pub(super) mod delete_topics;
pub(super) mod fetch;
pub(super) mod list_offsets;
pub(super) mod produce;

use krafka::testing::ApiKey;

/// The versions that are advertised: from the oldest that today's clients accept to the last before the
/// flexible encodings.
pub(super) const VERSIONS: [(ApiKey, i16, i16); 5] = [
    (ApiKey::Produce, 3, 8),
    (ApiKey::Fetch, 4, 11),
    (ApiKey::ListOffsets, 1, 5),
    (ApiKey::DeleteTopics, 0, 3),
    (ApiKey::DeleteRecords, 0, 1),
];

/// What a request says about one topic.
struct PerTopic<T> {
    name: String,
    partitions: Vec<T>,
}

impl<T> PerTopic<T> {
    fn read<'a>(
        reader: &mut super::wire::Reader<'a>,
        partition: impl Fn(&mut super::wire::Reader<'a>) -> Result<T, super::wire::Malformed>,
    ) -> Result<Vec<Self>, super::wire::Malformed> {
        reader.array(|reader| Ok(Self { name: reader.string()?, partitions: reader.array(&partition)? }))
    }
}
