//! Strings as lists of characters.

use regex::Regex;

use crate::functions::FunctionId;
use crate::oracle::number;
use crate::types::Value;

use super::{count, elements, int, or_null, string, url};

/// `None`: of another family.
pub(in crate::oracle) fn text(function: FunctionId, arguments: &[Value]) -> Option<Value> {
    let first = || letters(&arguments[0]);
    let second = || letters(&arguments[1]);
    Some(match function {
        FunctionId::Trim => trimmed(arguments, true, true),
        FunctionId::LTrim => trimmed(arguments, true, false),
        FunctionId::RTrim => trimmed(arguments, false, true),
        FunctionId::LPad => padded(arguments, true),
        FunctionId::RPad => padded(arguments, false),
        FunctionId::StartsWith => Value::Bool(places(&first(), &second()).first() == Some(&0)),
        FunctionId::EndsWith => {
            let (text, part) = (first(), second());
            Value::Bool(part.len() <= text.len() && text[text.len() - part.len()..] == part)
        }
        FunctionId::Substring => substring(arguments),
        FunctionId::Left => within(&first(), 0, int(&arguments[1]).into()),
        FunctionId::Right => {
            let text = first();
            let length = number::count(text.len());
            within(&text, length - i128::from(int(&arguments[1])), length)
        }
        FunctionId::Position => count(places(&second(), &first()).first().map_or(0, |at| at + 1)),
        FunctionId::Replace => replaced(&first(), &second(), &letters(&arguments[2])),
        FunctionId::ConcatText => Value::string(arguments.iter().map(string).collect::<String>()),
        FunctionId::Repeat => {
            Value::string((0..int(&arguments[1])).map(|_| string(&arguments[0])).collect::<String>())
        }
        FunctionId::Reverse => match &arguments[0] {
            Value::List(elements) => Value::list(elements.iter().rev().cloned().collect::<Vec<_>>()),
            _ => of_letters(&first().into_iter().rev().collect::<Vec<_>>()),
        },
        FunctionId::SplitPart => {
            let parts = parts(&first(), &second());
            let at = int(&arguments[2]).checked_sub(1).and_then(|at| usize::try_from(at).ok());
            or_null(at.and_then(|at| parts.get(at).cloned()))
        }
        FunctionId::Split => Value::list(parts(&first(), &second())),
        FunctionId::RegexpLike => Value::Bool(pattern(&arguments[1]).find(string(&arguments[0])).is_some()),
        FunctionId::RegexpExtract => {
            let group = arguments.get(2).map_or(0, |group| usize::try_from(int(group)).expect("0 to 99"));
            let found = pattern(&arguments[1]).captures_iter(string(&arguments[0])).next();
            or_null(found.and_then(|found| found.get(group).map(|part| Value::string(part.as_str()))))
        }
        FunctionId::RegexpReplace => substituted(arguments),
        FunctionId::Ascii => {
            first().first().map_or(Value::Null, |letter| Value::Int(i64::from(u32::from(*letter))))
        }
        FunctionId::Chr => {
            let letter = u32::try_from(int(&arguments[0])).ok().and_then(char::from_u32);
            or_null(letter.map(|letter| of_letters(&[letter])))
        }
        FunctionId::Levenshtein => levenshtein(&first(), &second()),
        FunctionId::UrlHost => or_null(url::host(string(&arguments[0])).map(Value::string)),
        FunctionId::UrlPath => or_null(url::path(string(&arguments[0])).map(Value::string)),
        FunctionId::UrlParameter => {
            or_null(url::parameter(string(&arguments[0]), string(&arguments[1])).map(Value::string))
        }
        _ => return None,
    })
}

/// The texts that are there, with the separator between them.
pub(in crate::oracle) fn joined<'v>(separator: &str, texts: impl Iterator<Item = &'v Value>) -> Value {
    let mut whole = String::new();
    let mut is_first = true;
    for text in texts.filter(|text| !text.is_null()) {
        if !is_first {
            whole += separator;
        }
        is_first = false;
        whole += string(text);
    }
    Value::string(whole)
}

pub(super) fn join_list(arguments: &[Value]) -> Value {
    joined(string(&arguments[1]), elements(&arguments[0]).iter())
}

fn letters(value: &Value) -> Vec<char> {
    string(value).chars().collect()
}

