//! The beginning of a text, for messages: what is quoted may be a megabyte.

/// So many characters tell a reader which text is meant.
const SHOWN_MAX: usize = 40;

/// The text, or its beginning and `…`.
pub fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN_MAX) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
