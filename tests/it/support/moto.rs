//! A server that speaks S3, from Python's packages, with one empty bucket.

use std::process::Command;

use super::cluster::free_port;
use super::objects::{Place, SECRET, Server};

const BUCKET: &str = "features";
const REGION: &str = "us-east-1";

/// Starts it, if it is installed.
pub(crate) fn start(test: &str) -> Option<Place> {
    let port = free_port();
    let mut command = Command::new("moto_server");
    command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
    let server = Server::start(test, &mut command, port, "pip install 'moto[server]'")?;
    // It believes who says who it is, like the real one never would.
    let who = format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/s3/aws4_request, SignedHeaders=host, Signature=0"
    );
    server.put(&format!("/{BUCKET}"), &[("Authorization", &who)]);
    let endpoint = server.endpoint();
    let variables = [
        ("AWS_ENDPOINT", endpoint.as_str()),
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
    ];
    Some(Place::new(server, &format!("s3://{BUCKET}/windrow"), &variables))
}
