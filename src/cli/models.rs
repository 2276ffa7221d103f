//! Who answers model calls on the command line: workers for whatever runs plans, and, for the oracle, one plain
//! process per question that shares nothing with them.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::calls::Workers;
use crate::dataflow::Caller;
use crate::model::{Call, WireField, WireType};
use crate::oracle::Models;
use crate::types::{DataType, Row, TimeUnit, Value};

/// Which Python runs models; else the `python3` of PATH.
const PYTHON: &str = "WINDROW_PYTHON";
/// How long the oracle's process may take for all rows of a call.
const DEADLINE: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(5);

fn python() -> PathBuf {
    std::env::var_os(PYTHON).filter(|named| !named.is_empty()).unwrap_or_else(|| "python3".into()).into()
}

/// The folder that modules are looked for in: the project's, or that of a lone file.
pub(super) fn folder(root: &Path) -> PathBuf {
    let folder = if root.is_dir() { root } else { root.parent().unwrap_or(root) };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf())
}

/// Starts nothing before there is a call.
pub(super) fn caller(root: &Path) -> Arc<dyn Caller> {
    Arc::new(Workers::new(python(), folder(root), log))
}

/// What a worker writes to stderr: into the log of a run, or beside what a command says.
#[expect(clippy::print_stderr, reason = "workers write at any time, from threads of their own")]
fn log(worker: &str, line: &str) {
    if tracing::dispatcher::has_been_set() {
        tracing::info!(worker, "{line}");
    } else {
        eprintln!("{worker}: {line}");
    }
}

/// The oracle's way to a model: a program is written that calls the function for each row, and run.
#[derive(Debug)]
pub(super) struct Plain {
    folder: PathBuf,
}

pub(super) fn plain(root: &Path) -> Arc<dyn Models> {
    Arc::new(Plain { folder: folder(root) })
}

impl Models for Plain {
    fn answers(&self, call: &Call, rows: &[Row]) -> Vec<Option<Json>> {
        let program = program(call, rows);
        let said = self.run(&program).unwrap_or_else(|error| panic!("`{}`: {error}", call.function));
        let answers: Vec<Option<Json>> =
            said.lines().map(|line| serde_json::from_str(line).ok().flatten()).collect();
        assert_eq!(answers.len(), rows.len(), "`{}` was called for each row", call.function);
        answers
    }
}

impl Plain {
    fn run(&self, program: &str) -> std::io::Result<String> {
        let mut command = Command::new(python());
        command
            .arg("-")
            .current_dir(&self.folder)
            .env("PYTHONHASHSEED", "0")
            .env("PYTHONDONTWRITEBYTECODE", "1");
        let said = tempfile::tempfile()?;
        command.stdin(Stdio::piped()).stdout(said.try_clone()?).stderr(Stdio::inherit());
        let mut child = command.spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(program.as_bytes())?;
        }
        let began = Instant::now();
        while child.try_wait()?.is_none() {
            if began.elapsed() > DEADLINE {
                child.kill()?;
                child.wait()?;
                return Err(std::io::Error::other(format!("no end after {DEADLINE:?}")));
            }
            std::thread::sleep(LOOK);
        }
        let mut said = said;
        std::io::Seek::rewind(&mut said)?;
        std::io::read_to_string(said)
    }
}

/// Rows as Python writes them, one call each; an answer is a line, and an exception is `null`.
fn program(call: &Call, rows: &[Row]) -> String {
    let (module, function) = call.function.split_once(':').unwrap_or((&call.function, ""));
    let only = match call.returns.as_slice() {
        [only] => format!("{:?}", only.wire_name),
        _ => "None".to_owned(),
    };
    let units: Vec<String> = call.returns.iter().filter_map(nanoseconds).collect();
    let mut program = format!(
        "{PRELUDE}import {module}\nfunction, only, units = {module}.{function}, {only}, {{{}}}\n",
        units.join(", ")
    );
    for row in rows {
        let of = call.arguments.iter().zip(row);
        let values: Vec<_> = of.map(|(argument, value)| literal(argument.data_type, value)).collect();
        let _ = writeln!(program, "say({})", values.join(", "));
    }
    program
}

const PRELUDE: &str = r#"
import asyncio, base64, inspect, json, os, sys
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
sys.path.insert(0, os.getcwd())
out, sys.stdout = sys.stdout, sys.stderr
START = datetime(1970, 1, 1, tzinfo=timezone.utc)

def plain(value):
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value)

def finite(value):
    if isinstance(value, dict):
        return {name: finite(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [finite(inner) for inner in value]
    return None if isinstance(value, float) and value - value != 0 else value

def say(*arguments):
    try:
        answer = function(*arguments)
        if inspect.isawaitable(answer):
            answer = asyncio.run(answer)
        if only and not isinstance(answer, dict):
            answer = {only: answer}
        for name, unit in units.items():
            if isinstance(answer.get(name), datetime):
                answer = {**answer, name: (answer[name] - START) // timedelta(microseconds=1) * 1000 // unit}
        line = json.dumps(finite(json.loads(json.dumps(answer, default=plain))))
    except Exception as error:
        print(repr(error), file=sys.stderr)
        line = "null"
    print(line, file=out)

"#;

/// How long a unit of a returned time is.
fn nanoseconds(returned: &WireField) -> Option<String> {
    let WireType::Stamp(unit) = returned.wire_type else { return None };
    let unit: u32 = match unit {
        TimeUnit::Seconds => 1_000_000_000,
        TimeUnit::Millis => 1_000_000,
        TimeUnit::Micros => 1_000,
        TimeUnit::Nanos => 1,
    };
    Some(format!("{:?}: {unit}", returned.wire_name))
}

fn literal(of: DataType, value: &Value) -> String {
    let text = |text: &str| serde_json::to_string(text).expect("text is JSON");
    match (of, value) {
        (_, Value::Null) => "None".to_owned(),
        (_, Value::Bool(value)) => if *value { "True" } else { "False" }.to_owned(),
        (_, Value::Int(value)) => value.to_string(),
        (_, Value::Double(value)) => format!("float(\"{value}\")"),
        (_, Value::Decimal(value)) => format!("Decimal(\"{value}\")"),
        (_, Value::String(value)) => text(value),
        (_, Value::Timestamp(value)) => format!("START + timedelta(milliseconds={})", value.0),
        (_, Value::Date(value)) => format!("date.fromisoformat(\"{value}\")"),
        (_, Value::Bytes(value)) => format!("bytes({:?})", value.to_vec()),
        (DataType::List(of), Value::List(values)) => {
            let values: Vec<_> = values.iter().map(|value| literal(of.data_type, value)).collect();
            format!("[{}]", values.join(", "))
        }
        (DataType::Map(of), Value::Map(entries)) => {
            let entry = |(key, value): &(Value, Value)| {
                format!("{}: {}", literal(of.key, key), literal(of.value.data_type, value))
            };
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        (DataType::Struct(of), Value::Struct(values)) => {
            let each = of.fields.iter().zip(values.iter());
            let field = |(field, value): (&crate::types::Field, &Value)| {
                format!("{}: {}", text(&field.name), literal(field.data_type, value))
            };
            format!("{{{}}}", each.map(field).collect::<Vec<_>>().join(", "))
        }
        (of, Value::List(_) | Value::Map(_) | Value::Struct(_)) => unreachable!("{of} is not nested"),
    }
}
