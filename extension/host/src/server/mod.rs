//! HTTP/1.1 servers: listening and the limit on connections. One connection is in `connection`, one request in
//! `exchange`.

mod body;
mod connection;
mod exchange;
mod peers;

use crate::engine::Engine;
use crate::errors::{Code, Failure};
use crate::race::race;
use crate::{tasks, text};
use exchange::Reply;
use hyper::header::HeaderName;
use peers::Peers;
use rquickjs::{Ctx, Function, Object, Persistent, Value};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io::{Error, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

/// Connections that the kernel keeps for us until we accept them.
const BACKLOG: u32 = 1024;

/// How often a connection that waits for a place looks for one, for want of an event when others become silent.
const NO_PLACE: Duration = Duration::from_millis(5);

pub struct Servers {
    engine: Rc<Engine>,
    last: Cell<u32>,
    listening: RefCell<HashMap<u32, (Rc<Server>, AbortHandle)>>,
    waiting: RefCell<HashMap<u32, oneshot::Sender<Reply>>>,
}

/// What all connections of one server share.
pub struct Server {
    max_body_bytes: usize,
    members: Vec<String>,
    header_names: Vec<HeaderName>,
    handler: Persistent<Function<'static>>,
    peers: Peers,
    closed: Cell<bool>,
}

impl Servers {
    pub fn new(engine: &Rc<Engine>) -> Rc<Self> {
        Rc::new(Self {
            engine: engine.clone(),
            last: Cell::default(),
            listening: RefCell::default(),
            waiting: RefCell::default(),
        })
    }

    /// Starts a server. Gives `{ id, port }`, or throws.
    pub fn start<'js>(
        self: &Rc<Self>,
        ctx: &Ctx<'js>,
        options: &Object<'js>,
        handler: Function<'js>,
    ) -> rquickjs::Result<Object<'js>> {
        let port = options.get::<_, f64>("port")?;
        let listener = listen(port).map_err(|failure| failure.throw(ctx))?;
        let bound = listener.local_addr().map_err(|error| listen_failure(port, &error).throw(ctx))?;
        let server = Rc::new(Server {
            max_body_bytes: options.get::<_, f64>("maxBodyBytes")? as usize,
            members: strings(options, "members")?,
            header_names: header_names(options)?,
            handler: Persistent::save(ctx, handler),
            peers: Peers::new((options.get::<_, f64>("maxConnections")? as usize).max(1)),
            closed: Cell::new(false),
        });
        let id = self.next();
        let task = tasks::spawn(accept(self.clone(), server.clone(), listener));
        self.listening.borrow_mut().insert(id, (server, task));
        let result = Object::new(ctx.clone())?;
        result.set("id", id)?;
        result.set("port", bound.port())?;
        Ok(result)
    }

    fn next(&self) -> u32 {
        self.last.set(self.last.get().wrapping_add(1));
        self.last.get()
    }

    /// Stops listening and ends the connections on which nothing is going on; the others end after their response.
    pub fn close(&self, id: u32) {
        let Some((server, accepting)) = self.listening.borrow_mut().remove(&id) else { return };
        accepting.abort();
        server.closed.set(true);
        server.peers.end_idle();
    }

    /// Answers a request that the handler was given. Has no effect if the client is gone or was answered already.
    pub fn respond(&self, exchange: u32, status: f64, body: Option<String>) {
        if let Some(waiting) = self.waiting.borrow_mut().remove(&exchange) {
            let _ = waiting.send(Reply { status: status as u16, body: body.unwrap_or_default() });
        }
    }
}

/// Names that no header can have are left out, as no request brings them.
fn header_names(options: &Object<'_>) -> rquickjs::Result<Vec<HeaderName>> {
    let names = strings(options, "headerNames")?;
    Ok(names.iter().filter_map(|name| HeaderName::from_bytes(name.as_bytes()).ok()).collect())
}

fn strings(options: &Object<'_>, name: &str) -> rquickjs::Result<Vec<String>> {
    let values: Option<Vec<Value>> = options.get(name)?;
    Ok(values.unwrap_or_default().into_iter().filter_map(text::optional).collect())
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
        Err(error) if error.kind() != ErrorKind::AddrInUse => {
            try_on(TcpSocket::new_v4(), (Ipv4Addr::UNSPECIFIED, number).into())
        }
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

async fn accept(servers: Rc<Servers>, server: Rc<Server>, listener: TcpListener) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Clients that merely hold a connection can't lock out the rest; while all are busy, it waits.
                while !server.peers.make_room() {
                    race(server.peers.freed.notified(), tokio::time::sleep(NO_PLACE)).await;
                }
                let peer = server.peers.admit(&stream);
                tasks::spawn(connection::serve(servers.clone(), server.clone(), peer, stream));
            }
            // Too few file descriptors, most likely; a client that gave up is not worth a word either.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}
