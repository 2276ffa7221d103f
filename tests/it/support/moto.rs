//! A server that speaks S3, from Python's packages (`pip install 'moto[server]'`), on a free port; killed when
//! dropped. A test that needs it says so and passes where it is not installed.

use std::io::Write as _;
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use super::cluster::{free_port, until};

/// The bucket that there is.
pub(crate) const BUCKET: &str = "features";
const REGION: &str = "us-east-1";

/// A running server with one empty bucket.
pub(crate) struct Moto {
    child: Child,
    port: u16,
}

impl Moto {
    pub(crate) fn start(test: &str) -> Option<Self> {
        let port = free_port();
        let mut command = Command::new("moto_server");
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let Ok(child) = child else {
            let _ =
                writeln!(std::io::stderr(), "left out: {test} needs moto_server: pip install 'moto[server]'");
            return None;
        };
        let moto = Self { child, port };
        until("moto serves", || TcpStream::connect(("127.0.0.1", port)).ok());
        moto.create_bucket();
        Some(moto)
    }

    fn create_bucket(&self) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        // It believes who says who it is, like the real one never would.
        let who = format!(
            "AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/s3/aws4_request, SignedHeaders=host, Signature=0"
        );
        write!(
            stream,
            "PUT /{BUCKET} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: {who}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            self.port,
        )
        .unwrap();
        let mut answer = String::new();
        std::io::Read::read_to_string(&mut stream, &mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    /// What a process needs to reach it. The secret is one that must be seen nowhere.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        let endpoint = format!("http://127.0.0.1:{}", self.port);
        let all = [
            ("AWS_ENDPOINT", endpoint.as_str()),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", SECRET),
        ];
        all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// SIGSTOP and SIGCONT.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }
}

/// A canary.
pub(crate) const SECRET: &str = "canary-of-a-secret-key";

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
