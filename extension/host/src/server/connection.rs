//! One connection to a server, through all its requests.

use super::peers::Peer;
use super::{exchange, Server, Servers};
use crate::race::race;
use crate::stream::Stream;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use std::convert::Infallible;
use std::rc::Rc;
use tokio::net::TcpStream;

/// Bytes that the HTTP library may buffer of a request's head, or between two reads of its body.
const BUFFER_BYTES: usize = 64 * 1024;

/// Gives the place back, however the connection ends.
struct Place<'a>(&'a Server, &'a Rc<Peer>);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.peers.remove(self.1);
    }
}

pub async fn serve(servers: Rc<Servers>, server: Rc<Server>, peer: Rc<Peer>, stream: TcpStream) {
    let _place = Place(&server, &peer);
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| {
        let (servers, server, peer) = (servers.clone(), server.clone(), peer.clone());
        async move { Ok::<_, Infallible>(exchange::answer(&servers, &server, &peer, request).await) }
    });
    let mut builder = http1::Builder::new();
    builder.half_close(true).max_buf_size(BUFFER_BYTES);
    let connection = builder.serve_connection(Stream::plain(stream), service);
    race(peer.end.notified(), Box::pin(connection)).await;
}
