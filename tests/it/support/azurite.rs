//! A server that speaks Azure Blob, from npm's packages, with one empty container.

use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::cluster::free_port;
use super::objects::{Place, SECRET, Server};

const ACCOUNT: &str = "windrow";
const CONTAINER: &str = "features";
const DATE: &str = "Thu, 01 Jan 2026 00:00:00 GMT";
const VERSION: &str = "2021-08-06";
/// Of SHA-256.
const BLOCK: usize = 64;

/// Starts it, if it is installed.
pub(crate) fn start(test: &str) -> Option<Place> {
    let port = free_port();
    let mut command = Command::new("azurite-blob");
    command.args(["--blobHost", "127.0.0.1", "--blobPort", &port.to_string(), "--inMemoryPersistence"]);
    command.args(["--skipApiVersionCheck", "--disableTelemetry", "--silent"]);
    command.env("AZURITE_ACCOUNTS", format!("{ACCOUNT}:{SECRET}"));
    let server = Server::start(test, &mut command, port, "npm install azurite")?;
    create_container(&server);
    let endpoint = format!("{}/{ACCOUNT}", server.endpoint());
    let variables = [
        ("AZURE_STORAGE_ENDPOINT", endpoint.as_str()),
        ("AZURE_ALLOW_HTTP", "true"),
        ("AZURE_STORAGE_ACCOUNT_NAME", ACCOUNT),
        ("AZURE_STORAGE_ACCOUNT_KEY", SECRET),
    ];
    Some(Place::new(server, &format!("az://{CONTAINER}/windrow"), &variables))
}

/// Signed as Azure wants it: the verb, eleven headers that are not there, those that are, and the resource.
fn create_container(server: &Server) {
    let path = format!("/{ACCOUNT}/{CONTAINER}");
    let absent = "\n".repeat(12);
    let signed =
        format!("PUT{absent}x-ms-date:{DATE}\nx-ms-version:{VERSION}\n/{ACCOUNT}{path}\nrestype:container");
    let key = STANDARD.decode(SECRET).unwrap();
    let signature = STANDARD.encode(hmac(&key, signed.as_bytes()));
    let who = format!("SharedKey {ACCOUNT}:{signature}");
    let headers = [("x-ms-date", DATE), ("x-ms-version", VERSION), ("Authorization", &who)];
    server.put(&format!("{path}?restype=container"), &headers);
}

/// RFC 2104, with SHA-256 and a key that is shorter than its block.
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let padded = |pad: u8| {
        let mut block = [pad; BLOCK];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().to_vec()
}
