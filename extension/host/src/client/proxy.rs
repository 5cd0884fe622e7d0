//! Forward proxies: `http://[user:password@]host:port`.

use super::url::{percent_decode, Url};
use crate::errors::{About, Code, Failure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The most bytes that a proxy's answer to CONNECT may take.
const ANSWER_BYTES: usize = 16 * 1024;

#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    pub url: Url,
    /// The value of `Proxy-Authorization`.
    pub authorization: Option<String>,
}

impl Proxy {
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let url = Url::parse(text)
            .map_err(|problem| Failure::invalid(format!("The proxy's URL can't be used: {problem}")))?;
        if url.secure {
            return Err(Failure::invalid("The proxy's URL can't be used: the connection to the proxy has to be http"));
        }
        let authorization = url.credentials.as_deref().map(|credentials| {
            let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
            let plain = [percent_decode(user), percent_decode(password)].join(&b':');
            format!("Basic {}", base64(&plain))
        });
        Ok(Self { url, authorization })
    }

    /// Asks for a tunnel to `target` on a fresh connection to the proxy.
    pub async fn open_tunnel(&self, stream: &mut TcpStream, target: &Url) -> Result<(), Failure> {
        let destination = target.host_and_port();
        let mut request = format!("CONNECT {destination} HTTP/1.1\r\nHost: {destination}\r\n");
        if let Some(authorization) = &self.authorization {
            request.push_str(&format!("Proxy-Authorization: {authorization}\r\n"));
        }
        request.push_str("\r\n");
        let broken = |error: std::io::Error| {
            Failure::new(Code::Reset, format!("The proxy {} broke the connection: {error}", self.url.host_and_port()))
        };
        stream.write_all(request.as_bytes()).await.map_err(broken)?;
        let mut answer = Vec::new();
        loop {
            // One byte more than the answer would be one byte of the tunnel, but a TLS server never speaks first.
            if stream.read_buf(&mut answer).await.map_err(broken)? == 0 {
                return Err(broken(std::io::ErrorKind::UnexpectedEof.into()));
            }
            if let Some(verdict) = self.read_answer(&answer) {
                return verdict;
            }
        }
    }

    /// The proxy's verdict once its answer is complete.
    fn read_answer(&self, answer: &[u8]) -> Option<Result<(), Failure>> {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut response = httparse::Response::new(&mut headers);
        let garbage =
            || Failure::new(Code::Protocol, format!("The proxy {} does not speak HTTP/1.1", self.url.host_and_port()));
        match response.parse(answer) {
            Ok(httparse::Status::Partial) if answer.len() < ANSWER_BYTES => None,
            Ok(httparse::Status::Partial) | Err(_) => Some(Err(garbage())),
            Ok(httparse::Status::Complete(_)) => match response.code {
                Some(200..=299) => Some(Ok(())),
                code => Some(Err(self.refusal(code.unwrap_or(0), response.reason.unwrap_or("")))),
            },
        }
    }

    /// The failure for a proxy that does not do what it was asked to.
    pub fn refusal(&self, status: u16, reason: &str) -> Failure {
        let words = format!("{status} {reason}");
        // Some proxies say 401 or 403 where they should say 407.
        let login = matches!(status, 401 | 403 | 407).then_some(About::Login);
        Failure::new(Code::Proxy, format!("The proxy {} refused: {}", self.url.host_and_port(), words.trim_end()))
            .about(login)
    }
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = (0..3).fold(0usize, |group, at| group << 8 | chunk.get(at).copied().map_or(0, usize::from));
        for position in 0..4 {
            let digit = ALPHABET[group >> (18 - 6 * position) & 63];
            text.push(if position <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_credentials() {
        let authorization = |url: &str| Proxy::parse(url).ok().and_then(|proxy| proxy.authorization);
        assert_eq!(authorization("http://user:pass@p:1").as_deref(), Some("Basic dXNlcjpwYXNz"));
        assert_eq!(authorization("http://a%3Ab:%C3%A4@p:1").as_deref(), Some("Basic YTpiOsOk"));
        assert_eq!(authorization("http://u@p:1").as_deref(), Some("Basic dTo="));
        assert_eq!(authorization("http://p:1"), None);
    }
}
