//! What a wait that fails shows: processes that this thread's test has started, with their logs, their status
//! files, and where each of their threads waits. A failure on another machine must be clear from its output.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

/// Lines of a log, from its end.
const LOG_LINES: usize = 60;

thread_local! {
    static WATCHED: RefCell<Vec<Watched>> = const { RefCell::new(Vec::new()) };
}

struct Watched {
    what: String,
    pid: u32,
    files: Vec<PathBuf>,
}

/// Watches a process until it is dropped.
pub(crate) struct Watch(u32);

impl Watch {
    pub(crate) fn new(what: &str, pid: u32, files: &[PathBuf]) -> Self {
        let watched = Watched { what: what.to_owned(), pid, files: files.to_vec() };
        WATCHED.with_borrow_mut(|all| all.push(watched));
        Self(pid)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        WATCHED.with_borrow_mut(|all| all.retain(|watched| watched.pid != self.0));
    }
}

/// Everything that is watched, as it stands now.
pub(crate) fn testimony() -> String {
    WATCHED.with_borrow(|all| all.iter().map(Watched::show).collect())
}

impl Watched {
    fn show(&self) -> String {
        let mut text = format!("\n--- {} (process {}): {}\n", self.what, self.pid, threads(self.pid));
        for file in &self.files {
            let content = fs::read_to_string(file).unwrap_or_else(|error| error.to_string());
            let lines: Vec<_> = content.lines().collect();
            let end = lines[lines.len().saturating_sub(LOG_LINES)..].join("\n");
            writeln!(text, "--- {}\n{end}", file.display()).expect("a string takes text");
        }
        text
    }
}

/// Every thread with its state, and what it waits for in the kernel.
fn threads(pid: u32) -> String {
    let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else { return "has ended".to_owned() };
    let read = |path: PathBuf| fs::read_to_string(path).unwrap_or_default().trim().to_owned();
    let mut shown: Vec<_> = tasks
        .flatten()
        .map(|task| {
            let stat = read(task.path().join("stat"));
            let state = stat.rsplit(") ").next().and_then(|rest| rest.chars().next()).unwrap_or('?');
            let call = read(task.path().join("syscall"));
            let call = call.split(' ').next().unwrap_or_default().to_owned();
            format!(
                "{} {state} {} call {call}",
                read(task.path().join("comm")),
                read(task.path().join("wchan"))
            )
        })
        .collect();
    shown.sort_unstable();
    shown.join("; ")
}

#[test]
fn a_wait_that_fails_shows_the_processes_of_its_test() {
    let scratch = super::Scratch::new();
    let log = scratch.file("log", "the last words\n");
    let mut child = std::process::Command::new("sleep").arg("1000").spawn().unwrap();
    let watch = Watch::new("a sleeper", child.id(), &[log]);
    // Just started, it may still be this program's copy, or not sleep yet.
    let shown = super::cluster::until("the sleeper to sleep", || {
        Some(testimony()).filter(|shown| shown.contains("sleep S "))
    });
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(shown.contains("a sleeper") && shown.contains("the last words"), "{shown}");
    assert!(testimony().contains("has ended"), "{}", testimony());
    drop(watch);
    assert_eq!(testimony(), "");
}
