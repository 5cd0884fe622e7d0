//! HTTP/1.1 as the harness speaks it: each message has a length or no body, and arrives in as few reads as the kernel
//! allows.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

/// One message; its bytes stay in the peer's buffer.
pub struct Message<'a> {
    bytes: &'a [u8],
    head: usize,
}

impl Message<'_> {
    pub fn body(&self) -> &[u8] {
        &self.bytes[self.head..]
    }

    pub fn has(&self, text: &[u8]) -> bool {
        // What is looked for stands at the end of a delivery.
        self.bytes.windows(text.len()).rev().any(|window| window == text)
    }
}

pub struct Peer {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Peer {
    pub fn connect(authority: &str) -> io::Result<Self> {
        Self::of(TcpStream::connect(authority)?)
    }

    pub fn accept(listener: &TcpListener) -> io::Result<Self> {
        Self::of(listener.accept()?.0)
    }

    fn of(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; 16 * 1024] })
    }

    /// Sends a request and reads its answer.
    pub fn exchange(&mut self, request: &[u8]) -> Message<'_> {
        self.write(request);
        self.read()
    }

    pub fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("it is sent");
    }

    pub fn read(&mut self) -> Message<'_> {
        let mut filled = 0;
        loop {
            let count = self.stream.read(&mut self.buffer[filled..]).unwrap_or(0);
            filled += count;
            let head = self.buffer[..filled].windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4);
            let whole = head.map(|head| head + length(&self.buffer[..head]));
            if let (Some(head), Some(whole)) = (head, whole) {
                if filled >= whole {
                    return Message { bytes: &self.buffer[..whole], head };
                }
            }
            if count == 0 {
                // The harness has gone.
                std::process::exit(0);
            }
            // Only where it is too small: a large delivery arrives in many reads, and doubling at each would take all
            // memory.
            let needed = whole.unwrap_or(if filled == self.buffer.len() { 2 * filled } else { 0 });
            if needed > self.buffer.len() {
                self.buffer.resize(needed, 0);
            }
        }
    }
}

fn length(head: &[u8]) -> usize {
    const NAME: &[u8] = b"Content-Length: ";
    let Some(at) = head.windows(NAME.len()).position(|window| window == NAME) else { return 0 };
    head[at + NAME.len()..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .fold(0, |length, byte| length * 10 + usize::from(byte - b'0'))
}

/// Authority and path of an `http:` address.
pub fn target(endpoint: &str) -> (&str, &str) {
    let rest = endpoint.strip_prefix("http://").unwrap_or(endpoint);
    rest.split_at(rest.find('/').unwrap_or(rest.len()))
}