fn of_letters(letters: &[char]) -> Value {
    Value::string(letters.iter().collect::<String>())
}

/// Every place, from 0, where the part stands.
fn places(text: &[char], part: &[char]) -> Vec<usize> {
    let fits = |at: &usize| text[*at..].starts_with(part);
    (0..=text.len()).filter(fits).collect()
}

fn trimmed(arguments: &[Value], left: bool, right: bool) -> Value {
    let set = arguments.get(1).map_or(vec![' '], letters);
    let mut text = letters(&arguments[0]);
    while left && text.first().is_some_and(|letter| set.contains(letter)) {
        text.remove(0);
    }
    while right && text.last().is_some_and(|letter| set.contains(letter)) {
        text.pop();
    }
    of_letters(&text)
}

fn padded(arguments: &[Value], left: bool) -> Value {
    let (text, filling) = (letters(&arguments[0]), letters(&arguments[2]));
    let length = usize::try_from(int(&arguments[1])).expect("not negative");
    let mut pad = Vec::new();
    while !filling.is_empty() && pad.len() + text.len() < length {
        pad.push(filling[pad.len() % filling.len()]);
    }
    let mut kept = text;
    kept.truncate(length);
    of_letters(&if left { [pad, kept].concat() } else { [kept, pad].concat() })
}

/// The characters whose place from 0 is in the range.
fn within(text: &[char], from: i128, to: i128) -> Value {
    let is_within = |(at, _): &(usize, &char)| (from..to).contains(&number::count(*at));
    Value::string(text.iter().enumerate().filter(is_within).map(|(_, letter)| *letter).collect::<String>())
}

fn substring(arguments: &[Value]) -> Value {
    let from = i128::from(int(&arguments[1])) - 1;
    let to = arguments.get(2).map_or(i128::MAX, |length| from + i128::from(int(length)));
    within(&letters(&arguments[0]), from, to)
}

fn replaced(text: &[char], part: &[char], by: &[char]) -> Value {
    let mut whole = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if !part.is_empty() && text[at..].starts_with(part) {
            whole.extend_from_slice(by);
            at += part.len();
        } else {
            whole.push(text[at]);
            at += 1;
        }
    }
    of_letters(&whole)
}

fn parts(text: &[char], separator: &[char]) -> Vec<Value> {
    let mut parts = vec![Vec::new()];
    let mut at = 0;
    while at < text.len() {
        if !separator.is_empty() && text[at..].starts_with(separator) {
            parts.push(Vec::new());
            at += separator.len();
        } else {
            parts.last_mut().expect("never empty").push(text[at]);
            at += 1;
        }
    }
    parts.iter().map(|part| of_letters(part)).collect()
}

fn pattern(value: &Value) -> Regex {
    Regex::new(string(value)).expect("a pattern is checked with the definition")
}

fn substituted(arguments: &[Value]) -> Value {
    let (text, by) = (string(&arguments[0]), letters(&arguments[2]));
    let mut whole = String::new();
    let mut end = 0;
    for found in pattern(&arguments[1]).captures_iter(text) {
        let all = found.get(0).expect("the whole part");
        whole += &text[end..all.start()];
        end = all.end();
        let mut at = 0;
        while at < by.len() {
            let digits: String = by[at + 1..].iter().take_while(|letter| letter.is_ascii_digit()).collect();
            match (by[at], by.get(at + 1)) {
                ('$', Some(digit)) if digit.is_ascii_digit() => {
                    let group = digits.parse().ok().and_then(|group: usize| found.get(group));
                    whole += group.map_or("", |part| part.as_str());
                    at += 1 + digits.len();
                }
                ('$', Some('$')) => {
                    whole.push('$');
                    at += 2;
                }
                (letter, _) => {
                    whole.push(letter);
                    at += 1;
                }
            }
        }
    }
    Value::string(whole + &text[end..])
}

/// The whole table of the least changes between each beginning of the one and of the other.
fn levenshtein(a: &[char], b: &[char]) -> Value {
    if a.len() > 1000 || b.len() > 1000 {
        return Value::Null;
    }
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[i][j] = match (i, j) {
                (0, other) | (other, 0) => other,
                _ => {
                    let changed = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                    changed.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1)
                }
            };
        }
    }
    count(table[a.len()][b.len()])
}
