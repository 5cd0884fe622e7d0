//! One connection to a server, through all its requests.

use super::{exchange, Server};
use crate::api::Host;
use crate::race::race;
use crate::stream::Stream;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use std::cell::Cell;
use std::convert::Infallible;
use std::rc::Rc;
use std::time::Instant;
use tokio::net::TcpStream;
use tokio::sync::Notify;

/// Bytes that the HTTP library may buffer of a request's head, or between two reads of its body.
const BUFFER_BYTES: usize = 64 * 1024;

/// What the server knows of a connection.
pub struct Peer {
    busy: Cell<bool>,
    /// When it last changed between busy and idle.
    pub since: Cell<Instant>,
    /// Ends the connection at once.
    pub end: Notify,
}

impl Peer {
    pub fn admit(server: &Server) -> Rc<Self> {
        let peer = Rc::new(Self { busy: Cell::new(false), since: Cell::new(Instant::now()), end: Notify::new() });
        server.peers.borrow_mut().push(peer.clone());
        peer
    }

    /// Whether no request is being read or answered. One whose head is not complete does not count.
    pub fn is_idle(&self) -> bool {
        !self.busy.get()
    }

    fn set_busy(&self, busy: bool) {
        self.busy.set(busy);
        self.since.set(Instant::now());
    }
}

/// Gives the place back, however the connection ends.
struct Place<'a>(&'a Server, &'a Rc<Peer>);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.peers.borrow_mut().retain(|peer| !Rc::ptr_eq(peer, self.1));
        self.0.freed.notify_one();
    }
}

pub async fn serve(host: Rc<Host>, server: Rc<Server>, peer: Rc<Peer>, stream: TcpStream) {
    let _place = Place(&server, &peer);
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| {
        let (host, server, peer) = (host.clone(), server.clone(), peer.clone());
        async move {
            peer.set_busy(true);
            let response = exchange::answer(&host, &server, request).await;
            peer.set_busy(false);
            Ok::<_, Infallible>(response)
        }
    });
    let connection = http1::Builder::new().half_close(true).max_buf_size(BUFFER_BYTES).serve_connection(Stream::plain(stream), service);
    race(peer.end.notified(), Box::pin(connection)).await;
}
