//! URLs: as much of their grammar as an HTTP client needs.

use std::fmt::Write;
use std::net::Ipv6Addr;

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    pub secure: bool,
    /// In lower case; an IPv6 address without its brackets.
    pub host: String,
    pub port: u16,
    /// Path and query, percent-encoded, beginning with a slash.
    pub path: String,
    /// What stood before `@`, still percent-encoded.
    pub credentials: Option<String>,
}

impl Url {
    /// Parses an absolute URL. The error says what is wrong with it, without repeating it: a URL may hold a secret.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        if text.chars().any(|character| character.is_control()) {
            return Err("it has a control character");
        }
        let (scheme, rest) = text.split_once("://").ok_or("it is not absolute")?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return Err("its scheme is neither http nor https"),
        };
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (credentials, location) = match authority.rsplit_once('@') {
            Some((credentials, location)) => (Some(credentials.to_owned()), location),
            None => (None, authority),
        };
        let (host, port) = split_port(location)?;
        let port = match port {
            "" => default_port(secure),
            digits => digits.parse().ok().filter(|port| *port > 0).ok_or("its port is not a number from 1 to 65535")?,
        };
        Ok(Self { secure, host, port, path: encode_path(path), credentials })
    }

    /// Host and port as they stand in a `Host` header: without the port where it is the scheme's own.
    pub fn authority(&self) -> String {
        if self.port == default_port(self.secure) {
            self.bracketed_host()
        } else {
            self.host_and_port()
        }
    }

    /// Host and port, always both.
    pub fn host_and_port(&self) -> String {
        format!("{}:{}", self.bracketed_host(), self.port)
    }

    fn bracketed_host(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        }
    }
}

fn default_port(secure: bool) -> u16 {
    if secure {
        443
    } else {
        80
    }
}

fn split_port(location: &str) -> Result<(String, &str), &'static str> {
    if let Some(rest) = location.strip_prefix('[') {
        let (host, after) = rest.split_once(']').ok_or("its IPv6 address has no closing bracket")?;
        host.parse::<Ipv6Addr>().map_err(|_| "its host is not an IPv6 address")?;
        let port = if after.is_empty() {
            ""
        } else {
            after.strip_prefix(':').ok_or("there is something between host and port")?
        };
        return Ok((host.to_ascii_lowercase(), port));
    }
    let (host, port) = location.split_once(':').unwrap_or((location, ""));
    if host.is_empty() {
        return Err("it has no host");
    }
    if !host.is_ascii() {
        return Err("its host has letters beyond ASCII; write it in its xn-- form");
    }
    if !host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')) {
        return Err("its host has a character that no host has");
    }
    Ok((host.to_ascii_lowercase(), port))
}

/// Drops the fragment and encodes what must not stand in a request line as it is.
fn encode_path(text: &str) -> String {
    let text = text.split('#').next().unwrap_or_default();
    let mut path = String::with_capacity(text.len() + 1);
    if !text.starts_with('/') {
        path.push('/');
    }
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'`' | b'{' | b'}' | b'\\' | b'^' | b'|') {
            path.push(char::from(byte));
        } else {
            let _ = write!(path, "%{byte:02X}");
        }
    }
    path
}

/// The bytes that a percent-encoded text stands for.
pub fn percent_decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push((high << 4 | low) as u8);
                at += 3;
            }
            (byte, ..) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (bool, String, u16, String) {
        let url = Url::parse(text).unwrap();
        (url.secure, url.authority(), url.port, url.path)
    }

    #[test]
    fn parses() {
        assert_eq!(
            parsed("http://127.0.0.1:9001/a/b?c=d#e"),
            (false, "127.0.0.1:9001".into(), 9001, "/a/b?c=d".into())
        );
        assert_eq!(parsed("HTTPS://Example.COM"), (true, "example.com".into(), 443, "/".into()));
        assert_eq!(parsed("https://example.com:443?q"), (true, "example.com".into(), 443, "/?q".into()));
        assert_eq!(parsed("http://[::1]:80/ä b\\"), (false, "[::1]".into(), 80, "/%C3%A4%20b%5C".into()));
        assert_eq!(Url::parse("http://u:p%40@proxy:3128").unwrap().credentials.as_deref(), Some("u:p%40"));
        assert_eq!(percent_decode("u:p%40%zz%4"), b"u:p@%zz%4");
    }

    #[test]
    fn refuses() {
        for text in [
            "",
            "/path",
            "ftp://a",
            "http://",
            "http://:80",
            "http://a:0",
            "http://a:65536",
            "http://a:x",
            "http://[::1",
            "http://[x]",
            "http://ä",
            "http://a b/",
            "http://a/\nb",
        ] {
            assert!(Url::parse(text).is_err(), "{text}");
        }
    }
}
