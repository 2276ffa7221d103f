//! The functions of a run by what is called, and what is wrong where one cannot be.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use serde_json::Value as Json;

use crate::dataflow::{Answer, Caller, NobodyAnswers, Request};
use crate::diag::{Code, Diagnostic, Diagnostics, Span, nearest};
use crate::plan::{Call, Operator, Plan};
use crate::wire;

use super::function::{Function, Settings, StartError};

/// Where lines go that a worker writes to stderr: its function's name, and the line.
pub type Log = fn(&str, &str);

/// How many of the folders that were searched are said.
const SEARCHED_SAID: usize = 4;

/// Python processes, one for each function with its settings.
#[derive(Debug)]
pub struct Workers {
    settings: Settings,
    functions: Mutex<BTreeMap<String, Arc<Mutex<Function>>>>,
}

/// The requests of one function, and their places among all.
type Part = (Arc<Mutex<Function>>, Vec<usize>, Vec<String>);

impl Workers {
    /// Starts nothing yet. `folder` is the project's: where modules are looked for, and where workers run.
    #[must_use]
    pub fn new(python: PathBuf, folder: PathBuf, log: Log) -> Self {
        let settings = Settings { python, folder, log, given_up: Arc::new(AtomicBool::new(false)) };
        Self { settings, functions: Mutex::default() }
    }

    fn function(&self, call: &Call) -> Arc<Mutex<Function>> {
        // Streams with equal functions share a process, whatever stands in their arguments.
        let Call { function: _, arguments: _, returns: _, timeout_ms, concurrency: _, retry } = call;
        let key = format!("{} {timeout_ms} {retry}", wire::worker_spec(call));
        let mut functions = locked(&self.functions);
        let new = || Arc::new(Mutex::new(Function::new(self.settings.clone(), call)));
        Arc::clone(functions.entry(key).or_insert_with(new))
    }

    fn problem(&self, call: &Call, at: Span, error: &StartError) -> Diagnostic {
        let function = &call.function;
        let (python, folder) = (self.settings.python.display(), self.settings.folder.display());
        match error {
            StartError::NoPython(error) => {
                let message = format!("`{function}` needs Python, and `{python}` cannot be started: {error}");
                Diagnostic::error(Code::E0842, at, message).hint("WINDROW_PYTHON names the interpreter")
            }
            StartError::NoFunction(said) => not_found(function, at, &said_as_json(said), &folder.to_string()),
            StartError::Ended(why) => {
                let message = format!("the worker of `{function}` ended before it was ready: {why}");
                Diagnostic::error(Code::E0841, at, message).hint("what it wrote stands above")
            }
            StartError::Silent => {
                let message =
                    format!("the module of `{function}` takes longer than two minutes to be imported");
                Diagnostic::error(Code::E0841, at, message).hint("load what is large when it is first needed")
            }
            StartError::GivenUp => {
                let message = format!("the module of `{function}` was not waited for: the end was asked for");
                Diagnostic::error(Code::E0841, at, message)
            }
        }
    }

    fn parts(&self, requests: &[Request<'_>]) -> Vec<Part> {
        let mut parts: Vec<(&Call, Part)> = Vec::new();
        for (place, Request { call, arguments }) in requests.iter().enumerate() {
            let known = parts.iter().position(|(of, _)| std::ptr::eq(*of, *call));
            let at = known.unwrap_or_else(|| {
                parts.push((call, (self.function(call), Vec::new(), Vec::new())));
                parts.len() - 1
            });
            let (_, (_, places, texts)) = &mut parts[at];
            places.push(place);
            texts.push(wire::encode_arguments(call, arguments));
        }
        parts.into_iter().map(|(_, part)| part).collect()
    }
}

impl Caller for Workers {
    fn ready(&self, plan: &Plan) -> Diagnostics {
        let mut problems = Diagnostics::default();
        for node in plan.topological().into_iter().map(|id| plan.node(id)) {
            let Operator::Call(call) = &node.operator else { continue };
            if let Err(error) = locked(&self.function(call)).start() {
                problems.push(self.problem(call, node.origin, &error));
            }
        }
        problems
    }

