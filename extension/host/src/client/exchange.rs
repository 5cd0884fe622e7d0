//! One request and its response, on a kept connection or on a new one.

use super::acknowledged::acknowledged;
use super::body::receive;
use super::connect::connect;
use super::outgoing::Outgoing;
use super::pool::{Connection, Key, Moment, Task};
use super::request::Exchange;
use super::url::Url;
use super::{tls, Network};
use crate::errors::{Code, Failure};
use crate::passage::Passage;
use crate::race::{race, First};
use crate::stream::Stream;
use crate::tasks;
use hyper::client::conn::http1;
use hyper::header::{HeaderMap, HeaderValue, CONTENT_LENGTH, PROXY_AUTHORIZATION};
use hyper::{Method, Request, StatusCode, Uri};
use std::cell::Cell;
use std::error::Error;
use std::future::Future;
use std::io::ErrorKind;
use std::iter::successors;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

/// Bytes that the HTTP library may buffer of a response's head, or between two reads of its body.
const BUFFER_BYTES: usize = 64 * 1024;

pub struct Response {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// How far a request has come, for the message of a timeout.
#[derive(Default)]
pub struct Progress {
    pub step: Cell<&'static str>,
    pub reused: Cell<bool>,
}

const WAITING: &str = "waiting for the response";

/// Performs a request within its time.
pub async fn perform(network: &Network, exchange: Exchange, progress: &Progress) -> Result<Response, Failure> {
    // Boxed, as each future around it would take its size again, on the stack and in the task.
    let outcome = within(exchange.timeout, Box::pin(attempt(network, &exchange, progress))).await;
    outcome.unwrap_or_else(|limit| Err(timed_out(&exchange, progress, limit)))
}

/// The future's output, or the limit that it has exceeded.
async fn within<F: Future>(limit: Option<Duration>, future: F) -> Result<F::Output, Duration> {
    match limit {
        Some(limit) => tokio::time::timeout(limit, future).await.map_err(|_| limit),
        None => Ok(future.await),
    }
}

fn timed_out(exchange: &Exchange, progress: &Progress, limit: Duration) -> Failure {
    let message =
        format!("{} took longer than {} ms, {}", exchange.url.host_and_port(), limit.as_millis(), progress.step.get());
    Failure::new(Code::TimedOut, message).on_reused(progress.reused.get())
}

async fn attempt(network: &Network, exchange: &Exchange, progress: &Progress) -> Result<Response, Failure> {
    let config = exchange.url.secure.then(|| network.tls.get(&exchange.tls)).transpose()?;
    let key = Key {
        host: exchange.url.host.clone(),
        port: exchange.url.port,
        tls: config.as_ref().map(|config| config.id),
        proxy: exchange.proxy.clone(),
    };
    while let Some(connection) = network.pool.take(&key, exchange.max_idle_ms) {
        progress.step.set(WAITING);
        progress.reused.set(true);
        let sent = within(exchange.reused_timeout, send(network, exchange, &key, connection, true)).await;
        match sent {
            Ok(Some(outcome)) => return outcome,
            // A connection that turns out closed before anything was written to it was as good as not there.
            Ok(None) => {}
            Err(limit) => return Err(timed_out(exchange, progress, limit)),
        }
    }
    progress.reused.set(false);
    let stream =
        Box::pin(connect(&exchange.url, exchange.proxy.as_ref(), config.map(|config| config.client), &progress.step))
            .await?;
    let connection = open(exchange, stream).await?;
    progress.step.set(WAITING);
    let outcome = send(network, exchange, &key, connection, false).await;
    outcome.unwrap_or_else(|| {
        Err(Failure::new(Code::Reset, format!("{} closed the connection", exchange.url.host_and_port())))
    })
}

async fn open(exchange: &Exchange, stream: Stream) -> Result<Connection, Failure> {
    let socket = stream.socket();
    let passage = Rc::new(Passage::default());
    let opened = http1::Builder::new().max_buf_size(BUFFER_BYTES).handshake(stream.telling(passage.clone())).await;
    let (sender, connection) = opened.map_err(|error| failure(&exchange.url, &error))?;
    let task = tasks::spawn(async move {
        let _ = connection.await;
    });
    Ok(Connection { sender, _task: Task(task), socket, passage })
}

/// Sends the request and reads the response. `None` if the connection was closed before it took the request.
async fn send(
    network: &Network,
    exchange: &Exchange,
    key: &Key,
    mut connection: Connection,
    reused: bool,
) -> Option<Result<Response, Failure>> {
    if connection.sender.ready().await.is_err() {
        return None;
    }
    let passage = exchange.on_acknowledged.as_ref().map(|_| connection.passage.clone());
    let request = match message(exchange, passage) {
        Ok(request) => request,
        Err(failure) => return Some(Err(failure)),
    };
    let mut arrived = None;
    let mut response = pin!(connection.sender.try_send_request(request));
    let answer = match &exchange.on_acknowledged {
        None => response.await,
        Some(tell) => match race(response.as_mut(), acknowledged(&connection)).await {
            First::Left(answer) => answer,
            First::Right(()) => {
                arrived = Some(Moment::now());
                tell(reused);
                response.await
            }
        },
    };
    let response = match answer {
        Ok(response) => response,
        Err(error) if error.message().is_some() => return None,
        Err(error) => return Some(Err(failure(&exchange.url, error.error()).on_reused(reused))),
    };
    let (head, incoming) = response.into_parts();
    if let Some(proxy) = exchange
        .proxy
        .as_ref()
        .filter(|_| head.status == StatusCode::PROXY_AUTHENTICATION_REQUIRED && key.tls.is_none())
    {
        return Some(Err(proxy.refusal(head.status.as_u16(), head.status.canonical_reason().unwrap_or_default())));
    }
    let received = match receive(incoming, exchange.max_response_bytes).await {
        Ok(received) => received,
        Err(error) => return Some(Err(failure(&exchange.url, &error).on_reused(reused))),
    };
    if received.complete {
        // Since then the process may have been stopped: when the response came can't be known.
        let since = arrived.unwrap_or_else(Moment::now);
        network.pool.put(key.clone(), connection, exchange.max_idle_ms, since);
    }
    Some(Ok(Response { status: head.status.as_u16(), headers: head.headers, body: received.bytes }))
}

fn message(exchange: &Exchange, passage: Option<Rc<Passage>>) -> Result<Request<Outgoing>, Failure> {
    let through = exchange.proxy.as_ref().filter(|_| !exchange.url.secure);
    let target = match through {
        Some(_) => format!("http://{}{}", exchange.url.authority(), exchange.url.path),
        None => exchange.url.path.clone(),
    };
    let mut request = Request::new(Outgoing::new(exchange.body.clone(), passage));
    *request.method_mut() = exchange.method.clone();
    *request.uri_mut() = Uri::try_from(target)
        .map_err(|_| Failure::invalid("The URL can't be used: its path is too long or malformed"))?;
    *request.headers_mut() = exchange.headers.clone();
    // A length of zero tells a request without a body from one whose body is missing, where a body is usual.
    if exchange.body.is_empty() && [Method::POST, Method::PUT, Method::PATCH].contains(&exchange.method) {
        request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    if let Some(authorization) = through.and_then(|proxy| proxy.authorization.as_deref()) {
        let value = HeaderValue::from_str(authorization)
            .map_err(|_| Failure::invalid("The proxy's credentials can't be used"))?;
        request.headers_mut().insert(PROXY_AUTHORIZATION, value);
    }
    Ok(request)
}

/// What an error of the HTTP library means.
fn failure(url: &Url, error: &hyper::Error) -> Failure {
    let peer = url.host_and_port();
    let io =
        successors(error.source(), |&cause| cause.source()).find_map(|cause| cause.downcast_ref::<std::io::Error>());
    if let Some(error) = io.and_then(|error| error.get_ref()?.downcast_ref::<rustls::Error>()) {
        return tls::failure(url, error);
    }
    let is_garbled = |error: &std::io::Error| matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::InvalidInput);
    let (code, message) = match io {
        Some(error) if is_garbled(error) => (Code::Protocol, format!("{peer} does not speak HTTP/1.1: {error}")),
        Some(error) if error.kind() != ErrorKind::UnexpectedEof => {
            (Code::Reset, format!("{peer} broke the connection: {error}"))
        }
        None if error.is_parse() => (Code::Protocol, format!("{peer} does not speak HTTP/1.1: {error}")),
        _ => (Code::Reset, format!("{peer} closed the connection before the response was complete")),
    };
    Failure::new(code, message)
}
