//! As much of HTTP/1.1 as extensions and the harness say to each other.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// What a server needs to speak TLS.
pub type Tls = Arc<ServerConfig>;

/// From PEM files of a certificate chain and its key.
pub fn tls(certificate: &str, key: &str) -> Result<Tls, String> {
    let chain = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = chain.map_err(|error| format!("{certificate}: {error}"))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|error| format!("{key}: {error}"))?;
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key);
    config.map(Arc::new).map_err(|error| format!("{certificate}: {error}"))
}

/// A request or a response.
pub struct Message {
    pub head: String,
    pub body: Vec<u8>,
}

impl Message {
    /// Whether the first line starts so.
    pub fn starts_with(&self, start: &str) -> bool {
        self.head.starts_with(start)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().skip(1).find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

trait Stream: Read + Write {}

impl<S: Read + Write> Stream for S {}

/// A connection with what was read of it and not yet used.
pub struct Connection {
    stream: Box<dyn Stream>,
    pending: Vec<u8>,
}

impl Connection {
    /// With `tls` it is the server's side; hands are shaken with the first byte that is read.
    fn new(stream: TcpStream, tls: Option<&Tls>) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        let stream: Box<dyn Stream> = match tls {
            None => Box::new(stream),
            Some(config) => {
                let connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
                Box::new(StreamOwned::new(connection, stream))
            }
        };
        Ok(Self { stream, pending: Vec::with_capacity(16 * 1024) })
    }

    pub fn connect(address: (&str, u16)) -> io::Result<Self> {
        Self::new(TcpStream::connect(address)?, None)
    }

    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)?;
        self.stream.flush()
    }

    /// Reads one message; `None` when the other side has closed the connection in place of sending one.
    pub fn read(&mut self) -> io::Result<Option<Message>> {
        let mut searched = 0;
        let end = loop {
            if let Some(at) = find(&self.pending[searched..], b"\r\n\r\n") {
                break searched + at + 4;
            }
            searched = self.pending.len().saturating_sub(3);
            if self.fill()? == 0 {
                return if self.pending.is_empty() { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
            }
        };
        let head = String::from_utf8_lossy(&self.pending[..end]).into_owned();
        self.pending.drain(..end);
        if header(&head, "expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue")) {
            self.write(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let body = self.read_body(&head)?;
        Ok(Some(Message { head, body }))
    }

    fn read_body(&mut self, head: &str) -> io::Result<Vec<u8>> {
        let bodiless =
            head.starts_with("HTTP/1.1 204") || head.starts_with("HTTP/1.1 304") || head.starts_with("HTTP/1.1 1");
        if bodiless {
            return Ok(Vec::new());
        }
        if let Some(length) = header(head, "content-length") {
            let length = length.parse().map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
            return self.take(length);
        }
        if header(head, "transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
            return self.read_chunks();
        }
        let mut body = Vec::new();
        // A response without a length ends with its connection; a request without one has no body.
        if head.starts_with("HTTP/") {
            body.append(&mut self.pending);
            self.stream.read_to_end(&mut body)?;
        }
        Ok(body)
    }

    fn read_chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = self.take_line()?;
            let digits = line.split(';').next().unwrap_or_default().trim();
            let length = usize::from_str_radix(digits, 16).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
            if length == 0 {
                while !self.take_line()?.is_empty() {}
                return Ok(body);
            }
            body.append(&mut self.take(length)?);
            self.take_line()?;
        }
    }

    fn take_line(&mut self) -> io::Result<String> {
        loop {
            if let Some(at) = find(&self.pending, b"\r\n") {
                let line = String::from_utf8_lossy(&self.pending[..at]).into_owned();
                self.pending.drain(..at + 2);
                return Ok(line);
            }
            if self.fill()? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        let mut taken = vec![0; length];
        let have = length.min(self.pending.len());
        taken[..have].copy_from_slice(&self.pending[..have]);
        self.pending.drain(..have);
        self.stream.read_exact(&mut taken[have..])?;
        Ok(taken)
    }

    fn fill(&mut self) -> io::Result<usize> {
        let mut chunk = [0; 16 * 1024];
        let count = self.stream.read(&mut chunk)?;
        self.pending.extend_from_slice(&chunk[..count]);
        Ok(count)
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// Serves a loopback port on `threads` threads, so that no thread has to be started once a clock is running. Gives the
/// port.
pub fn serve(
    threads: usize,
    tls: Option<Tls>,
    handle: impl Fn(&mut Connection) -> io::Result<()> + Send + Sync + 'static,
) -> io::Result<u16> {
    let listener = Arc::new(TcpListener::bind(("127.0.0.1", 0))?);
    let port = listener.local_addr()?.port();
    let handle = Arc::new(handle);
    for _ in 0..threads {
        let listener = Arc::clone(&listener);
        let handle = Arc::clone(&handle);
        let tls = tls.clone();
        thread::spawn(move || loop {
            let Ok((stream, _)) = listener.accept() else { continue };
            let Ok(mut connection) = Connection::new(stream, tls.as_ref()) else { continue };
            // A connection that breaks is the extension's affair: what it did not send will be missed in the count.
            let _ = handle(&mut connection);
        });
    }
    Ok(port)
}
