//! What definitions are called in a bundle.

/// The Java class of a definition: `user_spend` and `Node` give `UserSpendNode`. The suffix keeps it
/// apart from Java's words and from the support classes. Different names may give one class.
pub(super) fn class(name: &str, suffix: &str) -> String {
    let mut class: String = name.split('_').map(capitalised).collect();
    if !class.starts_with(|c: char| c.is_ascii_alphabetic()) {
        class.insert(0, '_');
    }
    class + suffix
}

fn capitalised(part: &str) -> String {
    let mut chars = part.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

pub(super) fn source_class(name: &str) -> String {
    class(name, "Source")
}

pub(super) fn node_class(name: &str) -> String {
    class(name, "Node")
}

/// The class of a part of a join, counted from 1.
pub(super) fn join_class(name: &str, part: usize) -> String {
    class(name, &format!("Join{part}"))
}

/// The class of a lookup, by its node's name.
pub(super) fn lookup_class(node_name: &str) -> String {
    class(&node_name.replace('.', "_"), "Rows")
}

/// The class of a stream's model call.
pub(super) fn call_class(name: &str) -> String {
    class(name, "Call")
}

pub(super) fn newest_class(name: &str) -> String {
    class(name, "Newest")
}

/// The class of a time zone: `America/Port-au-Prince` gives `America_PortMinusauMinusPrinceZone`, so that the
/// signs of `Etc/GMT+1` and `Etc/GMT-1` tell them apart.
pub(super) fn zone_class(name: &str) -> String {
    name.replace('/', "_").replace('+', "Plus").replace('-', "Minus") + "Zone"
}

/// An operator's name for its state, of letters and digits: another meaning finds no state of the old.
pub(super) fn uid(name: &str, fingerprint: &str) -> String {
    format!("{name}-{fingerprint}")
}

/// The place of a class in a bundle.
pub(super) fn class_file(class: &str) -> String {
    format!("java/dev/windrow/job/{class}.java")
}

/// The name by which Flink loads a class.
pub(super) fn class_name(class: &str) -> String {
    format!("dev.windrow.job.{class}")
}

/// The view of a keyed node's input.
pub(super) fn input(definition: &str) -> String {
    format!("{definition}:input")
}

/// The view of a filter or a projection, after its operator in the plan.
pub(super) fn step(node_name: &str) -> String {
    node_name.replacen('.', ":", 1)
}
