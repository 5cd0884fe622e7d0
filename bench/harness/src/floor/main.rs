//! The least that a logs extension can do, in a native program of one thread: register, subscribe, ask for events; take
//! each invocation's telemetry, and send all of it in one compressed push before the next event is asked for. It makes
//! the very exchanges that an extension must make, with one write each and blocking reads, and has no settings, no
//! memory of what was lost, no retries and no second chance. What an extension costs beyond it is the price of all
//! these.

mod exchange;
mod push;
mod records;

use exchange::{Message, Peer};
use std::env;
use std::net::TcpListener;

fn main() {
    let api = env::var("AWS_LAMBDA_RUNTIME_API").expect("AWS_LAMBDA_RUNTIME_API is set");
    let endpoint = env::var("LOKI_ENDPOINT").unwrap_or_default();
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
    let port = listener.local_addr().expect("it has an address").port();
    let mut lambda = Peer::connect(&api).expect("the Extensions API answers");
    let common = format!("Host: {api}\r\nLambda-Extension-Name: floor\r\nLambda-Extension-Identifier: floor\r\n");
    let ask = |start: &str, body: &str| {
        format!("{start} HTTP/1.1\r\n{common}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
    };
    lambda.exchange(&ask("POST /2020-01-01/extension/register", r#"{"events":["INVOKE","SHUTDOWN"]}"#));
    lambda.exchange(&ask(
        "PUT /2022-07-01/telemetry",
        &format!(r#"{{"schemaVersion":"2022-12-13","types":["platform","function"],"destination":{{"protocol":"HTTP","URI":"http://sandbox.localdomain:{port}/"}}}}"#),
    ));
    let next = ask("GET /2020-01-01/extension/event/next", "");
    let mut telemetry: Option<Peer> = None;
    let mut loki: Option<Peer> = None;
    let mut push = push::Push::default();
    // The harness ends a program that it only starts while this waits.
    while lambda.exchange(&next).has(b"\"INVOKE\"") {
        loop {
            let telemetry = telemetry.get_or_insert_with(|| Peer::accept(&listener).expect("Lambda connects"));
            let delivery: Message = telemetry.read();
            let done = delivery.has(b"\"platform.runtimeDone\"");
            records::each(delivery.body(), |record| push.add(&record));
            telemetry.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            if done {
                break;
            }
        }
        let (authority, path) = exchange::target(&endpoint);
        let loki = loki.get_or_insert_with(|| Peer::connect(authority).expect("Loki answers"));
        loki.exchange(&push.request(authority, path));
    }
}
