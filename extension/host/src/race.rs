//! Waiting for the first of two things, and for a thing within a time.

use std::future::{poll_fn, Future};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

pub enum First<A, B> {
    Left(A),
    Right(B),
}

/// Whichever ends first; the left one when both have. The other is dropped.
pub async fn race<A: Future, B: Future>(left: A, right: B) -> First<A::Output, B::Output> {
    let mut left = pin!(left);
    let mut right = pin!(right);
    poll_fn(|task| {
        if let Poll::Ready(value) = left.as_mut().poll(task) {
            return Poll::Ready(First::Left(value));
        }
        right.as_mut().poll(task).map(First::Right)
    })
    .await
}

/// The future's output, or `None` after that many seconds **of being able to run**: a process that was stopped for an
/// hour in between counts one second at most for it, and what arrived meanwhile is looked at first.
pub async fn within_active_seconds<F: Future>(seconds: u32, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    for _ in 0..seconds {
        match race(future.as_mut(), tokio::time::sleep(Duration::from_secs(1))).await {
            First::Left(value) => return Some(value),
            First::Right(()) => {}
        }
    }
    None
}
