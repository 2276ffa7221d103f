//! What a real broker is started with so that it also listens with TLS and asks for a password.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Whom it lets in.
pub(crate) const USER: &str = "windrow";

/// A key and a certificate for loopback.
pub(crate) struct Secure {
    /// What clients trust.
    pub(crate) certificate: PathBuf,
    both: PathBuf,
}

impl Secure {
    /// Makes them in a folder.
    pub(crate) fn new(folder: &Path) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        let (key, certificate) = (folder.join("key.pem"), folder.join("certificate.pem"));
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"])
            .args(["-addext", "subjectAltName=IP:127.0.0.1", "-keyout"])
            .arg(&key)
            .arg("-out")
            .arg(&certificate)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let both = folder.join("both.pem");
        let texts = [std::fs::read(&key).unwrap(), std::fs::read(&certificate).unwrap()].concat();
        std::fs::write(&both, texts).unwrap();
        Self { certificate, both }
    }

    /// The command line of a broker that asks at that port for that password, by PLAIN or SCRAM. Users of the
    /// latter are made with the broker's folder, those of the former stand in its settings.
    pub(crate) fn asking(&self, port: u16, mechanism: &str, password: &str) -> Vec<String> {
        let is_plain = mechanism == "PLAIN";
        let module = if is_plain { "plain.PlainLoginModule" } else { "scram.ScramLoginModule" };
        let known = if is_plain { format!(" user_{USER}=\"{password}\"") } else { String::new() };
        let jaas = format!("org.apache.kafka.common.security.{module} required{known};");
        let listener = "listener.name.secure";
        let settings = [
            format!("{listener}.sasl.enabled.mechanisms={mechanism}"),
            format!("{listener}.{}.sasl.jaas.config={jaas}", mechanism.to_lowercase()),
            format!("{listener}.ssl.keystore.type=PEM"),
            format!("{listener}.ssl.keystore.location={}", self.both.display()),
        ];
        let mut more = vec!["--secure".to_owned(), port.to_string()];
        more.extend(settings.into_iter().flat_map(|line| ["--setting".to_owned(), line]));
        if !is_plain {
            more.extend(["--user".to_owned(), format!("{mechanism}=[name={USER},password={password}]")]);
        }
        more
    }
}
