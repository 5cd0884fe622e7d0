//! Reading a request's body within limits of size and time.

use super::peers::{Peer, State};
use crate::race::within_active_seconds;
use hyper::body::{Body, Incoming};
use std::future::poll_fn;
use std::pin::Pin;

/// Seconds in which a whole body has to arrive, counted only while the process runs.
const SECONDS: u32 = 10;

/// How much of a body that is too large is still read (and dropped), in multiples of the limit: a client that is
/// writing looks at the answer when it has finished.
const DROPPED_MULTIPLE: usize = 16;

pub enum Content {
    Complete(Vec<u8>),
    TooLarge,
    Stalled,
    Broken,
}

/// Reads a body of at most `limit` bytes. The vector has room for one more byte.
pub async fn read(body: Incoming, limit: usize, expects_continue: bool, peer: &Peer) -> Content {
    let announced = body.size_hint().exact().map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
    if expects_continue && announced.is_some_and(|bytes| bytes > limit) {
        return Content::TooLarge;
    }
    within_active_seconds(SECONDS, collect(body, limit, announced.unwrap_or(0), peer)).await.unwrap_or(Content::Stalled)
}

async fn collect(mut body: Incoming, limit: usize, announced: usize, peer: &Peer) -> Content {
    peer.set(State::Reading);
    let mut content = Vec::new();
    if announced <= limit {
        content.reserve_exact(announced + 1);
    }
    let mut dropped = 0usize;
    while let Some(frame) = poll_fn(|task| Pin::new(&mut body).poll_frame(task)).await {
        let Ok(frame) = frame else { return Content::Broken };
        peer.set(State::Reading);
        let Ok(data) = frame.into_data() else { continue };
        if dropped == 0 && data.len() <= limit - content.len() {
            content.extend_from_slice(&data);
            continue;
        }
        dropped = dropped.saturating_add(content.len()).saturating_add(data.len());
        content = Vec::new();
        if dropped / DROPPED_MULTIPLE > limit {
            break;
        }
    }
    if dropped == 0 {
        Content::Complete(content)
    } else {
        Content::TooLarge
    }
}
