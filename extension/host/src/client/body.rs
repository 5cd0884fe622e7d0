//! Bodies: one that is sent whole, and the reading of one up to a limit.

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A body whose bytes are all there. (Sent by the servers too.)
pub struct OneShot(Option<Bytes>);

impl OneShot {
    pub fn new(bytes: Bytes) -> Self {
        Self(Some(bytes).filter(|bytes| !bytes.is_empty()))
    }
}

impl Body for OneShot {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

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
