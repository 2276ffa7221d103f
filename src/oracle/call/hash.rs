//! Hashes and codes of bytes.

use crate::functions::FunctionId;
use crate::types::Value;

use super::digest::{crc32, md5, sha256, xxh64};
use super::{int, or_null, string};

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// `None`: of another family.
pub(in crate::oracle) fn hash(function: FunctionId, arguments: &[Value]) -> Option<Value> {
    Some(match function {
        FunctionId::XxHash64 => Value::Int(xxh64(&bytes(&arguments[0])).cast_signed()),
        FunctionId::Crc32 => Value::Int(crc32(&bytes(&arguments[0])).into()),
        FunctionId::Md5 => hex(&md5(&bytes(&arguments[0]))),
        FunctionId::Sha256 => hex(&sha256(&bytes(&arguments[0]))),
        FunctionId::HashMod => {
            let bucket = i128::from(xxh64(&bytes(&arguments[0]))) % i128::from(int(&arguments[1]));
            Value::Int(i64::try_from(bucket).expect("below the count"))
        }
        FunctionId::ToHex => hex(&bytes(&arguments[0])),
        FunctionId::FromHex => or_null(of_hex(string(&arguments[0])).map(Value::bytes)),
        FunctionId::ToBase64 => to_base64(&bytes(&arguments[0])),
        FunctionId::FromBase64 => or_null(of_base64(string(&arguments[0])).map(Value::bytes)),
        _ => return None,
    })
}

fn bytes(value: &Value) -> Vec<u8> {
    match value {
        Value::String(text) => text.bytes().collect(),
        Value::Bytes(bytes) => bytes.to_vec(),
        Value::Int(int) => format!("{int}").into_bytes(),
        other => panic!("`{other:?}` is not hashed: the model refuses it"),
    }
}

fn hex(bytes: &[u8]) -> Value {
    let digit = |value: u8| char::from_digit(value.into(), 16).expect("below 16");
    Value::string(bytes.iter().flat_map(|byte| [digit(byte / 16), digit(byte % 16)]).collect::<String>())
}

fn of_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|letter| letter.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).expect("two digits")).collect())
}

/// Three bytes are four digits of six bits; what is missing of the last three shows as `=`.
fn to_base64(bytes: &[u8]) -> Value {
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number =
            (0..3).fold(0_usize, |number, at| number * 256 + usize::from(*three.get(at).unwrap_or(&0)));
        for at in 0..4 {
            let digit = number >> (18 - 6 * at) & 63;
            text.push(if at <= three.len() { BASE64[digit].into() } else { '=' });
        }
    }
    Value::string(text)
}

/// What would have been written so, and nothing else.
fn of_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let digits = text.trim_end_matches('=');
    let (mut number, mut bits) = (0_usize, 0);
    for letter in digits.bytes() {
        number = number * 64 + BASE64.iter().position(|digit| *digit == letter)?;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(number >> bits).expect("eight bits"));
            number %= 1 << bits;
        }
    }
    (to_base64(&bytes) == Value::string(text)).then_some(bytes)
}
