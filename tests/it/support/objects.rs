//! A server of objects as a process on a free port; killed when dropped. A test that needs one says so and passes
//! where it is not installed.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::cluster::until;

/// A canary, in base64 as Azure writes keys.
pub(crate) const SECRET: &str = "Y2FuYXJ5LW9mLWEtc2VjcmV0LWtleQ==";

/// A running server.
pub(crate) struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// Starts it; `None`: it is not installed, which is said with how to get it.
    pub(super) fn start(test: &str, command: &mut Command, port: u16, how_to_get: &str) -> Option<Self> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let Ok(child) = child else {
            let program = command.get_program().display().to_string();
            let _ = writeln!(std::io::stderr(), "left out: {test} needs {program}: {how_to_get}");
            return None;
        };
        let server = Self { child, port };
        until("objects are served", || TcpStream::connect(("127.0.0.1", port)).ok());
        Some(server)
    }

    /// Where it serves.
    pub(super) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A request without content; its answer must be one of success.
    pub(super) fn put(&self, path: &str, headers: &[(&str, &str)]) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let own = format!("Host: 127.0.0.1:{}\r\nContent-Length: 0\r\nConnection: close\r\n", self.port);
        let more: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        write!(stream, "PUT {path} HTTP/1.1\r\n{own}{more}\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 20"), "{answer}");
    }

    /// SIGSTOP and SIGCONT.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where checkpoints are kept, and what a process needs to get there.
pub(crate) struct Place {
    pub(crate) server: Server,
    pub(crate) url: String,
    pub(crate) variables: Vec<(String, String)>,
}

impl Place {
    pub(super) fn new(server: Server, url: &str, variables: &[(&str, &str)]) -> Self {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self { server, url: url.to_owned(), variables: variables.collect() }
    }
}
