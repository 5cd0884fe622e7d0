//! The body of a request.

use crate::passage::Passage;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// A body whose bytes are all there. Where its passage is followed, its last byte is written by itself: a peer that has
/// answered quickly before puts off its acknowledgement by 40 ms and more, to send it along with the next answer, but
/// not when it has read two small segments.
pub struct Outgoing {
    first: Bytes,
    last: Bytes,
    /// Whether the last byte has to wait until what is before it has been written.
    begun: bool,
    passage: Option<Rc<Passage>>,
}

impl Outgoing {
    pub fn new(mut bytes: Bytes, passage: Option<Rc<Passage>>) -> Self {
        let split = if passage.is_some() { bytes.len().saturating_sub(1) } else { bytes.len() };
        let last = bytes.split_off(split);
        if let Some(passage) = &passage {
            passage.begin();
            if last.is_empty() {
                passage.handed_over(true);
            }
        }
        Self { begun: !bytes.is_empty(), first: bytes, last, passage }
    }

    fn hand_over(&mut self, part: Bytes) -> Frame<Bytes> {
        if let Some(passage) = &self.passage {
            passage.handed_over(self.is_end_stream());
        }
        Frame::data(part)
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if !self.first.is_empty() {
            let first = std::mem::take(&mut self.first);
            return Poll::Ready(Some(Ok(self.hand_over(first))));
        }
        if self.last.is_empty() {
            return Poll::Ready(None);
        }
        if self.begun && !self.passage.as_ref().is_some_and(|passage| passage.is_begun()) {
            return Poll::Pending;
        }
        let last = std::mem::take(&mut self.last);
        Poll::Ready(Some(Ok(self.hand_over(last))))
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_empty() && self.last.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact((self.first.len() + self.last.len()) as u64)
    }
}
