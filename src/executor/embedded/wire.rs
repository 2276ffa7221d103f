//! Kafka's primitive types in the encodings before "flexible versions", and frames. The data half advertises
//! only such versions.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The largest frame that is read: a guard against a wrong length prefix.
const FRAME_BYTES_MAX: usize = 64 << 20;

/// A frame ended too early or holds a length that cannot be.
#[derive(Debug)]
pub(super) struct Malformed;

impl From<Malformed> for std::io::Error {
    fn from(_: Malformed) -> Self {
        Self::new(std::io::ErrorKind::InvalidData, "malformed request")
    }
}

/// Reads one request, front to back.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (head, rest) = self.rest.split_at_checked(count).ok_or(Malformed)?;
        self.rest = rest;
        Ok(head)
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (head, rest) = self.rest.split_first_chunk().ok_or(Malformed)?;
        self.rest = rest;
        Ok(*head)
    }

    pub(super) fn i8(&mut self) -> Result<i8, Malformed> {
        self.fixed().map(i8::from_be_bytes)
    }

    pub(super) fn i16(&mut self) -> Result<i16, Malformed> {
        self.fixed().map(i16::from_be_bytes)
    }

    pub(super) fn i32(&mut self) -> Result<i32, Malformed> {
        self.fixed().map(i32::from_be_bytes)
    }

    pub(super) fn i64(&mut self) -> Result<i64, Malformed> {
        self.fixed().map(i64::from_be_bytes)
    }

    pub(super) fn nullable_string(&mut self) -> Result<Option<String>, Malformed> {
        let Ok(length) = usize::try_from(self.i16()?) else { return Ok(None) };
        let text = std::str::from_utf8(self.take(length)?).map_err(|_| Malformed)?;
        Ok(Some(text.to_owned()))
    }

    pub(super) fn string(&mut self) -> Result<String, Malformed> {
        self.nullable_string()?.ok_or(Malformed)
    }

    pub(super) fn nullable_bytes(&mut self) -> Result<Option<&'a [u8]>, Malformed> {
        let Ok(length) = usize::try_from(self.i32()?) else { return Ok(None) };
        self.take(length).map(Some)
    }

    /// An array; a null array is an empty one. Grows with what is really there, not with what the length
    /// promises.
    pub(super) fn array<T>(
        &mut self,
        mut element: impl FnMut(&mut Self) -> Result<T, Malformed>,
    ) -> Result<Vec<T>, Malformed> {
        let count = self.i32()?.max(0);
        (0..count).map(|_| element(self)).collect()
    }

    /// What has not been read.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

/// Builds one response.
#[derive(Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn i16(&mut self, value: i16) {
        self.bytes.extend_from_slice(&value.to_be_bytes());
    }

    pub(super) fn i32(&mut self, value: i32) {
        self.bytes.extend_from_slice(&value.to_be_bytes());
    }

    pub(super) fn i64(&mut self, value: i64) {
        self.bytes.extend_from_slice(&value.to_be_bytes());
    }

    pub(super) fn string(&mut self, value: &str) {
        self.i16(i16::try_from(value.len()).expect("topic names came from a 16-bit length"));
        self.bytes.extend_from_slice(value.as_bytes());
    }

    pub(super) fn null_string(&mut self) {
        self.i16(-1);
    }

    pub(super) fn bytes(&mut self, value: &[u8]) {
        self.length(value.len());
        self.bytes.extend_from_slice(value);
    }

    pub(super) fn array<T>(&mut self, elements: &[T], mut element: impl FnMut(&mut Self, &T)) {
        self.length(elements.len());
        for each in elements {
            element(self, each);
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.bytes
    }

    fn length(&mut self, length: usize) {
        self.i32(
            i32::try_from(length).expect("responses are bounded by what requests ask for, far below 2 GiB"),
        );
    }
}

/// A request's header; what follows it is the body.
pub(super) struct Header {
    pub(super) api: i16,
    pub(super) version: i16,
    pub(super) correlation: i32,
}

impl Header {
    /// Reads the header, leaving `reader` at the body of a request in a version before the flexible ones.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let header = Self { api: reader.i16()?, version: reader.i16()?, correlation: reader.i32()? };
        reader.nullable_string()?;
        Ok(header)
    }
}

/// Reads one frame without its length; `None` when the peer closed the connection between two frames.
pub(super) async fn read_frame(stream: &mut TcpStream) -> std::io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match stream.read_exact(&mut length).await {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let length = usize::try_from(i32::from_be_bytes(length)).map_err(|_| Malformed)?;
    if length > FRAME_BYTES_MAX {
        return Err(Malformed.into());
    }
    let mut frame = vec![0; length];
    stream.read_exact(&mut frame).await?;
    Ok(Some(frame))
}

/// Writes one frame: the parts in order, behind their length.
pub(super) async fn write_frame(stream: &mut TcpStream, parts: &[&[u8]]) -> std::io::Result<()> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut frame = Vec::with_capacity(length + 4);
    frame.extend_from_slice(&i32::try_from(length).map_err(|_| Malformed)?.to_be_bytes());
    for part in parts {
        frame.extend_from_slice(part);
    }
    stream.write_all(&frame).await
}
