//! The comments of a YAML file, for whoever turns it into something else.

use serde_yaml::granit_parser::{self as granit, Event, Parser, ScalarStyle};

use crate::syntax::lexer::{Piece, Pieces};

/// A comment and its place.
#[derive(Debug)]
pub(in crate::syntax) struct Remark {
    /// Where its `#` stands; of one inside a text, where that begins.
    pub(in crate::syntax) at: u32,
    /// What stands behind the `#`.
    pub(in crate::syntax) text: String,
    /// It is part of a text of several lines, as the DSL's own comment.
    pub(in crate::syntax) is_inside: bool,
}

/// All comments of a text that is sound YAML, in order.
pub(in crate::syntax) fn remarks(text: &str) -> Vec<Remark> {
    let mut options = granit::options! { max_buffered_comment_events: usize::MAX };
    options.set_emit_comments(true);
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut found = Vec::new();
    while let Some(Ok((event, span))) = parser.next_event() {
        let marker = span.start;
        let at = u32::try_from(marker.byte_offset().unwrap_or_else(|| marker.index())).unwrap_or(u32::MAX);
        match event {
            Event::StreamEnd => break,
            Event::Comment(text, _) => {
                found.push(Remark { at, text: text.trim_end().to_owned(), is_inside: false });
            }
            // Of one line, it would end the expression.
            Event::Scalar(text, style, ..) if style != ScalarStyle::Plain && text.contains('\n') => {
                let comments = Pieces::new(&text, 0).filter(|(piece, ..)| *piece == Piece::Comment);
                found.extend(comments.map(|(_, start, end)| {
                    let text = text[start + 1..end].trim_end().to_owned();
                    Remark { at, text, is_inside: true }
                }));
            }
            _ => {}
        }
    }
    found.sort_by_key(|remark| remark.at);
    found
}
