//! Any bytes into all parsers: no panic, every problem inside the text, and what parses is printed as a
//! text of the same tree and laid out without a change.

#![no_main]

use libfuzzer_sys::fuzz_target;
use windrow::diag::{Diagnostics, SourceMap, render};
use windrow::syntax::{self, Unformatted};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    for path in ["x.wr", "x.yaml"] {
        let mut sources = SourceMap::default();
        let file = sources.add(path, text.as_ref());
        let (ast, problems) = syntax::parse(&sources, file);
        check(&problems, &sources);
        if path == "x.wr" && !problems.has_errors() {
            let printed = sources.add("printed.wr", syntax::print(&ast));
            let (again, _) = syntax::parse(&sources, printed);
            assert!(again == ast, "printed as {}", sources.text(printed));
            let formatted = syntax::format(&sources, file);
            assert!(!matches!(formatted, Err(Unformatted::Changed)), "the layout changes the meaning");
        }
        check(&syntax::parse_project(&sources, file).1, &sources);
        check(&syntax::parse_topology(&sources, file).1, &sources);
    }
});

fn check(problems: &Diagnostics, sources: &SourceMap) {
    for problem in problems.iter() {
        let spans = problem.span.into_iter().chain(problem.secondary.iter().map(|(span, _)| *span));
        for span in spans {
            assert!(span.start <= span.end && span.end as usize <= sources.text(span.file).len(), "{problem:?}");
        }
    }
    let _ = render::json(problems, sources);
}