    fn answers(&self, requests: &[Request<'_>]) -> Result<Vec<Answer>, NobodyAnswers> {
        let mut parts = self.parts(requests);
        let answered: Vec<_> = if let [part] = parts.as_mut_slice() {
            vec![locked(&part.0).answers(&part.2)]
        } else {
            thread::scope(|scope| {
                let ask = |part: &'_ Part| locked(&part.0).answers(&part.2);
                let running: Vec<_> = parts.iter().map(|part| scope.spawn(move || ask(part))).collect();
                let join = |handle: thread::ScopedJoinHandle<'_, _>| {
                    handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                };
                running.into_iter().map(join).collect()
            })
        };
        let mut answers: Vec<Answer> = requests.iter().map(|_| Err(String::new())).collect();
        for ((_, places, _), part) in parts.iter().zip(answered) {
            let nobody = |error| NobodyAnswers {
                function: requests[places[0]].call.function.clone(),
                why: why(&error),
            };
            for (place, answer) in places.iter().zip(part.map_err(nobody)?) {
                answers[*place] = answer;
            }
        }
        Ok(answers)
    }

    fn give_up(&self) {
        self.settings.given_up.store(true, Ordering::Relaxed);
    }
}

/// A panic elsewhere is reported there; what it held is as it was between two calls.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn said_as_json(said: &str) -> Json {
    serde_json::from_str(said).unwrap_or_else(|_| said.into())
}

/// In a line.
fn why(error: &StartError) -> String {
    match error {
        StartError::NoPython(error) => format!("Python cannot be started: {error}"),
        StartError::NoFunction(said) => {
            let said = said_as_json(said);
            format!("its {} is gone: {}", text(&said, "what"), text(&said, "detail"))
        }
        StartError::Ended(why) => format!("its worker ended before it was ready: {why}"),
        StartError::Silent => "its module is not imported within two minutes".to_owned(),
        StartError::GivenUp => "nobody waits for it any more".to_owned(),
    }
}

fn text<'j>(json: &'j Json, name: &str) -> &'j str {
    json[name].as_str().unwrap_or_default()
}

fn texts<'j>(json: &'j Json, name: &str) -> Vec<&'j str> {
    json[name].as_array().into_iter().flatten().filter_map(Json::as_str).collect()
}

fn not_found(function: &str, at: Span, said: &Json, folder: &str) -> Diagnostic {
    let (module, name) = function.split_once(':').unwrap_or((function, ""));
    let detail = text(said, "detail");
    match text(said, "what") {
        "module" => {
            let searched = texts(said, "searched");
            let more = searched.len().saturating_sub(SEARCHED_SAID);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let shown = searched.iter().take(SEARCHED_SAID).copied().collect::<Vec<_>>().join(", ");
            Diagnostic::error(Code::E0840, at, format!("there is no module `{module}`"))
                .note(format!("searched: {shown}{more}"))
                .hint(format!("in this project it would be {folder}/{}.py", module.replace('.', "/")))
        }
        "function" => {
            let names = texts(said, "names");
            let message = format!("`{}` has no function `{name}`", text(said, "place"));
            let problem = Diagnostic::error(Code::E0840, at, message);
            match nearest(name, names.iter().copied()) {
                Some(near) => problem.hint(format!("did you mean `{near}`?")),
                None if names.is_empty() => problem.hint(format!("write `def {name}(…)` into it")),
                None => problem.hint(format!("it has: {}", names.join(", "))),
            }
        }
        _ => {
            Diagnostic::error(Code::E0841, at, format!("the module `{module}` cannot be imported: {detail}"))
                .hint(format!("try `python3 -c 'import {module}'` in {folder}"))
        }
    }
}
