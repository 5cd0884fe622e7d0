//! HTTP/1.1 servers: listening and the limit on connections. One connection is in `connection`, one request in `exchange`.

mod body;
mod connection;
mod exchange;

use crate::api::Host;
use crate::errors::{Code, Failure};
use crate::race::{race, First};
use crate::text;
use connection::Peer;
use exchange::Reply;
use hyper::header::HeaderName;
use rquickjs::{Ctx, Function, Object, Persistent, Value};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io::{Error, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::AsRawFd;
use std::rc::Rc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{oneshot, Notify};
use tokio::task::AbortHandle;

/// Connections that the kernel keeps for us until we accept them.
const BACKLOG: u32 = 1024;

#[derive(Default)]
pub struct Servers {
    last: Cell<u32>,
    listening: RefCell<HashMap<u32, (Rc<Server>, AbortHandle)>>,
    waiting: RefCell<HashMap<u32, oneshot::Sender<Reply>>>,
}

/// What all connections of one server share.
pub struct Server {
    max_body_bytes: usize,
    max_connections: usize,
    raw_member: String,
    header_names: Vec<HeaderName>,
    handler: Persistent<Function<'static>>,
    peers: RefCell<Vec<Rc<Peer>>>,
    freed: Notify,
    closed: Cell<bool>,
}

/// Starts a server. Gives `{ id, port }`, or throws.
pub fn start<'js>(host: &Rc<Host>, ctx: &Ctx<'js>, options: &Object<'js>, handler: Function<'js>) -> rquickjs::Result<Object<'js>> {
    let port = options.get::<_, f64>("port")?;
    let listener = listen(port).map_err(|failure| failure.throw(ctx))?;
    let bound = listener.local_addr().map_err(|error| listen_failure(port, &error).throw(ctx))?;
    let server = Rc::new(Server {
        max_body_bytes: options.get::<_, f64>("maxBodyBytes")? as usize,
        max_connections: (options.get::<_, f64>("maxConnections")? as usize).max(1),
        raw_member: text::optional(ctx, options.get::<_, Value>("rawMember")?).unwrap_or_default(),
        header_names: header_names(ctx, options)?,
        handler: Persistent::save(ctx, handler),
        peers: RefCell::default(),
        freed: Notify::new(),
        closed: Cell::new(false),
    });
    let id = host.servers.next();
    let task = tokio::task::spawn_local(accept(host.clone(), server.clone(), listener));
    host.servers.listening.borrow_mut().insert(id, (server, task.abort_handle()));
    let result = Object::new(ctx.clone())?;
    result.set("id", id)?;
    result.set("port", bound.port())?;
    Ok(result)
}

/// Names that no header can have are left out, as no request brings them.
fn header_names<'js>(ctx: &Ctx<'js>, options: &Object<'js>) -> rquickjs::Result<Vec<HeaderName>> {
    let names: Option<Vec<Value>> = options.get("headerNames")?;
    let names = names.unwrap_or_default().into_iter().filter_map(|name| text::optional(ctx, name));
    Ok(names.filter_map(|name| HeaderName::from_bytes(name.as_bytes()).ok()).collect())
}

impl Servers {
    fn next(&self) -> u32 {
        self.last.set(self.last.get().wrapping_add(1));
        self.last.get()
    }

    /// Stops listening and ends the connections on which nothing is going on; the others end after their response.
    pub fn close(&self, id: u32) {
        let Some((server, accepting)) = self.listening.borrow_mut().remove(&id) else { return };
        accepting.abort();
        server.closed.set(true);
        for peer in server.peers.borrow().iter().filter(|peer| peer.is_idle()) {
            peer.end.notify_one();
        }
    }

    /// Answers a request that the handler was given. Has no effect if the client is gone or was answered already.
    pub fn respond(&self, exchange: u32, status: f64, body: Option<String>) {
        if let Some(waiting) = self.waiting.borrow_mut().remove(&exchange) {
            let _ = waiting.send(Reply { status: status as u16, body: body.unwrap_or_default() });
        }
    }
}

/// Listens on all interfaces, IPv6 and IPv4 by one socket where the system has both.
fn listen(port: f64) -> Result<TcpListener, Failure> {
    let number = port as u16;
    if f64::from(number) != port {
        return Err(Failure::invalid(format!("{port} is not a TCP port")));
    }
    let try_on = |socket: std::io::Result<TcpSocket>, address: SocketAddr| {
        let socket = socket?;
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    let both = try_on(TcpSocket::new_v6(), (Ipv6Addr::UNSPECIFIED, number).into());
    let listener = match both {
        Err(error) if error.kind() != ErrorKind::AddrInUse => try_on(TcpSocket::new_v4(), (Ipv4Addr::UNSPECIFIED, number).into()),
        other => other,
    };
    listener.map_err(|error| listen_failure(port, &error))
}

fn listen_failure(port: f64, error: &Error) -> Failure {
    let code = match error.kind() {
        ErrorKind::AddrInUse => Code::AddressInUse,
        ErrorKind::PermissionDenied => Code::NoAccess,
        _ => Code::Connect,
    };
    Failure::new(code, format!("Can't listen on port {port}: {error}"))
}

async fn accept(host: Rc<Host>, server: Rc<Server>, listener: TcpListener) {
    loop {
        wait_for_a_place(&server, &listener).await;
        match listener.accept().await {
            Ok((stream, _)) => {
                let peer = Peer::admit(&server);
                tokio::task::spawn_local(connection::serve(host.clone(), server.clone(), peer, stream));
            }
            // Too few file descriptors, most likely; a client that gave up is not worth a word either.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// Waits until there are fewer connections than allowed. When others queue up meanwhile, the one that has been doing
/// nothing for longest has to go, so that clients which merely hold a connection can't lock out the rest.
async fn wait_for_a_place(server: &Server, listener: &TcpListener) {
    while server.peers.borrow().len() >= server.max_connections {
        let freed = race(server.freed.notified(), tokio::time::sleep(Duration::from_secs(1))).await;
        if matches!(freed, First::Right(())) && has_queue(listener) {
            let peers = server.peers.borrow();
            if let Some(idlest) = peers.iter().filter(|peer| peer.is_idle()).min_by_key(|peer| peer.since.get()) {
                idlest.end.notify_one();
            }
        }
    }
}

fn has_queue(listener: &TcpListener) -> bool {
    let mut poll = libc::pollfd { fd: listener.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: one structure, and the call does not wait.
    unsafe { libc::poll(&mut poll, 1, 0) > 0 }
}
