//! A network between clients and one cluster that can be made to hold back what clients have sent: also after
//! they have given up and gone, it arrives later. That is what a frozen broker's buffers do, but at a time the
//! test chooses.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use super::cluster::free_port;

/// A port that leads to another one. Its threads end with the test process.
pub(crate) struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// While it is on, what clients send is held back, on all connections.
    holding: AtomicBool,
    /// Rung when held bytes may go on.
    released: (Mutex<u64>, Condvar),
    /// Bytes that are held back, or were.
    held_bytes: AtomicU64,
    /// Bytes that arrived after their client had gone.
    late_bytes: AtomicU64,
}

impl Proxy {
    /// Leads to that port of this machine.
    pub(crate) fn start(to: u16) -> Self {
        Self::start_on(free_port(), to)
    }

    pub(crate) fn start_on(port: u16, to: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("the port is free");
        let shared = Arc::new(Shared::default());
        let serving = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A cluster that is not there refuses: so does its proxy.
                let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, to)) else { continue };
                serving.serve(client, server);
            }
        });
        Self { port, shared }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// From now on what clients send stays here.
    pub(crate) fn hold(&self) {
        self.shared.holding.store(true, Ordering::SeqCst);
    }

    /// What is sent on new connections passes; what is held stays held.
    pub(crate) fn pass(&self) {
        self.shared.holding.store(false, Ordering::SeqCst);
    }

    /// What was held goes on its way, however long ago its client has gone.
    pub(crate) fn release(&self) {
        self.pass();
        *self.shared.released.0.lock().unwrap() += 1;
        self.shared.released.1.notify_all();
    }

    /// Bytes that were ever held back.
    pub(crate) fn held_bytes(&self) -> u64 {
        self.shared.held_bytes.load(Ordering::SeqCst)
    }

    /// Whether it has ever held anything back, or does: connections may still be at it.
    pub(crate) fn was_used(&self) -> bool {
        self.held_bytes() > 0 || self.shared.holding.load(Ordering::SeqCst)
    }

    /// Bytes that were delivered after their client had closed its end.
    pub(crate) fn late_bytes(&self) -> u64 {
        self.shared.late_bytes.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn serve(self: &Arc<Self>, client: TcpStream, server: TcpStream) {
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        let (answers, asker) = (server.try_clone().unwrap(), client.try_clone().unwrap());
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut &answers, &mut &asker);
            let _ = asker.shutdown(Shutdown::Both);
        });
        let shared = Arc::clone(self);
        std::thread::spawn(move || shared.forward(&client, &server));
    }

    fn forward(&self, mut client: &TcpStream, mut server: &TcpStream) {
        let (mut buffer, mut held) = (vec![0; 1 << 16], Vec::new());
        let mut began = 0;
        while let Ok(count @ 1..) = client.read(&mut buffer) {
            if held.is_empty() && !self.holding.load(Ordering::SeqCst) {
                if server.write_all(&buffer[..count]).is_err() {
                    break;
                }
                continue;
            }
            // A connection that has begun to be held stays so: bytes keep their order.
            if held.is_empty() {
                began = *self.released.0.lock().unwrap();
            }
            held.extend_from_slice(&buffer[..count]);
            self.held_bytes.fetch_add(count as u64, Ordering::SeqCst);
        }
        if !held.is_empty() {
            let released = self.released.0.lock().unwrap();
            drop(self.released.1.wait_while(released, |released| *released == began).unwrap());
            if server.write_all(&held).is_ok() {
                self.late_bytes.fetch_add(held.len() as u64, Ordering::SeqCst);
            }
            // Time to be carried out: a server may drop what is left of a connection that is closed.
            std::thread::sleep(std::time::Duration::from_secs(1));
        }
        let _ = server.shutdown(Shutdown::Both);
    }
}
