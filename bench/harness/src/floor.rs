//! The least an extension can do: register, subscribe, ask for the first event. How long this takes is the floor under
//! every start time that the harness measures.

use std::io::{Read, Write};
use std::net::TcpStream;

fn main() {
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API").expect("AWS_LAMBDA_RUNTIME_API is set");
    let mut connection = TcpStream::connect(&api).expect("the Extensions API answers");
    connection.set_nodelay(true).expect("TCP_NODELAY is known");
    let mut answer = [0; 4096];
    for (start, body) in [
        ("POST /2020-01-01/extension/register", r#"{"events":["INVOKE","SHUTDOWN"]}"#),
        (
            "PUT /2022-07-01/telemetry",
            r#"{"schemaVersion":"2022-12-13","types":["platform","function"],"destination":{"protocol":"HTTP","URI":"http://sandbox.localdomain:9/"}}"#,
        ),
        ("GET /2020-01-01/extension/event/next", ""),
    ] {
        let request = format!(
            "{start} HTTP/1.1\r\nHost: {api}\r\nLambda-Extension-Name: floor\r\nLambda-Extension-Identifier: floor\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        connection.write_all(request.as_bytes()).expect("the request is sent");
        // One read is enough: the harness writes each answer at once, in one piece.
        let _ = connection.read(&mut answer);
    }
}
