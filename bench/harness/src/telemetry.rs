//! Delivers telemetry as Lambda does: one delivery at a time, on one connection for as long as it is kept open.

use crate::http::Connection;
use crate::lambda::{Lambda, Receiver};
use std::io;
use std::thread;
use std::time::{Duration, Instant};

/// How long nobody may listen where telemetry is to be delivered to, and how often that is looked at.
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(1);

pub struct Telemetry {
    lambda: Lambda,
    connection: Option<(Receiver, Connection)>,
}

/// As Lambda does, tries again for a while: on a share of a CPU an extension may subscribe before it listens.
fn connect(port: u16) -> io::Result<Connection> {
    let end = Instant::now() + PATIENCE;
    loop {
        match Connection::connect(("127.0.0.1", port)) {
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused && Instant::now() < end => {
                thread::sleep(PAUSE);
            }
            outcome => return outcome,
        }
    }
}

impl Telemetry {
    pub fn new(lambda: Lambda) -> Self {
        Self { lambda, connection: None }
    }

    /// Gives the moment at which the last byte had been written. Returns when the extension has answered.
    pub fn deliver(&mut self, body: &[u8]) -> Result<Instant, String> {
        let reused = self.connection.is_some();
        match self.attempt(body) {
            // A connection that was closed meanwhile is not the extension's mistake; a new one must do.
            Err(_) if reused => self.attempt(body),
            outcome => outcome,
        }
    }

    fn attempt(&mut self, body: &[u8]) -> Result<Instant, String> {
        let (receiver, mut connection) = match self.connection.take() {
            Some(open) => open,
            None => {
                let receiver = self.lambda.receiver().ok_or("the extension did not subscribe to telemetry")?;
                let connection = connect(receiver.port)
                    .map_err(|error| format!("nobody listens on port {}: {error}", receiver.port))?;
                (receiver, connection)
            }
        };
        let failed = |error: std::io::Error| format!("the telemetry delivery: {error}");
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: sandbox.localdomain:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            receiver.path,
            receiver.port,
            body.len()
        );
        let mut request = head.into_bytes();
        request.extend_from_slice(body);
        connection.write(&request).map_err(failed)?;
        let written = Instant::now();
        let answer = connection.read().map_err(failed)?.ok_or("the telemetry delivery got no answer")?;
        if !answer.starts_with("HTTP/1.1 2") {
            return Err(format!("the telemetry delivery got {}", answer.head.lines().next().unwrap_or_default()));
        }
        if !answer.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close")) {
            self.connection = Some((receiver, connection));
        }
        Ok(written)
    }
}
