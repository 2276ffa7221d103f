//! From this process to the broker.

use std::fs::{self, File};
use std::io::Read as _;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::Error;
use super::install::Installation;
use super::properties;

/// The controller's port is looked for this far below the broker's, so that neighbours rarely meet.
const CONTROLLER_BELOW: u16 = 12_000;
const LOG: &str = "broker.log";

/// Where a broker is to be found.
#[derive(Debug, Clone, Copy)]
pub struct Ports {
    /// Where it listens.
    pub broker: u16,
    /// Where it tells clients to go.
    pub advertised: u16,
    /// Where it also listens, under the name `SECURE`, with TLS and SASL.
    pub secure: Option<u16>,
}

/// What a broker is given beside what all have.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// Lines of `server.properties`.
    pub settings: Vec<String>,
    /// Users by SCRAM, as Kafka writes them. They are made with the folder.
    pub users: Vec<String>,
}

/// Formats the folder if it is new, starts `attendant`, and becomes the broker. Returns only if it cannot:
/// then nothing is left running.
pub fn become_broker(dir: &Path, ports: Ports, beside: &Beside, attendant: &mut Command) -> Error {
    match prepare(dir, ports, beside) {
        Ok(broker) => exec(dir, broker, attendant),
        Err(error) => error,
    }
}

fn prepare(dir: &Path, ports: Ports, beside: &Beside) -> Result<Command, Error> {
    let installation = Installation::find()?;
    fs::create_dir_all(dir).map_err(Error::io(dir))?;
    // A properties file has no current folder.
    let dir = dir.canonicalize().map_err(Error::io(dir))?;
    let (settings, data) = (dir.join("server.properties"), dir.join("data"));
    let mut text = properties::text(&data, ports, controller_port(ports.broker)?);
    text.extend(beside.settings.iter().map(|line| format!("{line}\n")));
    fs::write(&settings, text).map_err(Error::io(&settings))?;
    if !data.join("meta.properties").is_file() {
        format(&installation, &dir, &settings, &beside.users)?;
    }
    let mut broker = installation.java("kafka.Kafka");
    broker.arg(&settings);
    Ok(broker)
}

fn controller_port(port: u16) -> Result<u16, Error> {
    let below = port.saturating_sub(CONTROLLER_BELOW).max(1_024);
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    (below..port).find(is_free).ok_or(Error::NoPort(port))
}

fn format(installation: &Installation, dir: &Path, settings: &Path, users: &[String]) -> Result<(), Error> {
    let source = Path::new("/dev/urandom");
    let mut random = [0; 16];
    File::open(source).and_then(|mut file| file.read_exact(&mut random)).map_err(Error::io(source))?;
    let mut java = installation.java("kafka.tools.StorageTool");
    java.args(["format", "-t", &properties::cluster_id(random), "-c"]).arg(settings);
    java.args(users.iter().flat_map(|user| ["--add-scram", user]));
    let ended = java.stdin(Stdio::null()).output().map_err(Error::io(Path::new(java.get_program())))?;
    if ended.status.success() {
        return Ok(());
    }
    let said = [ended.stdout, ended.stderr].concat();
    Err(Error::Format { dir: dir.to_path_buf(), said: String::from_utf8_lossy(&said).into_owned() })
}

/// The attendant has our streams; the broker only a log.
fn exec(dir: &Path, mut broker: Command, attendant: &mut Command) -> Error {
    let path = dir.join(LOG);
    let log = File::options().create(true).append(true).open(&path);
    let streams = log.and_then(|log| Ok((log.try_clone()?, log)));
    let (stdout, stderr) = match streams {
        Ok(streams) => streams,
        Err(error) => return Error::io(&path)(error),
    };
    let mut attending = match attendant.spawn() {
        Ok(child) => child,
        Err(error) => return Error::io(Path::new(attendant.get_program()))(error),
    };
    let error = broker.stdin(Stdio::null()).stdout(stdout).stderr(stderr).exec();
    // Both fail harmlessly if it has ended already.
    let _ = attending.kill();
    let _ = attending.wait();
    Error::io(Path::new(broker.get_program()))(error)
}
