//! New connections: name, TCP, proxy, TLS.

use super::proxy::Proxy;
use super::resolve::resolve;
use super::tls;
use super::url::Url;
use crate::errors::{Code, Failure};
use crate::race::{race, First};
use crate::stream::Stream;
use rustls::ClientConfig;
use std::cell::Cell;
use std::future::{poll_fn, Future};
use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::net::TcpStream;

/// How long one address is tried before the next one is tried beside it.
const HEAD_START: Duration = Duration::from_millis(250);

/// Opens a connection to `url`, through `proxy` if there is one, under TLS if there is a configuration.
/// `step` is kept up to date with what is going on, for the message of a timeout.
pub async fn connect(
    url: &Url,
    proxy: Option<&Proxy>,
    tls: Option<Arc<ClientConfig>>,
    step: &Cell<&'static str>,
) -> Result<Stream, Failure> {
    let next_hop = proxy.map_or(url, |proxy| &proxy.url);
    step.set("resolving its name");
    let addresses = resolve(next_hop).await?;
    step.set("connecting");
    let mut stream = dial(addresses).await.map_err(|error| connect_failure(next_hop, proxy.is_some(), &error))?;
    let _ = stream.set_nodelay(true);
    let Some(config) = tls else { return Ok(Stream::plain(stream)) };
    if let Some(proxy) = proxy {
        step.set("waiting for the proxy");
        proxy.open_tunnel(&mut stream, url).await?;
    }
    step.set("in the TLS handshake");
    tls::handshake(url, config, stream).await
}

type Attempt = Pin<Box<dyn Future<Output = std::io::Result<TcpStream>>>>;

/// Tries the addresses in order; one that fails or takes long does not keep the next from being tried.
async fn dial(addresses: Vec<SocketAddr>) -> std::io::Result<TcpStream> {
    let mut addresses = addresses.into_iter();
    let mut attempts: Vec<Attempt> = Vec::new();
    let mut failure: Option<Error> = None;
    loop {
        if let Some(address) = addresses.next() {
            attempts.push(Box::pin(TcpStream::connect(address)));
        }
        if attempts.is_empty() {
            return Err(failure.unwrap_or_else(|| ErrorKind::AddrNotAvailable.into()));
        }
        let finished = first_finished(&mut attempts);
        let outcome = if addresses.len() == 0 {
            Some(finished.await)
        } else {
            match race(finished, tokio::time::sleep(HEAD_START)).await {
                First::Left(outcome) => Some(outcome),
                First::Right(()) => None,
            }
        };
        match outcome {
            Some(Ok(stream)) => return Ok(stream),
            // A refusal says more than the lack of a route by another address family.
            Some(Err(error)) if failure.as_ref().is_none_or(|known| known.kind() != ErrorKind::ConnectionRefused) => {
                failure = Some(error)
            }
            _ => {}
        }
    }
}

async fn first_finished(attempts: &mut Vec<Attempt>) -> std::io::Result<TcpStream> {
    poll_fn(|task| {
        for at in 0..attempts.len() {
            if let Poll::Ready(outcome) = attempts[at].as_mut().poll(task) {
                drop(attempts.swap_remove(at));
                return Poll::Ready(outcome);
            }
        }
        Poll::Pending
    })
    .await
}

fn connect_failure(url: &Url, is_proxy: bool, error: &Error) -> Failure {
    let code = match error.kind() {
        ErrorKind::ConnectionRefused => Code::Refused,
        ErrorKind::ConnectionReset => Code::Reset,
        ErrorKind::TimedOut => Code::TimedOut,
        _ => Code::Connect,
    };
    let what = if is_proxy { "the proxy " } else { "" };
    Failure::new(code, format!("Can't connect to {what}{}: {error}", url.host_and_port()))
}
