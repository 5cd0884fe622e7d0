//! The connections of a server, and which of them have to go when there are too many.

use std::cell::{Cell, RefCell};
use std::os::fd::{AsRawFd, RawFd};
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::sync::Notify;

/// How long a client may take between two steps, where there are others that wait. In a rush of connections a client
/// may need tens of milliseconds until it comes to send its request.
const PATIENCE: Duration = Duration::from_millis(100);

pub struct Peers {
    most: usize,
    all: RefCell<Vec<Rc<Peer>>>,
    /// Told of each connection that ends.
    pub freed: Notify,
}

/// What the server knows of a connection.
pub struct Peer {
    socket: RawFd,
    state: Cell<State>,
    /// When something last came from it or was handed to it.
    since: Cell<Instant>,
    /// Ends the connection at once.
    pub end: Notify,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Between requests. The head of the next one may have come in part.
    Idle,
    /// The body of a request is on its way.
    Reading,
    Answering,
}

impl Peers {
    pub fn new(most: usize) -> Self {
        Self { most, all: RefCell::default(), freed: Notify::new() }
    }

    pub fn admit(&self, stream: &TcpStream) -> Rc<Peer> {
        let peer = Rc::new(Peer {
            socket: stream.as_raw_fd(),
            state: Cell::new(State::Idle),
            since: Cell::new(Instant::now()),
            end: Notify::new(),
        });
        self.all.borrow_mut().push(peer.clone());
        peer
    }

    pub fn remove(&self, peer: &Rc<Peer>) {
        self.all.borrow_mut().retain(|other| !Rc::ptr_eq(other, peer));
        self.freed.notify_one();
    }

    /// Ends those that are between two requests.
    pub fn end_idle(&self) {
        for peer in self.all.borrow().iter().filter(|peer| peer.state.get() == State::Idle) {
            peer.end.notify_one();
        }
    }

    /// Whether there is room for one more. Where there is none, those that owe the server something go, all at once: a
    /// request, or the rest of one, of which nothing has come for a moment.
    pub fn make_room(&self) -> bool {
        let mut all = self.all.borrow_mut();
        if all.len() >= self.most {
            all.retain(|peer| {
                let goes = peer.is_silent();
                if goes {
                    peer.end.notify_one();
                }
                !goes
            });
        }
        all.len() < self.most
    }
}

impl Peer {
    /// Something has come from it, or has been handed to it.
    pub fn set(&self, state: State) {
        self.state.set(state);
        self.since.set(Instant::now());
    }

    /// Whether it has long been its turn to send something, and nothing has come. (While the process was stopped, much
    /// may have.)
    fn is_silent(&self) -> bool {
        if self.state.get() == State::Answering || self.since.get().elapsed() < PATIENCE {
            return false;
        }
        let mut poll = libc::pollfd { fd: self.socket, events: libc::POLLIN, revents: 0 };
        // SAFETY: one structure, and the call does not wait. The descriptor is open, as a connection is taken off the
        // list in the same step in which its socket is closed.
        unsafe { libc::poll(&mut poll, 1, 0) == 0 }
    }
}
