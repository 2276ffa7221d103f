//! Strings as codes: characters, bytes in hex and base64, parts of URLs, distances.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::types::{DataType, Value};

use super::FunctionId;
use super::entry::{Entry, Evaluator, Example, Flink, Notation, Rule};
use super::parameter::{Takes, required};

const BYTES: &str = "bundles carry no bytes yet";
const URL: &str = "Java reads other URLs than windrow does";
/// The work grows with the product of both lengths.
const DISTANCE_LENGTH_MAX: usize = 1_000;

pub(super) static ASCII: Entry = Entry {
    id: FunctionId::Ascii,
    name: "ascii",
    notation: Notation::Call,
    parameters: &[required("text", Takes::Text)],
    rule: Rule::Partial(DataType::Int),
    evaluator: Evaluator::Unary(|value, _| {
        of_text(value, |text| {
            text.chars().next().map_or(Value::Null, |first| Value::Int(u32::from(first).into()))
        })
    }),
    flink: Flink::Refused("there it is the first byte"),
    doc: "The number of the first character (its code point); null for an empty text.",
    examples: &[
        Example::new(&["'A'"], "65"),
        Example::new(&["'😀'"], "128512"),
        Example::new(&["''"], "null"),
    ],
};

pub(super) static CHR: Entry = Entry {
    id: FunctionId::Chr,
    name: "chr",
    notation: Notation::Call,
    parameters: &[required("code", Takes::Int)],
    rule: Rule::Partial(DataType::String),
    evaluator: Evaluator::Unary(|value, _| match value {
        Value::Int(code) => u32::try_from(*code)
            .ok()
            .and_then(char::from_u32)
            .map_or(Value::Null, |letter| Value::string(letter.to_string())),
        _ => Value::Null,
    }),
    flink: Flink::Refused("there it knows 256 characters"),
    doc: "The character of that number; null if there is none.",
    examples: &[
        Example::new(&["65"], "'A'"),
        Example::new(&["128512"], "'😀'"),
        Example::new(&["-1"], "null"),
    ],
};

pub(super) static TO_HEX: Entry = Entry {
    id: FunctionId::ToHex,
    name: "to_hex",
    notation: Notation::Call,
    parameters: &[required("bytes", Takes::Bytes)],
    rule: Rule::Total(DataType::String),
    evaluator: Evaluator::Unary(|value, _| match value {
        Value::Bytes(_) => Value::string(value.to_string()),
        _ => Value::Null,
    }),
    flink: Flink::Refused(BYTES),
    doc: "Two hexadecimal digits for each byte.",
    examples: &[Example::new(&["x'00ff'"], "'00ff'"), Example::new(&["x''"], "''")],
};

pub(super) static FROM_HEX: Entry = Entry {
    id: FunctionId::FromHex,
    name: "from_hex",
    notation: Notation::Call,
    parameters: &[required("text", Takes::Text)],
    rule: Rule::Partial(DataType::Bytes),
    evaluator: Evaluator::Unary(|value, _| {
        of_text(value, |text| unhex(text).map_or(Value::Null, Value::bytes))
    }),
    flink: Flink::Refused(BYTES),
    doc: "The bytes of hexadecimal digits; null if it has others.",
    examples: &[
        Example::new(&["'00Ff'"], "x'00ff'"),
        Example::new(&["'0'"], "null"),
        Example::new(&["'zz'"], "null"),
    ],
};

pub(super) static TO_BASE64: Entry = Entry {
    id: FunctionId::ToBase64,
    name: "to_base64",
    notation: Notation::Call,
    parameters: &[required("bytes", Takes::Bytes)],
    rule: Rule::Total(DataType::String),
    evaluator: Evaluator::Unary(|value, _| match value {
        Value::Bytes(bytes) => Value::string(STANDARD.encode(bytes)),
        _ => Value::Null,
    }),
    flink: Flink::Refused(BYTES),
    doc: "The bytes in base64, padded.",
    examples: &[Example::new(&["x'00ff'"], "'AP8='"), Example::new(&["x''"], "''")],
};

pub(super) static FROM_BASE64: Entry = Entry {
    id: FunctionId::FromBase64,
    name: "from_base64",
    notation: Notation::Call,
    parameters: &[required("text", Takes::Text)],
    rule: Rule::Partial(DataType::Bytes),
    evaluator: Evaluator::Unary(|value, _| {
        of_text(value, |text| STANDARD.decode(text).map_or(Value::Null, Value::bytes))
    }),
    flink: Flink::Refused(BYTES),
    doc: "The bytes of base64 with its padding; null if it is none.",
    examples: &[Example::new(&["'AP8='"], "x'00ff'"), Example::new(&["'AP8'"], "null")],
};

pub(super) static URL_HOST: Entry = Entry {
    id: FunctionId::UrlHost,
    name: "url_host",
    notation: Notation::Call,
    parameters: &[required("url", Takes::Text)],
    rule: Rule::Partial(DataType::String),
    evaluator: Evaluator::Unary(|value, _| {
        of_text(value, |url| optional_text(authority(url).and_then(host)))
    }),
    flink: Flink::Refused(URL),
    doc: "The host of a URL, its letters as a–z, without user and port; null if it has none.",
    examples: &[
        Example::new(&["'https://a@Example.org:8080/x?y#z'"], "'example.org'"),
        Example::new(&["'http://[::1]:80/'"], "'[::1]'"),
        Example::new(&["'/x'"], "null"),
    ],
};

