//! Connections that are kept between requests.

use super::body::OneShot;
use super::proxy::Proxy;
use crate::clock;
use hyper::client::conn::http1::SendRequest;
use std::cell::RefCell;
use std::os::fd::RawFd;
use tokio::task::AbortHandle;

/// The most idle connections that are kept, over all hosts.
const KEPT: usize = 16;

/// A clock that has gone back by more than this many milliseconds says nothing about how long a connection was idle.
const STEP_BACK_MS: f64 = 1000.0;

/// What two requests must have in common to use the same connection.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    pub host: String,
    pub port: u16,
    /// Number of the TLS configuration; `None` without TLS.
    pub tls: Option<u32>,
    pub proxy: Option<Proxy>,
}

/// A connection. Dropping it closes the socket at once, whatever was going on.
pub struct Connection {
    pub sender: SendRequest<OneShot>,
    pub _task: Task,
    pub socket: RawFd,
}

/// The task that moves a connection's bytes; it owns the socket and ends with this.
pub struct Task(pub AbortHandle);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

struct Idle {
    key: Key,
    connection: Connection,
    wall: f64,
    since_boot: f64,
}

#[derive(Default)]
pub struct Pool {
    /// Longest idle first.
    idle: RefCell<Vec<Idle>>,
}

impl Pool {
    /// The connection to `key` that was used last, if it has been idle for less than `max_idle_ms` and looks alive.
    pub fn take(&self, key: &Key, max_idle_ms: f64) -> Option<Connection> {
        let (wall, since_boot) = (clock::wall(), clock::since_boot());
        let mut idle = self.idle.borrow_mut();
        idle.retain(|entry| entry.connection.is_alive());
        let fresh = |entry: &Idle| {
            let by_wall = wall - entry.wall;
            by_wall > -STEP_BACK_MS && by_wall.max(since_boot - entry.since_boot) < max_idle_ms
        };
        let at = idle.iter().rposition(|entry| entry.key == *key && fresh(entry))?;
        Some(idle.remove(at).connection)
    }

    /// Keeps a connection whose response has been read to the end.
    pub fn put(&self, key: Key, connection: Connection) {
        let mut idle = self.idle.borrow_mut();
        idle.retain(|entry| !entry.connection.sender.is_closed());
        if idle.len() == KEPT {
            idle.remove(0);
        }
        idle.push(Idle { key, connection, wall: clock::wall(), since_boot: clock::since_boot() });
    }
}

impl Connection {
    /// Whether the peer has left an idle connection alone. Anything to read means that it closed it, or is about to.
    fn is_alive(&self) -> bool {
        if self.sender.is_closed() {
            return false;
        }
        let mut byte = 0u8;
        // SAFETY: one byte of room, nothing waited for, nothing taken out. The descriptor is open, as its owner, the
        // connection's task, has not ended (the check before).
        let count = unsafe { libc::recv(self.socket, (&raw mut byte).cast(), 1, libc::MSG_PEEK | libc::MSG_DONTWAIT) };
        count < 0 && std::io::Error::last_os_error().kind() == std::io::ErrorKind::WouldBlock
    }
}
