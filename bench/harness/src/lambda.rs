//! The Extensions API and the subscription of the Telemetry API, on loopback.

use crate::http::{serve, Connection, Message};
use std::io;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

const IDENTIFIER: &str = "6d1b0a52-5f43-4e0e-9a4f-0d6f6f1c7a11";

#[derive(Default)]
struct State {
    /// When each `/next` arrived.
    nexts: Vec<Instant>,
    /// Answers to `/next` that wait for it.
    events: Vec<String>,
    /// Where the extension wants its telemetry.
    receiver: Option<Receiver>,
}

#[derive(Clone)]
pub struct Receiver {
    pub port: u16,
    pub path: String,
}

#[derive(Clone, Default)]
pub struct Lambda {
    shared: Arc<(Mutex<State>, Condvar)>,
}

impl Lambda {
    pub fn start(&self) -> io::Result<u16> {
        let lambda = self.clone();
        serve(8, None, move |connection| lambda.answer(connection))
    }

    /// Waits for the `count`-th call of `/next`; `None` when `limit` passes first.
    pub fn wait_for_next(&self, count: usize, limit: Duration) -> Option<Instant> {
        let (lock, changed) = &*self.shared;
        let state = lock.lock().unwrap();
        let (state, _) = changed.wait_timeout_while(state, limit, |state| state.nexts.len() < count).unwrap();
        state.nexts.get(count - 1).copied()
    }

    /// How often `/next` was called so far.
    pub fn nexts(&self) -> usize {
        self.shared.0.lock().unwrap().nexts.len()
    }

    pub fn receiver(&self) -> Option<Receiver> {
        self.shared.0.lock().unwrap().receiver.clone()
    }

    /// Lets the pending `/next` return this event.
    pub fn send(&self, event: String) {
        self.shared.0.lock().unwrap().events.push(event);
        self.shared.1.notify_all();
    }

    fn answer(&self, connection: &mut Connection) -> io::Result<()> {
        while let Some(request) = connection.read()? {
            let arrived = Instant::now();
            if request.starts_with("GET /2020-01-01/extension/event/next") {
                connection.write(response(&self.next_event(arrived)).as_bytes())?;
            } else if request.starts_with("POST /2020-01-01/extension/register") {
                let body = r#"{"functionName":"bench","functionVersion":"$LATEST","handler":"index.handler","accountId":"111122223333"}"#;
                connection.write(response(body).as_bytes())?;
            } else if request.starts_with("PUT /2022-07-01/telemetry") || request.starts_with("PUT /2020-08-15/logs") {
                self.shared.0.lock().unwrap().receiver = receiver_in(&request);
                connection.write(response("\"OK\"").as_bytes())?;
            } else {
                connection.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 15\r\n\r\n{\"status\":\"OK\"}")?;
            }
        }
        Ok(())
    }

    fn next_event(&self, arrived: Instant) -> String {
        let (lock, changed) = &*self.shared;
        let mut state = lock.lock().unwrap();
        state.nexts.push(arrived);
        changed.notify_all();
        let mut state = changed.wait_while(state, |state| state.events.is_empty()).unwrap();
        state.events.remove(0)
    }
}

fn response(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Extension-Identifier: {IDENTIFIER}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Port and path of the URI in a subscription.
fn receiver_in(request: &Message) -> Option<Receiver> {
    let body = String::from_utf8_lossy(&request.body);
    let authority = body.split_once("http://")?.1.split('"').next()?;
    let (host, path) = match authority.split_once('/') {
        Some((host, path)) => (host, format!("/{path}")),
        None => (authority, "/".to_owned()),
    };
    let port = host.rsplit_once(':').map_or(Some(80), |(_, port)| port.parse().ok())?;
    Some(Receiver { port, path })
}
