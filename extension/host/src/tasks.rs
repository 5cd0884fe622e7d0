//! Tasks on the one thread that there is.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::task::AbortHandle;

/// Starts a task beside the one that runs. It is a task of the runtime itself: those of tokio's `LocalSet`, which is
/// made for futures that stay on their thread, cost a write to the event loop's wake-up descriptor and another turn of
/// it each time one of them starts or wakes another.
pub fn spawn(future: impl Future<Output = ()> + 'static) -> AbortHandle {
    tokio::task::spawn(OneThread(future)).abort_handle()
}

struct OneThread<F>(F);

// SAFETY: the runtime is of tokio's current-thread kind, which polls and drops its tasks on the thread that runs it
// alone, and tasks are started from there alone: what other threads do is to wake them (`client::resolve`).
unsafe impl<F> Send for OneThread<F> {}

impl<F: Future> Future for OneThread<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: the inner future is never moved out.
        unsafe { self.map_unchecked_mut(|this| &mut this.0) }.poll(task)
    }
}
