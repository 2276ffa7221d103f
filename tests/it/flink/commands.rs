//! What a bundle's `run-local` says about commands that cannot work. No Flink is needed to say it.

use std::path::Path;
use std::process::{Command, Stdio};

use windrow::types::EventTime;

use super::project::features;
use crate::support::{Scratch, root};

/// The bundle of `spend`, and an input beside it.
fn bundle() -> Scratch {
    let scratch = Scratch::new();
    for (path, file) in &features().bundle(&features().deployment("spend")).files {
        scratch.file(&format!("bundle/{path}"), &file.text);
    }
    scratch.file("in.jsonl", "{}\n");
    scratch.file("in.csv", "a,b\n");
    std::fs::create_dir(scratch.path().join("empty")).unwrap();
    scratch
}

/// A Python of the system, which has no Flink; the test fails where there is none, as bundles would.
fn run_local(scratch: &Scratch, python: &str, arguments: &str) -> (Option<i32>, String) {
    let output = Command::new("sh")
        .arg("bundle/run-local")
        .args(arguments.split_whitespace())
        .current_dir(scratch.path())
        .env("WINDROW_FLINK_PYTHON", python)
        .env_remove("PYTHONPATH")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

pub(super) fn check(scratch: &Scratch, python: &str, arguments: &str, code: i32, said: &str) {
    let (found, message) = run_local(scratch, python, arguments);
    assert_eq!(found, Some(code), "{arguments}: {message}");
    let folder = scratch.path().canonicalize().unwrap();
    let message = message.replace(folder.to_str().unwrap(), "HERE");
    let error = message.lines().next().unwrap();
    assert_eq!(error, format!("error: {said}"), "{arguments}");
    let rest: Vec<_> = message.lines().skip(1).collect();
    assert!(rest.len() <= 1 && rest.iter().all(|line| line.starts_with("hint: ")), "{message}");
}

#[test]
fn commands_that_cannot_work_are_answered_in_a_line() {
    let scratch = bundle();
    for (arguments, code, said) in [
        ("", 2, "--until is missing: files end, and the end of input is not a time"),
        ("--until 2024-05-01", 2, "--input is missing for: purchases"),
        ("--until 1 --input in.jsonl", 2, "--out is missing for: user_spend"),
        (
            "--until noon",
            2,
            "--until: `noon` is not a time: expected ISO 8601 (2024-05-01T12:00:00Z) or milliseconds since 1970",
        ),
        (
            "--until 1 --input prchases=in.jsonl",
            2,
            "--input prchases=in.jsonl: there is no source `prchases` in this bundle",
        ),
        ("--until 1 --input in.jsonl --input in.jsonl", 2, "--input: `purchases` is given twice"),
        ("--until 1 --input no", 3, "the input HERE/no cannot be read: No such file or directory"),
        ("--until 1 --input empty", 3, "the input HERE/empty is a folder without files"),
        (
            "--until 1 --input in.csv",
            2,
            "the input HERE/in.csv is not JSON lines, which is all that a bundle reads",
        ),
        ("--until 1 --input in.jsonl --out empty", 2, "the output HERE/empty is a folder"),
        ("--until 1 --input in.jsonl --out in.jsonl", 2, "the output HERE/in.jsonl is also an input"),
        (
            "--until 1 --input in.jsonl --out o --dead-letters o",
            2,
            "two outputs would be the same file: HERE/o",
        ),
        (
            "--until 1 --input in.jsonl --out no/o",
            3,
            "the output HERE/no/o cannot be written: there is no folder HERE/no",
        ),
        (
            "--until 1 --input in.jsonl --out spend=o",
            2,
            "--out spend=o: there is no output `spend` in this bundle",
        ),
        ("--until 1 --input in.jsonl --out o --set x", 2, "--set x: expected KEY=VALUE"),
        ("--until 1 --input in.jsonl --out o --parallelism 0", 2, "--parallelism: at least 1"),
        ("--unitl 1", 2, "unrecognized arguments: --unitl 1"),
        ("--source kafka --out o", 2, "--out is for runs over files"),
        ("--source kafka --client-properties no", 3, "there is no folder no"),
        ("--until 1 --lease -1 --input in.jsonl --out o", 2, "--lease: not below 0"),
    ] {
        check(&scratch, "python3", arguments, code, said);
    }
    let mut left: Vec<_> =
        std::fs::read_dir(scratch.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["bundle", "empty", "in.csv", "in.jsonl"], "nothing was written");
}

#[test]
fn what_must_be_installed_is_named() {
    let scratch = bundle();
    let works = "--until 1 --input in.jsonl --out o";
    check(&scratch, "no-python", works, 3, "no-python is not there");
    // -S leaves out installed packages, so that this Python has no Flink anywhere.
    let bare = scratch.file("bare", "#!/bin/sh\nexec python3 -S \"$@\"\n");
    make_executable(&bare);
    let (code, message) = run_local(&scratch, bare.to_str().unwrap(), works);
    assert_eq!(code, Some(3), "{message}");
    assert!(message.starts_with("error: Apache Flink is not installed for "), "{message}");
    assert!(message.contains("\nhint: ") && message.contains("requirements.txt"), "{message}");
    assert_eq!(message.lines().count(), 2, "{message}");
}

fn make_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// As [`EventTime`] reads them: the ends of time, which are Flink's own marks, apart.
const TIMES: [&str; 44] = [
    "0",
    "-1",
    "+5",
    "1714564800000",
    "9223372036854775806",
    "9223372036854775808",
    "20240501",
    "2024-05-01",
    "2024-02-30",
    "2023-02-29",
    "2024-5-1",
    "2024-05-01T12:00:00Z",
    "2024-05-01t12:00:00z",
    "2024-05-01T12:00:00",
    "2024-05-01 12:00:00",
    "2024-05-01 12:00:00Z",
    "2024-05-01T12:00",
    "2024-05-01T12:00Z",
    "2024-05-01T12",
    "2024-05-01T12:00:00+02:00",
    "2024-05-01T12:00:00-0230",
    "2024-05-01T12:00:00+02",
    "2024-05-01T12:00:00.1",
    "2024-05-01T12:00:00.123456789Z",
    "2024-05-01T12:00:00,5Z",
    "1969-12-31T23:59:59.9999Z",
    "1969-12-31T23:59:59.0001",
    "0001-01-01",
    "9999-12-30T23:59:59.999Z",
    "2024-05-01T24:00:00Z",
    "2024-05-01T23:59:60Z",
    "2024-05-01T23:60:00Z",
    "20240501T120000Z",
    "2024-05-01T",
    "2024-05-01Z",
    "2024-05-01T12:00:00 Z",
    " 2024-05-01",
    "2024-05-01T1200",
    "2024-13-01",
    "noon",
    "",
    "1e3",
    "1_000",
    "2024-05-01T12:00:00Zz",
];

#[test]
fn a_bundle_reads_the_times_that_windrow_reads() {
    let script = "import options, sys
for text in sys.argv[1:]:
    try: print(options.instant(text))
    except options.argparse.ArgumentTypeError: print('-')";
    let output = Command::new("python3")
        .args(["-B", "-c", script])
        .args(TIMES)
        .env("PYTHONPATH", root().join("templates/flink"))
        .output()
        .unwrap();
    let found = String::from_utf8(output.stdout).unwrap();
    let shown =
        |text: &&str| text.parse::<EventTime>().map_or("-".to_owned(), |time| time.millis().to_string());
    let pairs = |values: Vec<String>| TIMES.iter().copied().zip(values).collect::<Vec<_>>();
    assert_eq!(pairs(found.lines().map(str::to_owned).collect()), pairs(TIMES.iter().map(shown).collect()));
}
