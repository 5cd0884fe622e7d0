//! An execution environment in which the function is a pause, or a process that only uses processor time.

use crate::busy::Busy;
use crate::extension::{Extension, Memory};
use crate::lambda::Lambda;
use crate::script::Invocation;
use crate::stamp::Stamp;
use crate::telemetry::Telemetry;
use std::io;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// What Lambda leaves extensions at SHUTDOWN.
const SHUTDOWN: Duration = Duration::from_secs(2);

const ENDED: &str = "the extension ended by itself";

pub struct Times {
    pub function: Duration,
    pub telemetry_delay: Duration,
    /// Longest wait for one `/next`.
    pub limit: Duration,
    /// Longest wait for the end after SHUTDOWN.
    pub shutdown: Duration,
    /// Whether the extension is frozen between invocations.
    pub freeze: bool,
}

/// How long an invocation waited for `/next`.
pub struct Waited {
    pub held: Duration,
    pub since_end: Duration,
    pub wall: Duration,
}

pub struct Environment {
    lambda: Lambda,
    extension: Extension,
    telemetry: Telemetry,
    stamp: Stamp,
    busy: Option<Busy>,
    times: Times,
    /// What Lambda had not delivered yet when it froze the environment.
    undelivered: Vec<Vec<u8>>,
}

impl Environment {
    pub fn new(lambda: Lambda, extension: Extension, busy: Option<Busy>, times: Times) -> Self {
        let telemetry = Telemetry::new(lambda.clone());
        Self { lambda, extension, telemetry, stamp: Stamp::default(), busy, times, undelivered: Vec::new() }
    }

    /// One invocation, the `count`-th, from INVOKE to `/next`.
    pub fn invoke(&mut self, invocation: &mut Invocation, count: usize) -> Result<Waited, String> {
        self.attempt(invocation, count).map_err(|problem| format!("Invocation {count}: {}", self.cause(problem)))
    }

    fn attempt(&mut self, invocation: &mut Invocation, count: usize) -> Result<Waited, String> {
        let Times { function, telemetry_delay, limit, freeze, .. } = self.times;
        let id = &invocation.request_id;
        if freeze {
            self.extension.thaw();
        }
        self.lambda.send(format!(
            r#"{{"eventType":"INVOKE","deadlineMs":{},"requestId":"{id}","invokedFunctionArn":"arn:aws:lambda:eu-west-1:111122223333:function:bench"}}"#,
            deadline(limit)
        ));
        let busy = self.busy.as_ref();
        busy.inspect(|busy| busy.work());
        for body in std::mem::take(&mut self.undelivered) {
            self.telemetry.deliver(&body)?;
        }
        thread::sleep(function);
        busy.inspect(|busy| busy.rest());
        let ended = Instant::now();
        for body in &mut invocation.posts {
            self.stamp.renew(body);
        }
        // The calls of `/next` are that of the start and one for each invocation so far.
        if freeze && self.lambda.nexts() > count {
            self.extension.freeze();
            self.undelivered = std::mem::take(&mut invocation.posts);
            return Ok(Waited { held: Duration::ZERO, since_end: Duration::ZERO, wall: Duration::ZERO });
        }
        thread::sleep(telemetry_delay);
        let began = Instant::now();
        let mut done = began;
        for body in &invocation.posts {
            done = self.telemetry.deliver(body)?;
        }
        let next = self.wait_for_next(count + 1)?;
        if freeze {
            self.extension.freeze();
        }
        Ok(Waited {
            held: next.saturating_duration_since(done),
            since_end: next.saturating_duration_since(ended),
            wall: next.max(done).saturating_duration_since(began),
        })
    }

    /// Sends SHUTDOWN and waits for the extension's end.
    pub fn shut_down(mut self) -> Result<(Duration, Option<i32>), String> {
        let sent = Instant::now();
        self.extension.thaw();
        self.lambda.send(format!(
            r#"{{"eventType":"SHUTDOWN","shutdownReason":"spindown","deadlineMs":{}}}"#,
            deadline(SHUTDOWN)
        ));
        for body in std::mem::take(&mut self.undelivered) {
            self.telemetry.deliver(&body)?;
        }
        let status = self.extension.wait(self.times.shutdown).map_err(|error| error.to_string())?;
        Ok((sent.elapsed(), status.and_then(|status| status.code())))
    }

    pub fn wait_for_next(&mut self, count: usize) -> Result<Instant, String> {
        let end = Instant::now() + self.times.limit;
        loop {
            if let Some(arrived) = self.lambda.wait_for_next(count, Duration::from_secs(1)) {
                return Ok(arrived);
            }
            if let Some(status) = self.extension.ended().map_err(|error| error.to_string())? {
                return Err(format!("{ENDED}, {status}"));
            }
            if Instant::now() > end {
                return Err(format!("no /next for {} s", self.times.limit.as_secs()));
            }
        }
    }

    /// When the extension was started, on [`crate::system::monotonic`].
    pub fn exec_at(&self) -> u64 {
        self.extension.exec_at
    }

    pub fn cpu_time(&self) -> Result<u64, String> {
        self.extension.cpu_time().map_err(|error: io::Error| error.to_string())
    }

    pub fn memory(&self) -> Result<Memory, String> {
        self.extension.memory().map_err(|error| error.to_string())
    }

    /// A broken connection is often the first that is seen of an extension's end.
    fn cause(&mut self, problem: String) -> String {
        match self.extension.wait(Duration::from_millis(200)) {
            Ok(Some(status)) if !problem.contains(ENDED) => format!("{ENDED}, {status} ({problem})"),
            _ => problem,
        }
    }
}

/// Milliseconds since 1970 of the moment `after` from now.
fn deadline(after: Duration) -> u128 {
    (SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + after).as_millis()
}
