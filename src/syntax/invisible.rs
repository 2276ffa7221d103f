//! Characters that nobody sees, and that make a text read otherwise than it is: direction marks, which
//! turn what follows around on the screen, and characters without width inside of words.

use crate::diag::{Code, Diagnostic, Diagnostics, FileId, Span};

/// How many of one file are reported.
const PROBLEMS_MAX: usize = 20;

/// Reports each of a file, of any front end. A text with one of them is not read: whoever wrote it saw another.
pub(super) fn check(file: FileId, text: &str, problems: &mut Diagnostics) {
    if text.is_ascii() {
        return;
    }
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut before = None;
    let mut chars = text[mark..].char_indices().peekable();
    let mut found = 0;
    while let Some((at, c)) = chars.next() {
        let after = chars.peek().map(|(_, next)| *next);
        // Between letters of a script that joins them, or of an emoji, they have a use.
        let is_joining = |side: Option<char>| side.is_some_and(|c| !c.is_ascii());
        let (code, what) = match c {
            _ if turns(c) => (c, "turns the text around on the screen"),
            _ if has_no_width(c) && !(is_joining(before) && is_joining(after)) => (c, "is invisible"),
            _ => {
                before = Some(c);
                continue;
            }
        };
        found += 1;
        if found > PROBLEMS_MAX {
            return;
        }
        let (start, end) = (mark + at, mark + at + c.len_utf8());
        let message = format!("the character U+{:04X} {what}", u32::from(code));
        let error = Diagnostic::error(Code::E0117, Span::new(file, start, end), message);
        problems.push(error.hint("delete it, or type the line anew: it came with a text that was pasted"));
    }
}

/// Embeddings, overrides and isolates.
const fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

const fn has_no_width(c: char) -> bool {
    matches!(c, '\u{00ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// What a character that looks like a blank or a letter is, for messages: `е` (U+0435).
pub(super) fn foreign(text: &str) -> Option<String> {
    let c = text.chars().find(|c| !c.is_ascii())?;
    let shown = if c.is_whitespace() || c.is_control() { "the blank".into() } else { format!("`{c}`") };
    Some(format!("{shown} is the character U+{:04X}, which is not ASCII", u32::from(c)))
}
