//! Hashes of the UTF-8 bytes of a text, of bytes, or of an int's digits: the same on every engine and forever.

use std::fmt::Write as _;

use md5::Md5;
use sha2::{Digest, Sha256};
use twox_hash::XxHash64;

use crate::types::{DataType, Value};

use super::FunctionId;
use super::entry::{Entry, Evaluator, Example, Flink, NoForm, Notation, Printed, Rule};
use super::parameter::{Takes, required};

const NONE: &str = "Flink SQL has no such function";

pub(super) static XX_HASH64: Entry = Entry {
    id: FunctionId::XxHash64,
    name: "xxhash64",
    notation: Notation::Call,
    parameters: &[required("x", Takes::Hashable)],
    rule: Rule::Total(DataType::Int),
    evaluator: Evaluator::Unary(|value, _| Value::Int(xx(value).cast_signed())),
    flink: Flink::Refused(NONE),
    doc: "XXH64 with seed 0, as a signed int.",
    examples: &[
        Example::new(&["''"], "-1205034819632174695"),
        Example::new(&["'abc'"], "4952883123889572249"),
        Example::new(&["42"], "7919287270473417401"),
    ],
};

pub(super) static CRC32: Entry = Entry {
    id: FunctionId::Crc32,
    name: "crc32",
    notation: Notation::Call,
    parameters: &[required("x", Takes::Hashable)],
    rule: Rule::Total(DataType::Int),
    evaluator: Evaluator::Unary(|value, _| Value::Int(crc32fast::hash(&bytes(value)).into())),
    flink: Flink::Refused(NONE),
    doc: "The CRC-32 checksum of gzip and zip, 0 to 4294967295.",
    examples: &[Example::new(&["'123456789'"], "3421780262"), Example::new(&["''"], "0")],
};

pub(super) static MD5: Entry = Entry {
    id: FunctionId::Md5,
    name: "md5",
    notation: Notation::Call,
    parameters: &[required("x", Takes::Hashable)],
    rule: Rule::Total(DataType::String),
    evaluator: Evaluator::Unary(|value, _| Value::string(hex(&Md5::digest(bytes(value))))),
    flink: Flink::Build(|arguments, _| of_text("MD5", arguments)),
    doc: "MD5 as 32 hexadecimal digits. Not safe against those who look for collisions.",
    examples: &[
        Example::new(&["''"], "'d41d8cd98f00b204e9800998ecf8427e'"),
        Example::new(&["'abc'"], "'900150983cd24fb0d6963f7d28e17f72'"),
    ],
};

pub(super) static SHA256: Entry = Entry {
    id: FunctionId::Sha256,
    name: "sha256",
    notation: Notation::Call,
    parameters: &[required("x", Takes::Hashable)],
    rule: Rule::Total(DataType::String),
    evaluator: Evaluator::Unary(|value, _| Value::string(hex(&Sha256::digest(bytes(value))))),
    flink: Flink::Build(|arguments, _| of_text("SHA256", arguments)),
    doc: "SHA-256 as 64 hexadecimal digits.",
    examples: &[
        Example::new(&["''"], "'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'"),
        Example::new(&["'abc'"], "'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'"),
    ],
};

pub(super) static HASH_MOD: Entry = Entry {
    id: FunctionId::HashMod,
    name: "hash_mod",
    notation: Notation::Call,
    parameters: &[
        required("x", Takes::Hashable),
        required("count", Takes::LiteralInt { least: 1, most: 1_000_000_000 }),
    ],
    rule: Rule::Total(DataType::Int),
    evaluator: Evaluator::Binary(|value, count, _| match count {
        Value::Int(count) => Value::Int((xx(value) % count.cast_unsigned().max(1)).cast_signed()),
        _ => Value::Null,
    }),
    flink: Flink::Refused(NONE),
    doc: "A bucket from 0 to count - 1: the unsigned XXH64 modulo the count.",
    examples: &[Example::new(&["'abc'", "10"], "9"), Example::new(&["''", "1"], "0")],
};

fn bytes(value: &Value) -> Vec<u8> {
    match value {
        Value::String(text) => text.as_bytes().to_vec(),
        Value::Bytes(bytes) => bytes.to_vec(),
        other => other.to_string().into_bytes(),
    }
}

fn xx(value: &Value) -> u64 {
    XxHash64::oneshot(0, &bytes(value))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn of_text(function: &str, arguments: &[Printed]) -> Result<String, NoForm> {
    let sql = &arguments[0].sql;
    match arguments[0].expr.data_type {
        DataType::String => Ok(format!("{function}({sql})")),
        DataType::Int => Ok(format!("{function}(CAST({sql} AS STRING))")),
        other => Err(NoForm {
            what: format!("{} of {other}", function.to_lowercase()),
            why: "it takes texts only",
        }),
    }
}
