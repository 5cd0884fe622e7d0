//! Runs a Lambda extension once, from exec to its end, and prints what was measured as one line of JSON.
//!
//! Lambda and Loki are threads of this process, as cheap as they can be and the same for every extension. Nothing is frozen:
//! what is measured is the extension, not the platform.

mod extension;
mod http;
mod lambda;
mod loki;
mod script;
mod stamp;
mod system;

use extension::{Extension, Memory};
use http::Connection;
use lambda::{Lambda, Receiver};
use loki::Loki;
use script::Invocation;
use stamp::Stamp;
use std::fmt::Write;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

type Result<T> = std::result::Result<T, String>;

/// How long the function of an invocation runs before its telemetry is delivered. Telemetry never overtakes the INVOKE event then.
const FUNCTION: Duration = Duration::from_millis(10);

/// Between `/next` and the following INVOKE.
const PAUSE: Duration = Duration::from_millis(5);

/// Before anything is timed: all threads have reached their `accept` by then.
const THREADS_UP: Duration = Duration::from_millis(10);

/// What Lambda leaves extensions at SHUTDOWN.
const SHUTDOWN: Duration = Duration::from_secs(2);

const ENDED: &str = "the extension ended by itself";

struct Options {
    executable: String,
    env: Vec<(String, String)>,
    log: String,
    script: Option<String>,
    pushes: Option<String>,
    control_group: Option<String>,
    loki_latency: Duration,
    settle: Duration,
    limit: Duration,
    cold: bool,
}

fn main() {
    system::die_with_parent();
    match options().and_then(run) {
        Ok(json) => println!("{json}"),
        Err(problem) => {
            eprintln!("{problem}");
            std::process::exit(1);
        }
    }
}

fn options() -> Result<Options> {
    let mut options = Options {
        executable: String::new(),
        env: Vec::new(),
        log: "/dev/null".to_owned(),
        script: None,
        pushes: None,
        control_group: None,
        loki_latency: Duration::ZERO,
        settle: Duration::ZERO,
        limit: Duration::from_secs(60),
        cold: false,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        if name == "--cold" {
            options.cold = true;
            continue;
        }
        let value = arguments.next().ok_or(format!("{name} has no value"))?;
        let milliseconds =
            || value.parse().map(Duration::from_millis).map_err(|_| format!("{name} {value}: not a number"));
        match name.as_str() {
            "--executable" => options.executable = value,
            "--env" => {
                let (key, value) = value.split_once('=').ok_or(format!("--env {value}: no ="))?;
                options.env.push((key.to_owned(), value.to_owned()));
            }
            "--log" => options.log = value,
            "--script" => options.script = Some(value),
            "--pushes" => options.pushes = Some(value),
            "--control-group" => options.control_group = Some(value),
            "--loki-latency-ms" => options.loki_latency = milliseconds()?,
            "--settle-ms" => options.settle = milliseconds()?,
            "--limit-ms" => options.limit = milliseconds()?,
            _ => return Err(format!("{name}: unknown")),
        }
    }
    Ok(options)
}

struct Outcome {
    /// From the last byte of the delivery with `runtimeDone` to the arrival of `/next`.
    held: Duration,
    /// From the first byte of the first delivery to the arrival of `/next`.
    wall: Duration,
    /// CPU time from INVOKE to `/next`, in nanoseconds.
    cpu: u64,
    pushes: usize,
    memory: Memory,
}

