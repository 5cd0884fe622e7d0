//! From host names to addresses.

use super::url::Url;
use crate::errors::{Code, Failure};
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use tokio::sync::oneshot;

/// Stack of the thread that asks the system's resolver, in bytes. It needs about twenty thousand.
const STACK_BYTES: usize = 128 * 1024;

/// The addresses of a URL's host, best first. Only names need a thread, which ends with the answer.
pub async fn resolve(url: &Url) -> Result<Vec<SocketAddr>, Failure> {
    if let Ok(address) = url.host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, url.port)]);
    }
    let unknown = |why: &str| Failure::new(Code::NotFound, format!("{} can't be resolved: {why}", url.host));
    let (sender, receiver) = oneshot::channel();
    let location = (url.host.clone(), url.port);
    std::thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(move || {
            let found = location.to_socket_addrs().map(Iterator::collect::<Vec<_>>);
            let _ = sender.send(found);
        })
        .map_err(|error| Failure::new(Code::Connect, format!("No thread to resolve {}: {error}", url.host)))?;
    match receiver.await {
        Ok(Ok(addresses)) if !addresses.is_empty() => Ok(addresses),
        Ok(Err(error)) => {
            let text = error.to_string();
            Err(unknown(text.rsplit(": ").next().unwrap_or(&text)))
        }
        _ => Err(unknown("no address")),
    }
}
