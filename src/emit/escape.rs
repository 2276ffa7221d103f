//! Texts as literals, names and comments of the languages that bundles are written in.

use std::fmt::Write as _;

/// Text that stays on its line, in any language's line comment. Not for block comments.
pub(super) fn comment(text: &str) -> String {
    text.chars().map(|c| if is_plain(c) { c } else { '\u{fffd}' }).collect()
}

/// Neither a control character nor one that some reader takes for the end of a line.
fn is_plain(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}')
}

pub(super) fn sql_name(text: &str) -> String {
    format!("`{}`", text.replace('`', "``"))
}

pub(super) fn sql_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A Java string literal in ASCII. Unicode escapes only for what no other escape stands for: Java
/// reads them before it knows where a literal ends.
pub(super) fn java_text(text: &str) -> String {
    let mut literal = String::from('"');
    for unit in text.encode_utf16() {
        match u8::try_from(unit).ok().filter(u8::is_ascii).map(char::from) {
            Some('"') => literal.push_str("\\\""),
            Some('\\') => literal.push_str("\\\\"),
            Some('\n') => literal.push_str("\\n"),
            Some('\r') => literal.push_str("\\r"),
            Some(c) if !c.is_control() => literal.push(c),
            _ if unit < 0x80 => drop(write!(literal, "\\{unit:03o}")),
            _ => drop(write!(literal, "\\u{unit:04x}")),
        }
    }
    literal.push('"');
    literal
}

/// A YAML scalar in double quotes, in ASCII. As JSON writes it, for YAML reads that the same.
pub(super) fn yaml_text(text: &str) -> String {
    let mut scalar = String::from('"');
    for unit in text.encode_utf16() {
        match u8::try_from(unit).ok().filter(u8::is_ascii).map(char::from) {
            Some(c @ ('"' | '\\')) => scalar.extend(['\\', c]),
            Some(c) if !c.is_control() => scalar.push(c),
            _ => drop(write!(scalar, "\\u{unit:04x}")),
        }
    }
    scalar.push('"');
    scalar
}

/// `604_800_000L`
pub(super) fn java_long(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut grouped = String::from(if number < 0 { "-" } else { "" });
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push('_');
        }
        grouped.push(digit);
    }
    grouped + "L"
}
