//! `windrow cluster` (hidden): one embedded Kafka cluster in the foreground. The demo starts a process of it
//! per cluster, so that killing and freezing one is real.

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

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
    /// Topic to create if it does not exist; may be given several times
    #[arg(long = "topic", value_name = "NAME:PARTITIONS", num_args = 1.., value_parser = topic)]
    topics: Vec<Topic>,
    /// Stop when standard input closes: a parent that holds the other end leaves no orphan behind
    #[arg(long)]
    exit_with_parent: bool,
}

/// Serves until told to stop. Prints `{"bootstrap":"127.0.0.1:PORT"}` on standard output once clients can
/// connect.
///
/// # Errors
/// The cluster does not start, ends by itself, or cannot be stopped cleanly.
pub fn run(args: Args) -> Result<(), Error> {
    let (stop, stopped) = mpsc::channel();
    stop_on_signal(stop.clone())?;
    let cluster = EmbeddedCluster::serve(Options { dir: args.dir, port: args.port, topics: args.topics })?;
    if args.exit_with_parent {
        stop_on_end_of_input(stop)?;
    }
    announce(&cluster).map_err(Error::Thread)?;
    loop {
        match stopped.recv_timeout(LOOK_EVERY) {
            Err(RecvTimeoutError::Timeout) if cluster.is_running() => {}
            _ => return cluster.stop(),
        }
    }
}

fn announce(cluster: &EmbeddedCluster) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", serde_json::json!({ "bootstrap": cluster.bootstrap() }))?;
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
        let mut ignored = [0; 64];
        while io::stdin().read(&mut ignored).is_ok_and(|count| count > 0) {}
        let _ = stop.send(());
    };
    std::thread::Builder::new().name("parent".to_owned()).spawn(watch).map_err(Error::Thread)?;
    Ok(())
}

fn topic(text: &str) -> Result<Topic, String> {
    let (name, partitions) = text.rsplit_once(':').ok_or("expected NAME:PARTITIONS")?;
    let partitions = partitions.parse().map_err(|_| format!("`{partitions}` is no number of partitions"))?;
    Ok(Topic { name: name.to_owned(), partitions })
}
