//! Asks a run how it does: over its health pages, or by the file that it leaves in its state directory.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

/// A run answers from memory: what takes longer does not answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// Far more than a report of thousands of partitions has.
const ANSWER_BYTES_MAX: u64 = 64 << 20;

/// The report that a run on this state directory has written last.
#[must_use]
pub fn status_file(state: &Path) -> PathBuf {
    state.join("status.json")
}

/// The report of a run that listens there.
///
/// # Errors
/// When nobody answers, or no run of windrow does.
pub fn ask_status(at: SocketAddr) -> io::Result<Value> {
    let mut stream = TcpStream::connect_timeout(&at, ANSWER_WITHIN)?;
    stream.set_read_timeout(Some(ANSWER_WITHIN))?;
    stream.set_write_timeout(Some(ANSWER_WITHIN))?;
    // Version 1.0: one answer, in one piece, and the connection ends with it.
    write!(stream, "GET /status HTTP/1.0\r\nHost: {at}\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(ANSWER_BYTES_MAX).read_to_string(&mut answer)?;
    let no_status = || io::Error::new(io::ErrorKind::InvalidData, "what answers there is no run of windrow");
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(no_status)?;
    let is_fine = head.split(' ').nth(1) == Some("200");
    serde_json::from_str(body).ok().filter(|_| is_fine).ok_or_else(no_status)
}

/// The report in a file.
///
/// # Errors
/// When it cannot be read, or is none.
pub fn read_status(path: &Path) -> io::Result<Value> {
    let text = std::fs::read_to_string(path)?;
    serde_json::from_str(&text).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}