pub(super) static URL_PATH: Entry = Entry {
    id: FunctionId::UrlPath,
    name: "url_path",
    notation: Notation::Call,
    parameters: &[required("url", Takes::Text)],
    rule: Rule::Partial(DataType::String),
    evaluator: Evaluator::Unary(|value, _| {
        of_text(value, |url| {
            optional_text(after_authority(url).map(|rest| before(rest, &['?', '#']).to_owned()))
        })
    }),
    flink: Flink::Refused(URL),
    doc: "The path of a URL, as it is written; null if it is no URL.",
    examples: &[
        Example::new(&["'https://a.org/x/y?z'"], "'/x/y'"),
        Example::new(&["'https://a.org'"], "''"),
        Example::new(&["'x'"], "null"),
    ],
};

pub(super) static URL_PARAMETER: Entry = Entry {
    id: FunctionId::UrlParameter,
    name: "url_parameter",
    notation: Notation::Call,
    parameters: &[required("url", Takes::Text), required("name", Takes::Text)],
    rule: Rule::Partial(DataType::String),
    evaluator: Evaluator::Binary(|url, name, _| match (url, name) {
        (Value::String(url), Value::String(name)) => optional_text(parameter(url, name)),
        _ => Value::Null,
    }),
    flink: Flink::Refused(URL),
    doc: "The value of the first such parameter in the query of a URL, with `+` and `%41` decoded; null if it has none.",
    examples: &[
        Example::new(&["'https://a.org/?q=a+b%21&r=1'", "'q'"], "'a b!'"),
        Example::new(&["'https://a.org/?q'", "'q'"], "''"),
        Example::new(&["'https://a.org/'", "'q'"], "null"),
    ],
};

pub(super) static LEVENSHTEIN: Entry = Entry {
    id: FunctionId::Levenshtein,
    name: "levenshtein",
    notation: Notation::Call,
    parameters: &[required("a", Takes::Text), required("b", Takes::Text)],
    rule: Rule::Partial(DataType::Int),
    evaluator: Evaluator::Binary(|a, b, _| match (a, b) {
        (Value::String(a), Value::String(b)) => distance(a, b),
        _ => Value::Null,
    }),
    flink: Flink::Refused("Flink SQL has no such function"),
    doc: "How many characters must be put in, taken out or changed to make one text of the other; null if one has more than 1000.",
    examples: &[
        Example::new(&["'kitten'", "'sitting'"], "3"),
        Example::new(&["''", "'é😀'"], "2"),
        Example::new(&["'a'", "'a'"], "0"),
    ],
};

fn of_text(value: &Value, apply: impl FnOnce(&str) -> Value) -> Value {
    match value {
        Value::String(text) => apply(text),
        _ => Value::Null,
    }
}

fn optional_text(text: Option<String>) -> Value {
    text.map_or(Value::Null, Value::string)
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect();
    if rest.is_empty() { bytes } else { None }
}

fn before<'t>(text: &'t str, ends: &[char]) -> &'t str {
    text.find(ends).map_or(text, |at| &text[..at])
}

/// What stands behind `scheme://`, if the scheme is one.
fn behind_scheme(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    is_scheme.then_some(rest)
}

fn authority(url: &str) -> Option<&str> {
    behind_scheme(url).map(|rest| before(rest, &['/', '?', '#']))
}

fn after_authority(url: &str) -> Option<&str> {
    behind_scheme(url).map(|rest| &rest[before(rest, &['/', '?', '#']).len()..])
}

fn host(authority: &str) -> Option<String> {
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    // An IPv6 address has colons inside its brackets.
    let host = match host.find(']') {
        Some(end) => &host[..=end],
        None => before(host, &[':']),
    };
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

fn parameter(url: &str, name: &str) -> Option<String> {
    let rest = after_authority(url)?;
    let (_, query) = before(rest, &['#']).split_once('?')?;
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.filter(|(key, _)| decoded(key) == name).map(|(_, value)| decoded(value)).next()
}

/// `+` is a space, `%41` a byte; what is no UTF-8 then shows as `\u{fffd}`.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let pair = after.get(..2).and_then(|pair| std::str::from_utf8(pair).ok()).and_then(unhex);
        match (first, pair) {
            (b'%', Some(byte)) => {
                bytes.extend(byte);
                rest = &after[2..];
            }
            (b'+', _) => {
                bytes.push(b' ');
                rest = after;
            }
            (other, _) => {
                bytes.push(*other);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Row by row of the usual table, of which only the last row is kept.
fn distance(a: &str, b: &str) -> Value {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().max(b.len()) > DISTANCE_LENGTH_MAX {
        return Value::Null;
    }
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (row, letter) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut last[0], row + 1);
        for (column, other) in b.iter().enumerate() {
            let changed = diagonal + usize::from(letter != other);
            diagonal = last[column + 1];
            last[column + 1] = changed.min(diagonal + 1).min(last[column] + 1);
        }
    }
    i64::try_from(last[b.len()]).map_or(Value::Null, Value::Int)
}
