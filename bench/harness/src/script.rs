//! What happens in a run, prepared by the caller so that nothing has to be generated while a clock is running.
//!
//! The file is a sequence of `invoke <request id>\n`, each followed by its telemetry deliveries `post <bytes>\n<body>`.

use std::io;

pub struct Invocation {
    pub request_id: String,
    pub posts: Vec<Vec<u8>>,
}

pub fn read(file: &str) -> io::Result<Vec<Invocation>> {
    let bytes = std::fs::read(file)?;
    let mut invocations: Vec<Invocation> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let end = at + bytes[at..].iter().position(|&byte| byte == b'\n').ok_or(io::ErrorKind::InvalidData)?;
        let line = String::from_utf8_lossy(&bytes[at..end]).into_owned();
        at = end + 1;
        match (line.split_once(' '), invocations.last_mut()) {
            (Some(("invoke", request_id)), _) => {
                invocations.push(Invocation { request_id: request_id.to_owned(), posts: Vec::new() })
            }
            (Some(("post", length)), Some(invocation)) => {
                let length: usize = length.parse().map_err(|_| io::ErrorKind::InvalidData)?;
                let body = bytes.get(at..at + length).ok_or(io::ErrorKind::UnexpectedEof)?;
                invocation.posts.push(body.to_vec());
                at += length;
            }
            _ => return Err(io::ErrorKind::InvalidData.into()),
        }
    }
    Ok(invocations)
}
