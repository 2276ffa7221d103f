//! Reads generated SQL and Java token by token, as far as it takes to see that literals end where
//! they should.

use windrow::emit::Bundle;

/// Every generated statement and class ends outside of literals, with its brackets closed.
pub(super) fn well_formed(bundle: &Bundle) {
    for (path, file) in &bundle.files {
        if path.starts_with("sql/") {
            let rest = sql(&file.text).rest;
            assert!(balanced(&rest) && !rest.contains(';') && !rest.contains("/*"), "{path}:\n{}", file.text);
            let has_placeholders = ["files.sql", "kafka"].iter().any(|part| path.contains(part));
            assert!(has_placeholders || !rest.contains('$'), "{path}:\n{rest}");
        } else if path.starts_with("java/dev/windrow/job/") {
            let rest = java(&file.text).rest;
            assert!(balanced(&rest) && file.text.is_ascii(), "{path}:\n{}", file.text);
        }
    }
}

pub(super) fn sql_literals(text: &str) -> Vec<String> {
    sql(text).literals
}

pub(super) fn java_literals(text: &str) -> Vec<String> {
    java(text).literals
}

/// The string literals of a text, decoded, and what is left without literals, names and comments.
#[derive(Default)]
struct Scanned {
    literals: Vec<String>,
    rest: String,
}

fn sql(text: &str) -> Scanned {
    let mut scanned = Scanned::default();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\'' | '`' => {
                let mut literal = String::new();
                loop {
                    let next = chars.next().unwrap_or_else(|| panic!("a literal has no end:\n{text}"));
                    if next != c {
                        literal.push(next);
                    } else if chars.next_if_eq(&c).is_some() {
                        literal.push(c);
                    } else {
                        break;
                    }
                }
                if c == '\'' {
                    scanned.literals.push(literal);
                }
            }
            '-' if chars.next_if_eq(&'-').is_some() => while chars.next_if(|c| *c != '\n').is_some() {},
            c => scanned.rest.push(c),
        }
    }
    scanned
}

/// Java has comments `/** … */` and literals with `\`; unicode escapes are read inside literals only,
/// which is sound as long as the text has none outside.
fn java(text: &str) -> Scanned {
    let mut scanned = Scanned::default();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => scanned.literals.push(java_literal(&mut chars)),
            '/' if chars.next_if_eq(&'*').is_some() => {
                let mut before = ' ';
                for c in chars.by_ref() {
                    if before == '*' && c == '/' {
                        break;
                    }
                    before = c;
                }
            }
            c => {
                assert_ne!(c, '\\', "an escape outside of a literal:\n{text}");
                scanned.rest.push(c);
            }
        }
    }
    scanned
}

fn java_literal(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let mut units = Vec::new();
    loop {
        match chars.next().expect("a literal ends") {
            '"' => return String::from_utf16(&units).unwrap(),
            '\n' => panic!("a literal ends on its line"),
            '\\' => units.push(match chars.next().unwrap() {
                'n' => u16::from(b'\n'),
                'r' => u16::from(b'\r'),
                'u' => u16::from_str_radix(&chars.by_ref().take(4).collect::<String>(), 16).unwrap(),
                c if c.is_digit(8) => {
                    let rest: String = chars.by_ref().take(2).collect();
                    u16::from_str_radix(&format!("{c}{rest}"), 8).unwrap()
                }
                c => c as u16,
            }),
            c => units.push(c as u16),
        }
    }
}

fn balanced(text: &str) -> bool {
    let mut open = Vec::new();
    for c in text.chars() {
        match c {
            '(' | '{' | '[' => open.push(c),
            ')' | '}' | ']' => {
                let opened = open.pop();
                if !matches!((opened, c), (Some('('), ')') | (Some('{'), '}') | (Some('['), ']')) {
                    return false;
                }
            }
            _ => {}
        }
    }
    open.is_empty()
}
