//! Windows: lengths, tails and refresh (rules S2, S3, S4).

use crate::diag::{Code, Diagnostic, Diagnostics, Span, Spanned};
use crate::model::{Tail, Window};
use crate::syntax::ast;
use crate::types::Duration;

use super::duration;
use super::feature::Limits;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Hops a person would choose, longest first.
const ROUND_HOPS: [i64; 14] = [
    5 * MINUTE,
    4 * MINUTE,
    3 * MINUTE,
    2 * MINUTE,
    MINUTE,
    30 * SECOND,
    20 * SECOND,
    15 * SECOND,
    10 * SECOND,
    5 * SECOND,
    SECOND,
    100,
    10,
    1,
];

/// A window of a feature with its defaults; `None` after a report.
pub(super) fn check(
    written: &Spanned<ast::Window>,
    tail: Option<&Spanned<ast::Tail>>,
    limits: Limits,
    diagnostics: &mut Diagnostics,
) -> Option<Window> {
    let Spanned { value: window, span } = written;
    if window.length == Duration::ZERO {
        let message = format!("the window `{}` is empty", window.text);
        diagnostics.push(
            Diagnostic::error(Code::E0405, *span, message).hint("write a length above zero, like `1h`"),
        );
        return None;
    }
    let size_ms = duration(&Spanned::new(window.length, *span), diagnostics)?.ms();
    let tail = match tail {
        None => match limits.retention.filter(|retention| window.length > *retention) {
            Some(retention) => {
                diagnostics.push(needs_tail(window, *span, retention));
                return None;
            }
            None => Tail::Exact,
        },
        Some(Spanned { value: ast::Tail::Exact, .. }) => Tail::Exact,
        Some(Spanned { value: ast::Tail::Chronon, .. }) => Tail::Hop { hop_ms: default_hop(size_ms) },
        Some(Spanned { value: ast::Tail::Hop(hop), span: place }) => {
            hop_tail(window, *span, (*hop, *place), diagnostics)?
        }
    };
    let refresh_ms = match limits.refresh {
        None => (size_ms / 60).max(SECOND),
        Some((refresh, _)) if refresh.ms() <= size_ms => refresh.ms(),
        Some((refresh, place)) => {
            diagnostics.push(refresh_too_long(window, *span, (refresh, place)));
            return None;
        }
    };
    Some(Window { size_ms, tail, refresh_ms })
}

fn refresh_too_long(window: &ast::Window, span: Span, (refresh, place): (Duration, Span)) -> Diagnostic {
    let message = format!("the refresh of {refresh} is longer than the window `{}`", window.text);
    Diagnostic::error(Code::E0420, span, message)
        .also(place, "the refresh of the group by")
        .note("a value could be shown for longer than anything it counts has been in its window")
        .hint(format!("write a `refresh` of at most {}", window.text))
}

const fn default_hop(size_ms: i64) -> i64 {
    if size_ms >= 12 * DAY {
        DAY
    } else if size_ms >= 12 * HOUR {
        HOUR
    } else {
        5 * MINUTE
    }
}

fn needs_tail(window: &ast::Window, span: Span, retention: Duration) -> Diagnostic {
    let hop = Duration::from_ms(default_hop(window.length.ms()));
    let tiles = window.length.ms() / hop.ms();
    let message = format!("the window `{}` is longer than the retention of {retention}", window.text);
    Diagnostic::error(Code::E0408, span, message)
        .note(format!(
            "`tail hop` rounds the start down to {hop} and keeps about {tiles} tiles per key; \
             `tail exact` keeps every event for {}, about 32 bytes each (56 with an event id), and a rebuild \
             finds only the last {retention} of them",
            window.text
        ))
        .hint(format!(
            "write `over {} tail hop`, or `tail exact` to pay for it; `history` in the source supplies older events",
            window.text
        ))
}

fn hop_tail(
    window: &ast::Window,
    span: Span,
    (hop, place): (Option<Duration>, Span),
    diagnostics: &mut Diagnostics,
) -> Option<Tail> {
    let size_ms = window.length.ms();
    let hop_ms = hop.map_or(default_hop(size_ms), Duration::ms);
    if hop_ms > 0 && hop_ms <= size_ms / 12 {
        return Some(Tail::Hop { hop_ms });
    }
    let shown = Duration::from_ms(hop_ms);
    let mut proposals = [default_hop(size_ms)].into_iter().chain(ROUND_HOPS);
    let way_out = match proposals.find(|proposed| *proposed <= size_ms / 12) {
        Some(proposed) => format!("write `tail hop {}`, or `tail exact`", Duration::from_ms(proposed)),
        None => "write `tail exact`: it costs little over so short a window".into(),
    };
    let largest = Duration::from_ms(size_ms / 12);
    let error = match hop {
        None => {
            let message = format!("the default hop of {shown} is too long for the window `{}`", window.text);
            Diagnostic::error(Code::E0409, place, message)
        }
        Some(_) if hop_ms == 0 => {
            Diagnostic::error(Code::E0410, place, "a hop of 0 rounds nothing".to_string())
        }
        Some(_) => {
            let message = format!(
                "the hop of {shown} is more than a twelfth ({largest}) of the window `{}`",
                window.text
            );
            Diagnostic::error(Code::E0410, place, message)
        }
    };
    diagnostics.push(error.also(span, "the window").hint(way_out));
    None
}
