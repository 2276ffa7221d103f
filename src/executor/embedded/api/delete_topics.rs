//! `DeleteTopics`, only because the control half speaks no version of it that librdkafka does.

use krafka::error::ErrorCode;

use crate::executor::embedded::control::Control;
use crate::executor::embedded::wire::{Malformed, Reader, Writer};

/// A decoded request.
pub(in crate::executor::embedded) struct Request {
    names: Vec<String>,
}

impl Request {
    pub(in crate::executor::embedded) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { names: reader.array(Reader::string)? })
    }

    /// Deletes the topics in the control half and returns the response's body. The files are the caller's
    /// business.
    pub(in crate::executor::embedded) fn serve(&self, version: i16, control: &Control) -> Vec<u8> {
        let mut out = Writer::default();
        if version >= 1 {
            out.i32(0); // throttle
        }
        out.array(&self.names, |out, name| {
            out.string(name);
            let known = control.delete_topic(name);
            out.i16(if known { ErrorCode::None } else { ErrorCode::UnknownTopicOrPartition }.to_i16());
        });
        out.finish()
    }
}
