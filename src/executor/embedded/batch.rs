//! The fixed header of a record batch (format 2, the only one since Kafka 0.11). Records stay as the producer
//! wrote them.

/// Bytes before the first record.
pub(super) const HEADER_BYTES: usize = 61;
/// Bytes before the part that `batch_length` counts.
const PREFIX_BYTES: usize = 12;
/// Where the part that the checksum covers begins.
const CHECKED_FROM: usize = 21;
const TRANSACTIONAL: i16 = 1 << 4;
const CONTROL: i16 = 1 << 5;

/// The header of one batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) base_offset: i64,
    pub(super) last_offset_delta: i32,
    pub(super) max_timestamp: i64,
    pub(super) producer: Producer,
    size: usize,
    magic: u8,
    checksum: u32,
    attributes: i16,
    records: i32,
}

/// Who wrote a batch, as far as copies of it are concerned. `id` is negative for a producer without
/// idempotence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Producer {
    pub(super) id: i64,
    pub(super) epoch: i16,
    pub(super) first_sequence: i32,
}

impl Header {
    /// Reads a header; `None` if the bytes are too few or name an impossible size.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let body = usize::try_from(i32::from_be_bytes(field(bytes, 8)?)).ok()?;
        let header = Self {
            base_offset: i64::from_be_bytes(field(bytes, 0)?),
            size: body + PREFIX_BYTES,
            magic: u8::from_be_bytes(field(bytes, 16)?),
            checksum: u32::from_be_bytes(field(bytes, 17)?),
            attributes: i16::from_be_bytes(field(bytes, 21)?),
            last_offset_delta: i32::from_be_bytes(field(bytes, 23)?),
            max_timestamp: i64::from_be_bytes(field(bytes, 35)?),
            producer: Producer {
                id: i64::from_be_bytes(field(bytes, 43)?),
                epoch: i16::from_be_bytes(field(bytes, 51)?),
                first_sequence: i32::from_be_bytes(field(bytes, 53)?),
            },
            records: i32::from_be_bytes(field(bytes, 57)?),
        };
        (header.size >= HEADER_BYTES).then_some(header)
    }

    /// The size of the whole batch in bytes.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Whether `batch` is exactly this batch, whole and unharmed.
    pub(super) fn is_sound(&self, batch: &[u8]) -> bool {
        self.magic == 2
            && self.size == batch.len()
            && self.records > 0
            && self.last_offset_delta == self.records - 1
            && crc32c::crc32c(&batch[CHECKED_FROM..]) == self.checksum
    }

    /// Whether the batch belongs to a transaction, which this cluster does not have.
    pub(super) fn is_transactional(&self) -> bool {
        self.attributes & (TRANSACTIONAL | CONTROL) != 0
    }
}

/// Writes the offset into a batch. The checksum does not cover it, nor the leader epoch beside it.
pub(super) fn stamp(batch: &mut [u8], base_offset: i64) {
    batch[0..8].copy_from_slice(&base_offset.to_be_bytes());
    batch[12..16].copy_from_slice(&0_i32.to_be_bytes());
}

fn field<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}
