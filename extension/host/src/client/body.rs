//! Reading a response's body up to a limit.

use hyper::body::{Body, Incoming};
use std::future::poll_fn;
use std::pin::Pin;

/// What was read of a response's body.
pub struct Received {
    pub bytes: Vec<u8>,
    /// Whether that was all, so that the connection can be used again.
    pub complete: bool,
}

/// Reads up to `limit` bytes.
pub async fn receive(mut body: Incoming, limit: usize) -> hyper::Result<Received> {
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|task| Pin::new(&mut body).poll_frame(task)).await {
        let Ok(data) = frame?.into_data() else { continue };
        let room = limit - bytes.len();
        bytes.extend_from_slice(data.get(..room).unwrap_or(&data));
        if data.len() > room || (bytes.len() == limit && !body.is_end_stream()) {
            return Ok(Received { bytes, complete: false });
        }
    }
    Ok(Received { bytes, complete: true })
}
