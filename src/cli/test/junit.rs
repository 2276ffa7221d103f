//! The outcome as JUnit's XML: a suite per definition.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::diag::{SourceMap, render, xml_text};
use crate::testing::{Failure, Verdict};

use super::{Ran, place};

pub(super) fn report(ran: &[Ran<'_>], sources: &SourceMap) -> String {
    let mut suites: BTreeMap<&str, Vec<&Ran<'_>>> = BTreeMap::new();
    for ran in ran {
        suites.entry(ran.definition).or_default().push(ran);
    }
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (definition, ran) in suites {
        let name = if definition.is_empty() { "definitions" } else { definition };
        let count = |wanted: fn(&Verdict) -> bool| ran.iter().filter(|ran| wanted(&ran.verdict)).count();
        let failed = count(|verdict| matches!(verdict, Verdict::Failed(_)));
        let refused = count(|verdict| matches!(verdict, Verdict::Refused(_)));
        let _ = writeln!(
            text,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failed}\" errors=\"{refused}\">",
            xml_text(name),
            ran.len()
        );
        text.extend(ran.iter().map(|ran| case(ran, name, sources)));
        text += "  </testsuite>\n";
    }
    text + "</testsuites>\n"
}

fn case(ran: &Ran<'_>, suite: &str, sources: &SourceMap) -> String {
    let (file, line) = place(sources, ran.test.span);
    let head = format!(
        "    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{line}\" time=\"{:.6}\"",
        xml_text(suite),
        xml_text(&ran.test.title),
        xml_text(&file),
        ran.took.as_secs_f64()
    );
    match &ran.verdict {
        Verdict::Passed => head + "/>\n",
        Verdict::Failed(failures) => {
            let text: String = failures.iter().map(|found| failure(found, sources)).collect();
            let message = failures.first().map(|first| first.message.as_str()).unwrap_or_default();
            outcome(&head, "failure", message, &text)
        }
        Verdict::Refused(problems) => {
            let message = problems.iter().next().map(|first| first.message.as_str()).unwrap_or_default();
            outcome(&head, "error", message, &render::text(problems, sources, false))
        }
    }
}

fn outcome(head: &str, kind: &str, message: &str, text: &str) -> String {
    let (message, text) = (xml_text(message), xml_text(text));
    format!("{head}>\n      <{kind} message=\"{message}\">{text}</{kind}>\n    </testcase>\n")
}

fn failure(failure: &Failure, sources: &SourceMap) -> String {
    let (file, line) = place(sources, failure.span);
    let mut text = format!("{file}:{line}: {}\n", failure.message);
    for cell in failure.cells.iter().filter(|cell| !cell.is_equal) {
        let _ = writeln!(text, "  {}: expected {}, found {}", cell.column, cell.expected, cell.found);
    }
    text
}
