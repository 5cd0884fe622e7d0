//! The client against answers of any kind: well-formed ones, which have to arrive as they are, and damaged ones, which
//! may fail but must not be taken for the answer to the next request.

use super::exchange::{perform, Progress, Response};
use super::request::Exchange;
use super::tls::Material;
use super::url::Url;
use super::Network;
use crate::errors::Failure;
use hyper::body::Bytes;
use hyper::header::{HeaderMap, HeaderValue, HOST};
use hyper::Method;
use lambdawatch_fuzz::{fuzz, Result, Unstructured};
use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Longest wait for an answer of which the damage has taken the end away.
const LIMIT: Duration = Duration::from_millis(20);

/// What the server does with the next request.
struct Answer {
    pieces: Vec<Vec<u8>>,
    then_close: bool,
}

/// An answer in the making.
struct Draft {
    bytes: Vec<u8>,
    status: u16,
    body: Vec<u8>,
    needs_close: bool,
}

fn draft(u: &mut Unstructured<'_>) -> Result<Draft> {
    let status = *u.choose(&[200, 204, 400, 404, 429, 500, 503])?;
    let length = if status == 204 { 0 } else { u.int_in_range(0..=300)? };
    // Text that would pass for an answer, were it taken for the beginning of one.
    let mut body = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong".repeat(8);
    body.truncate(length);
    let mut bytes = Vec::new();
    while !u.is_empty() && u.ratio(1, 6)? {
        bytes.extend_from_slice(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
    }
    bytes.extend_from_slice(format!("HTTP/1.1 {status} Reason\r\n").as_bytes());
    while !u.is_empty() && u.ratio(1, 3)? {
        bytes.extend_from_slice(
            u.choose(&["X-A: b\r\n", "x-empty:\r\n", "X-Long: ", "Server: é\r\n", "Date: now\r\n"])?.as_bytes(),
        );
        if bytes.ends_with(b"X-Long: ") {
            bytes.resize(bytes.len() + u.int_in_range(0..=2000)?, b'x');
            bytes.extend_from_slice(b"\r\n");
        }
    }
    let mut needs_close = false;
    match u.int_in_range(0..=2)? {
        _ if status == 204 => bytes.extend_from_slice(b"\r\n"),
        0 => {
            bytes.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
            bytes.extend_from_slice(&body);
        }
        1 => {
            bytes.extend_from_slice(b"Transfer-Encoding: chunked\r\n\r\n");
            let mut rest = body.as_slice();
            while !rest.is_empty() {
                let (chunk, after) = rest.split_at(u.int_in_range(1..=rest.len())?);
                let extension = u.choose(&["", ";a=b", " "])?;
                bytes.extend_from_slice(format!("{:x}{extension}\r\n", chunk.len()).as_bytes());
                bytes.extend_from_slice(chunk);
                bytes.extend_from_slice(b"\r\n");
                rest = after;
            }
            bytes.extend_from_slice(u.choose(&["0\r\n\r\n", "0\r\nX-Trailer: 1\r\n\r\n"])?.as_bytes());
        }
        _ => {
            needs_close = true;
            bytes.extend_from_slice(b"\r\n");
            bytes.extend_from_slice(&body);
        }
    }
    Ok(Draft { bytes, status, body, needs_close })
}

fn damage(bytes: &mut Vec<u8>, u: &mut Unstructured<'_>) -> Result<()> {
    for _ in 0..u.int_in_range(1..=4)? {
        let at = u.int_in_range(0..=bytes.len())?;
        match u.int_in_range(0..=4)? {
            0 => bytes.insert(at, u.arbitrary()?),
            1 if at < bytes.len() => drop(bytes.remove(at)),
            2 => bytes.truncate(at),
            3 => bytes.extend_from_within(at..),
            _ => {
                let text =
                    u.choose(&["\r\n", "\r\n\r\n", "Content-Length: 3\r\n", "0\r\n\r\n", "Connection: close\r\n"])?;
                drop(bytes.splice(at..at, text.bytes()));
            }
        }
    }
    Ok(())
}

fn in_pieces(mut bytes: Vec<u8>, u: &mut Unstructured<'_>) -> Result<Vec<Vec<u8>>> {
    let mut pieces = Vec::new();
    while pieces.len() < 4 && bytes.len() > 1 && u.ratio(1, 2)? {
        let rest = bytes.split_off(u.int_in_range(1..=bytes.len() - 1)?);
        pieces.push(std::mem::replace(&mut bytes, rest));
    }
    pieces.push(bytes);
    Ok(pieces)
}

/// By path.
type Answers = Arc<Mutex<HashMap<String, Answer>>>;

/// A server on threads of its own. What has no answer gets its own path.
fn serve(answers: &Answers) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let answers = answers.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answers = answers.clone();
            std::thread::spawn(move || serve_one(stream, &answers));
        }
    });
    port
}

