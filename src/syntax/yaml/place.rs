//! Where the characters of a decoded YAML text stand in the file: behind quotes, escapes, folded
//! lines and indentation.

use serde_yaml::granit_parser::ScalarStyle;

use crate::diag::Span;

/// The offset of the text in the file, or a table with the offset of each of its bytes.
pub(super) fn places(file: &str, span: Span, decoded: &str, style: ScalarStyle) -> (usize, Option<Vec<u32>>) {
    let (start, end) = (span.start as usize, span.end as usize);
    let inside = match style {
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => start + 1,
        // The span of a block text begins at its first line, behind the header.
        ScalarStyle::Plain | ScalarStyle::Literal | ScalarStyle::Folded => start,
    };
    let same = file.get(inside..).is_some_and(|rest| rest.starts_with(decoded));
    if same || decoded.is_empty() {
        return (inside, None);
    }
    (inside, Some(Walk { raw: &file[..end], at: inside, style }.table(decoded)))
}

/// Walks the raw text beside the decoded one. Blanks are matched loosely, everything else exactly, so
/// folding and indentation need no rules of their own.
struct Walk<'a> {
    raw: &'a str,
    at: usize,
    style: ScalarStyle,
}

impl Walk<'_> {
    fn table(mut self, decoded: &str) -> Vec<u32> {
        let mut table = Vec::with_capacity(decoded.len());
        for c in decoded.chars() {
            let (place, step) = self.advance(c);
            let same = self.raw[place..].starts_with(c);
            let place = u32::try_from(place).unwrap_or(u32::MAX);
            let inner = |byte: u32| if same { byte } else { 0 };
            table.extend((0..u32::try_from(c.len_utf8()).unwrap_or(0)).map(|byte| place + inner(byte)));
            self.at += step;
        }
        table
    }

    /// The place of the next decoded character, and how many raw bytes it takes.
    fn advance(&mut self, c: char) -> (usize, usize) {
        if !c.is_whitespace() {
            self.skip_blank();
        }
        let rest = &self.raw[self.at..];
        let step = match rest.chars().next() {
            Some('\\') if self.style == ScalarStyle::DoubleQuoted => escape(rest),
            Some('\'') if self.style == ScalarStyle::SingleQuoted => 2.min(rest.len()),
            Some(found) if found == c || (c.is_whitespace() && found.is_whitespace()) => found.len_utf8(),
            // A blank that folding made, or the end.
            Some(_) | None => 0,
        };
        (self.at.min(self.raw.len().saturating_sub(1)), step)
    }

    /// Skips folded blanks, and escapes that stand for blanks, before a visible character.
    fn skip_blank(&mut self) {
        loop {
            let rest = &self.raw[self.at..];
            let blanks = rest.len() - rest.trim_start().len();
            self.at += blanks;
            let rest = &self.raw[self.at..];
            let escaped = rest.strip_prefix('\\').and_then(|escape| escape.chars().next());
            match escaped {
                Some(next)
                    if self.style == ScalarStyle::DoubleQuoted
                        && (next.is_whitespace() || "nrt".contains(next)) =>
                {
                    self.at += 1 + next.len_utf8();
                }
                _ => return,
            }
        }
    }
}

/// The length of the escape at the beginning.
fn escape(rest: &str) -> usize {
    let digits = match rest.as_bytes().get(1) {
        Some(b'x') => 2,
        Some(b'u') => 4,
        Some(b'U') => 8,
        _ => 0,
    };
    let first = rest[1..].chars().next().map_or(0, char::len_utf8);
    let length = 1 + first + digits;
    if rest.is_char_boundary(length.min(rest.len())) { length.min(rest.len()) } else { 1 + first }
}
