//! Times of tests: instants, or times of the test's day.

use crate::diag::{Code, Diagnostic, Diagnostics, Spanned};
use crate::types::{Date, EventTime};

/// The day of times that are written without one.
const DAY: &str = "2024-01-01";

pub(super) fn date(written: &Spanned<String>, diagnostics: &mut Diagnostics) -> Option<Date> {
    match written.value.parse::<Date>() {
        Ok(date) => Some(date),
        Err(error) => {
            diagnostics.push(
                Diagnostic::error(Code::E0634, written.span, error.to_string())
                    .hint("write the day of the test, like `date '2024-05-01'`"),
            );
            None
        }
    }
}

/// The instant (ms) of a time as written.
pub(super) fn instant(
    written: &Spanned<String>,
    date: Option<Date>,
    diagnostics: &mut Diagnostics,
) -> Option<i64> {
    let found = read(&written.value, date);
    if found.is_none() {
        let message = format!("`{}` is not a time", written.value);
        let hint = "write a time of the test's day like '10:00' or '10:00:00.250', or an instant like '2024-05-01T10:00:00Z'";
        diagnostics.push(Diagnostic::error(Code::E0634, written.span, message).hint(hint));
    }
    found
}

/// A text with `:` and no day is a time of the day; a number is milliseconds.
pub(super) fn read(text: &str, date: Option<Date>) -> Option<i64> {
    let is_time_of_day =
        text.contains(':') && text.bytes().all(|b| b.is_ascii_digit() || b == b':' || b == b'.');
    if is_time_of_day {
        let day = date.map_or_else(|| DAY.to_owned(), |date| date.to_string());
        return EventTime::from_iso(&format!("{day}T{text}")).ok().map(EventTime::millis);
    }
    text.parse::<EventTime>().ok().map(EventTime::millis)
}
