//! `windrow cluster` (hidden): one Kafka cluster in the foreground, embedded or a real broker. The demo and the
//! tests start a process of it per cluster, so that killing and freezing one is real.

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::Command;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::Duration;

use rustix::process::{Signal, getppid, kill_process, set_parent_process_death_signal};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::executor::apache;
use crate::executor::embedded::{EmbeddedCluster, Error, Options, Topic};

/// How often to look whether the cluster still serves.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Run one embedded Kafka cluster until SIGTERM.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Folder for its data; a cluster that is started on it again has everything it acknowledged
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Port on 127.0.0.1; 0 picks a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Port that clients are told to connect to: of something between them and this [default: its own]
    #[arg(long)]
    advertise: Option<u16>,
    /// Topic to create if it does not exist; may be given several times
    #[arg(long = "topic", value_name = "NAME:PARTITIONS", num_args = 1.., value_parser = topic)]
    topics: Vec<Topic>,
    /// Stop when standard input closes: a parent that holds the other end leaves no orphan behind
    #[arg(long)]
    exit_with_parent: bool,
    /// Become a broker of Apache Kafka instead; `--port` must say which port
    #[arg(long, requires = "port")]
    real: bool,
    /// Let the real broker also listen there, with TLS and SASL, as its settings of `listener.name.secure` say
    #[arg(long, requires = "real", value_name = "PORT")]
    secure: Option<u16>,
    /// A line of the real broker's settings; may be given several times
    #[arg(long, requires = "real", value_name = "NAME=VALUE")]
    setting: Vec<String>,
    /// Someone whom the real broker knows by SCRAM from its first start on; may be given several times
    #[arg(long, requires = "real", value_name = "MECHANISM=[name=NAME,password=PASSWORD]")]
    user: Vec<String>,
    /// Attend to the real broker that is this process's parent
    #[arg(long, hide = true)]
    attend: bool,
}

/// Why there is no cluster, or no longer.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    #[error(transparent)]
    Embedded(#[from] Error),
    #[error(transparent)]
    Apache(#[from] apache::Error),
}

/// Serves until told to stop. Prints `{"bootstrap":"127.0.0.1:PORT"}` on standard output once clients can
/// connect.
///
/// # Errors
/// The cluster does not start, ends by itself, or cannot be stopped cleanly.
pub fn run(args: Args) -> Result<(), Failed> {
    if args.attend {
        return attend(&args);
    }
    if args.real {
        let mut attendant = Command::new(std::env::current_exe().map_err(Error::Thread)?);
        attendant.args(std::env::args_os().skip(1)).arg("--attend");
        let (broker, secure) = (args.port, args.secure);
        let ports = apache::Ports { broker, advertised: args.advertise.unwrap_or(broker), secure };
        let beside = apache::Beside { settings: args.setting, users: args.user };
        return Err(apache::become_broker(&args.dir, ports, &beside, &mut attendant).into());
    }
    Ok(embedded(args)?)
}

/// Says when the broker serves; ends it with whoever holds the other end of standard input, and ends with it.
fn attend(args: &Args) -> Result<(), Failed> {
    let broker = getppid();
    let _ = set_parent_process_death_signal(Some(Signal::KILL));
    let kill = || {
        // Ours until it has ended: its number is not given away while we are its child.
        if let Some(broker) = broker.filter(|_| getppid() == broker) {
            let _ = kill_process(broker, Signal::KILL);
        }
    };
    if let Err(error) = apache::attend(args.port, &args.topics) {
        kill();
        return Err(error.into());
    }
    announce(&format!("127.0.0.1:{}", args.port)).map_err(Error::Thread)?;
    if args.exit_with_parent {
        await_end_of_input();
        kill();
    }
    Ok(())
}

fn embedded(args: Args) -> Result<(), Error> {
    let (stop, stopped) = mpsc::channel();
    stop_on_signal(stop.clone())?;
    let cluster = EmbeddedCluster::serve(Options {
        dir: args.dir,
        port: args.port,
        advertise: args.advertise,
        topics: args.topics,
    })?;
    if args.exit_with_parent {
        stop_on_end_of_input(stop)?;
    }
    announce(&cluster.bootstrap()).map_err(Error::Thread)?;
    loop {
        match stopped.recv_timeout(LOOK_EVERY) {
            Err(RecvTimeoutError::Timeout) if cluster.is_running() => {}
            _ => return cluster.stop(),
        }
    }
}

fn announce(bootstrap: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", serde_json::json!({ "bootstrap": bootstrap }))?;
    out.flush()
}

fn stop_on_signal(stop: Sender<()>) -> Result<(), Error> {
    let mut signals = Signals::new([SIGTERM, SIGINT]).map_err(Error::Thread)?;
    // The thread ends with the process.
    let watch = move || {
        if signals.forever().next().is_some() {
            let _ = stop.send(());
        }
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(watch).map_err(Error::Thread)?;
    Ok(())
}

fn stop_on_end_of_input(stop: Sender<()>) -> Result<(), Error> {
    let watch = move || {
        await_end_of_input();
        let _ = stop.send(());
    };
    std::thread::Builder::new().name("parent".to_owned()).spawn(watch).map_err(Error::Thread)?;
    Ok(())
}

fn await_end_of_input() {
    let mut ignored = [0; 64];
    while io::stdin().read(&mut ignored).is_ok_and(|count| count > 0) {}
}

fn topic(text: &str) -> Result<Topic, String> {
    let (name, partitions) = text.rsplit_once(':').ok_or("expected NAME:PARTITIONS")?;
    let partitions = partitions.parse().map_err(|_| format!("`{partitions}` is no number of partitions"))?;
    Ok(Topic { name: name.to_owned(), partitions })
}