fn run(options: Options) -> Result<String> {
    let mut invocations = options
        .script
        .as_deref()
        .map_or(Ok(Vec::new()), |file| script::read(file).map_err(|error| format!("{file}: {error}")))?;
    let lambda = Lambda::default();
    let loki = Loki::default();
    let api_port = lambda.start().map_err(|error| format!("The Extensions API can't listen: {error}"))?;
    let loki_port =
        loki.start(options.loki_latency, lambda.clone()).map_err(|error| format!("Loki can't listen: {error}"))?;
    let endpoint = format!("http://127.0.0.1:{loki_port}/loki/api/v1/push");
    let mut env = vec![("AWS_LAMBDA_RUNTIME_API".to_owned(), format!("127.0.0.1:{api_port}"))];
    env.extend(options.env.iter().map(|(key, value)| (key.clone(), value.replace("{endpoint}", &endpoint))));

    let cached_pages = if options.cold {
        system::evict(&options.executable).map_err(|error| format!("The page cache: {error}"))?
    } else {
        0
    };
    let group = options.control_group.as_deref();
    thread::sleep(THREADS_UP);
    let mut extension = Extension::start(&options.executable, &env, &options.log, group)
        .map_err(|error| format!("{}: {error}", options.executable))?;
    let first = wait_for_next(&lambda, 1, options.limit, &mut extension)?;
    // `Instant` hides its number, so the two clocks, which are the same one, are brought together by reading both now.
    let now = system::monotonic().map_err(|error| error.to_string())?;
    let start = now - first.elapsed().as_nanos() as u64 - extension.exec_at;
    let start_cpu = extension.cpu_time().map_err(|error| error.to_string())?;

    let mut telemetry = Telemetry { lambda: lambda.clone(), connection: None, stamp: Stamp::default() };
    let mut outcomes = Vec::new();
    for (index, invocation) in invocations.iter_mut().enumerate() {
        thread::sleep(PAUSE);
        let outcome = invoke(invocation, index, &lambda, &loki, &mut telemetry, &mut extension, options.limit);
        outcomes
            .push(outcome.map_err(|problem| format!("Invocation {}: {}", index + 1, cause(problem, &mut extension)))?);
    }

    thread::sleep(options.settle);
    let memory = extension.memory().map_err(|error| error.to_string())?;
    let mut shutdown = String::from("null");
    if !invocations.is_empty() {
        let sent = Instant::now();
        lambda.send(format!(
            r#"{{"eventType":"SHUTDOWN","shutdownReason":"spindown","deadlineMs":{}}}"#,
            deadline(SHUTDOWN)
        ));
        let status = extension.wait(SHUTDOWN).map_err(|error| error.to_string())?;
        let code = status.and_then(|status| status.code()).map_or("null".to_owned(), |code| code.to_string());
        shutdown = format!(r#"{{"ns":{},"exitCode":{code}}}"#, sent.elapsed().as_nanos());
    }
    drop(extension);
    if let Some(file) = &options.pushes {
        loki.dump(file).map_err(|error| format!("{file}: {error}"))?;
    }

    let mut json =
        format!(r#"{{"startNs":{start},"startCpuNs":{start_cpu},"cachedPages":{cached_pages},"invocations":["#);
    for (index, outcome) in outcomes.iter().enumerate() {
        let comma = if index > 0 { "," } else { "" };
        let Outcome { held, wall, cpu, pushes, memory } = outcome;
        let (held, wall) = (held.as_nanos(), wall.as_nanos());
        let _ = write!(
            json,
            r#"{comma}{{"heldNs":{held},"wallNs":{wall},"cpuNs":{cpu},"pushes":{pushes},"memory":{}}}"#,
            kilobytes(memory)
        );
    }
    let _ = write!(json, r#"],"memory":{},"shutdown":{shutdown}}}"#, kilobytes(&memory));
    Ok(json)
}

fn invoke(
    invocation: &mut Invocation,
    index: usize,
    lambda: &Lambda,
    loki: &Loki,
    telemetry: &mut Telemetry,
    extension: &mut Extension,
    limit: Duration,
) -> Result<Outcome> {
    let cpu_before = extension.cpu_time().map_err(|error| error.to_string())?;
    let pushes_before = loki.count();
    let id = &invocation.request_id;
    lambda.send(format!(
        r#"{{"eventType":"INVOKE","deadlineMs":{},"requestId":"{id}","invokedFunctionArn":"arn:aws:lambda:eu-west-1:111122223333:function:bench"}}"#,
        deadline(limit)
    ));
    thread::sleep(FUNCTION);
    let began = Instant::now();
    let mut done = began;
    for body in &mut invocation.posts {
        telemetry.stamp.renew(body);
        done = telemetry.deliver(body)?;
    }
    let next = wait_for_next(lambda, index + 2, limit, extension)?;
    let memory = extension.memory().map_err(|error| error.to_string())?;
    let cpu_after = extension.cpu_time().map_err(|error| error.to_string())?;
    Ok(Outcome {
        held: next.saturating_duration_since(done),
        wall: next.saturating_duration_since(began),
        cpu: cpu_after - cpu_before,
        pushes: loki.count() - pushes_before,
        memory,
    })
}

/// A broken connection is often the first that is seen of an extension's end.
fn cause(problem: String, extension: &mut Extension) -> String {
    match extension.wait(Duration::from_millis(200)) {
        Ok(Some(status)) if !problem.contains(ENDED) => format!("{ENDED}, {status} ({problem})"),
        _ => problem,
    }
}

fn wait_for_next(lambda: &Lambda, count: usize, limit: Duration, extension: &mut Extension) -> Result<Instant> {
    let end = Instant::now() + limit;
    loop {
        if let Some(arrived) = lambda.wait_for_next(count, Duration::from_secs(1)) {
            return Ok(arrived);
        }
        if let Some(status) = extension.ended().map_err(|error| error.to_string())? {
            return Err(format!("{ENDED}, {status}"));
        }
        if Instant::now() > end {
            return Err(format!("no /next for {} s", limit.as_secs()));
        }
    }
}

/// Milliseconds since 1970 of the moment `after` from now.
fn deadline(after: Duration) -> u128 {
    (SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + after).as_millis()
}

fn kilobytes(memory: &Memory) -> String {
    format!(r#"{{"residentKb":{},"anonymousKb":{},"peakKb":{}}}"#, memory.resident, memory.anonymous, memory.peak)
}

/// Delivers telemetry as Lambda does: one delivery at a time, on one connection for as long as it is kept open.
struct Telemetry {
    lambda: Lambda,
    connection: Option<(Receiver, Connection)>,
    stamp: Stamp,
}

impl Telemetry {
    /// Gives the moment at which the last byte had been written. Returns when the extension has answered.
    fn deliver(&mut self, body: &[u8]) -> Result<Instant> {
        let reused = self.connection.is_some();
        match self.attempt(body) {
            // A connection that was closed meanwhile is not the extension's mistake; a new one must do.
            Err(_) if reused => self.attempt(body),
            outcome => outcome,
        }
    }

    fn attempt(&mut self, body: &[u8]) -> Result<Instant> {
        let (receiver, mut connection) = match self.connection.take() {
            Some(open) => open,
            None => {
                let receiver = self.lambda.receiver().ok_or("the extension did not subscribe to telemetry")?;
                let connection = Connection::connect(("127.0.0.1", receiver.port));
                (
                    receiver.clone(),
                    connection.map_err(|error| format!("nobody listens on port {}: {error}", receiver.port))?,
                )
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