fn serve_one(mut stream: TcpStream, answers: &Answers) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut request = Vec::new();
    loop {
        while !request.ends_with(b"\r\n\r\n") {
            let mut buffer = [0; 1024];
            match stream.read(&mut buffer).ok()? {
                0 => return None,
                count => request.extend_from_slice(&buffer[..count]),
            }
        }
        let path = String::from_utf8_lossy(&request).split(' ').nth(1)?.to_owned();
        request.clear();
        let answer = answers.lock().unwrap().remove(&path);
        let Some(Answer { pieces, then_close }) = answer else {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{path}", path.len());
            stream.write_all(head.as_bytes()).ok()?;
            continue;
        };
        for piece in pieces {
            stream.write_all(&piece).ok()?;
            std::thread::yield_now();
        }
        if then_close {
            return None;
        }
    }
}

fn get(url: &str) -> Exchange {
    let url = Url::parse(url).unwrap();
    let headers = HeaderMap::from_iter([(HOST, HeaderValue::from_str(&url.authority()).unwrap())]);
    Exchange {
        method: Method::GET,
        url,
        headers,
        body: Bytes::new(),
        timeout: Some(LIMIT),
        reused_timeout: None,
        max_idle_ms: f64::INFINITY,
        max_response_bytes: 1 << 20,
        tls: Material::default(),
        proxy: None,
        on_acknowledged: None,
    }
}

/// Within a time that no answer may take, however damaged it is.
async fn answer_to(network: &Network, exchange: Exchange) -> std::result::Result<Response, Failure> {
    let outcome = tokio::time::timeout(Duration::from_secs(10), perform(network, exchange, &Progress::default())).await;
    outcome.expect("it hangs")
}

#[test]
fn answers_are_what_was_sent_and_never_those_to_another_request() {
    let answers = Answers::default();
    let port = serve(&answers);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let network = Network::default();
    let number = std::cell::Cell::new(0u32);
    fuzz(|u| {
        let Draft { mut bytes, status, body, needs_close } = draft(u)?;
        let damaged = u.ratio(2, 3)?;
        if damaged {
            damage(&mut bytes, u)?;
        }
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        let answer = Answer { pieces: in_pieces(bytes, u)?, then_close: needs_close || u.arbitrary()? };
        number.set(number.get() + 1);
        let fuzzed_path = format!("/fuzz/{}", number.get());
        answers.lock().unwrap().insert(fuzzed_path.clone(), answer);
        let path = format!("/{}", number.get());
        runtime.block_on(async {
            let mut fuzzed = get(&format!("http://127.0.0.1:{port}{fuzzed_path}"));
            if !damaged {
                fuzzed.timeout = Some(Duration::from_secs(10));
            }
            match answer_to(&network, fuzzed).await {
                Ok(response) if !damaged => assert_eq!((response.status, response.body), (status, body), "{shown:?}"),
                Err(failure) if !damaged => panic!("{failure:?} for {shown:?}"),
                _ => {}
            }
            let mut plain = get(&format!("http://127.0.0.1:{port}{path}"));
            plain.timeout = Some(Duration::from_secs(10));
            match answer_to(&network, plain).await {
                Ok(response) => assert_eq!(String::from_utf8_lossy(&response.body), path, "after {shown:?}"),
                Err(failure) => assert!(failure.reused, "{failure:?} after {shown:?}"),
            }
        });
        Ok(())
    });
}
