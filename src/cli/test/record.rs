//! `windrow test --record`: a test from real events.

use std::sync::Arc;

use crate::diag::{Code, Diagnostic};
use crate::plan;
use crate::syntax;
use crate::syntax::ast::{Ast, Definition};
use crate::testing::{self, RecordError, Recorded, Recording};

use super::Args;
use crate::cli::load::Loaded;
use crate::cli::output::write_file;
use crate::cli::preview;
use crate::cli::{Exit, Failure, Output};

pub(super) fn run(args: &Args, name: &str, loaded: &Loaded, output: &mut Output) -> Result<Exit, Failure> {
    let of = preview::target(&loaded.model, name)?;
    let plan = loaded.runnable(plan::alone(&loaded.model.alone(of), of))?;
    let feeds = preview::feeds(&plan, name, &args.sources, args.arrival.as_deref())?;
    let records: Recorded = feeds.into_iter().map(|feed| (feed.source, feed.records)).collect();
    let title = match &args.key {
        Some(key) => format!("recorded: {key}"),
        None => "recorded".to_owned(),
    };
    let caller = Some(Arc::clone(&loaded.caller));
    let recording = Recording { of, title: &title, key: args.key.as_deref(), at: args.until, caller };
    let test = testing::record(&loaded.model, &recording, records).map_err(|error| failed(&error))?;
    let ast = Ast { definitions: vec![Definition::Test(test)], incomplete: false };
    let printed = syntax::print(&ast);
    match &args.out {
        Some(path) => write_file(path, &printed)?,
        None => output.data(&printed)?,
    }
    output.talk("what came out is what is expected: read it before you keep it");
    Ok(Exit::Fine)
}

fn failed(error: &RecordError) -> Failure {
    let problem = Diagnostic::without_place(Code::E0983, error.to_string());
    let problem = match error {
        RecordError::TooMany { .. } => {
            problem.hint("choose a key with `--key`, or give it a part of the file")
        }
        RecordError::Nothing { .. } => problem.hint("`windrow preview` shows the keys there are"),
        RecordError::Failed(_) => problem,
    };
    Failure::usage(problem)
}
