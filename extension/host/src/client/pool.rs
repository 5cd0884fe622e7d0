//! Connections that are kept between requests.

use super::outgoing::Outgoing;
use super::proxy::Proxy;
use crate::clock;
use crate::passage::Passage;
use hyper::client::conn::http1::SendRequest;
use std::cell::RefCell;
use std::os::fd::RawFd;
use std::rc::Rc;
use tokio::task::AbortHandle;

/// The most idle connections that are kept, over all hosts.
const KEPT: usize = 16;

/// How long a connection is kept, in milliseconds, whose request wanted a new one.
const UNKNOWN_MAX_IDLE_MS: f64 = 60_000.0;

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
    pub sender: SendRequest<Outgoing>,
    pub _task: Task,
    pub socket: RawFd,
    pub passage: Rc<Passage>,
}

/// The task that moves a connection's bytes; it owns the socket and ends with this.
pub struct Task(pub AbortHandle);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A point in time by both clocks: one is for freezes, the other for machines that were suspended.
#[derive(Clone, Copy)]
pub struct Moment {
    wall: f64,
    since_boot: f64,
}

impl Moment {
    pub fn now() -> Self {
        Self { wall: clock::wall(), since_boot: clock::since_boot() }
    }
}

struct Idle {
    key: Key,
    connection: Connection,
    since: Moment,
    /// What the request that it served allows.
    max_idle_ms: f64,
}

impl Idle {
    /// Whether it has been idle for less than `limit_ms` by both clocks.
    fn is_younger_than(&self, limit_ms: f64, now: Moment) -> bool {
        let by_wall = now.wall - self.since.wall;
        by_wall > -STEP_BACK_MS && by_wall.max(now.since_boot - self.since.since_boot) < limit_ms
    }
}

#[derive(Default)]
pub struct Pool {
    /// Longest idle first.
    idle: RefCell<Vec<Idle>>,
}

impl Pool {
    /// The connection to `key` that was used last, if it has been idle for less than `max_idle_ms` and looks alive.
    pub fn take(&self, key: &Key, max_idle_ms: f64) -> Option<Connection> {
        let now = Moment::now();
        let mut idle = self.idle.borrow_mut();
        // Whoever asked for it will not ask again for one that has become too old: nor is it left to its peer.
        idle.retain(|entry| entry.is_younger_than(entry.max_idle_ms, now) && !entry.connection.sender.is_closed());
        loop {
            let wanted = |entry: &Idle| entry.key == *key && entry.is_younger_than(max_idle_ms, now);
            let at = idle.iter().rposition(wanted)?;
            let connection = idle.remove(at).connection;
            // Asked of the chosen one alone, as it takes a system call.
            if connection.is_alive() {
                return Some(connection);
            }
        }
    }

    /// Keeps a connection whose response has been read to the end, and which is idle since `since`, for requests that
    /// allow for `max_idle_ms`.
    pub fn put(&self, key: Key, connection: Connection, max_idle_ms: f64, since: Moment) {
        let mut idle = self.idle.borrow_mut();
        idle.retain(|entry| !entry.connection.sender.is_closed());
        if idle.len() == KEPT {
            idle.remove(0);
        }
        // A request that wanted a new connection says nothing about the next one.
        let max_idle_ms = if max_idle_ms > 0.0 { max_idle_ms } else { UNKNOWN_MAX_IDLE_MS };
        idle.push(Idle { key, connection, since, max_idle_ms });
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
