//! How far the bytes of a request have got on a connection: taken by the HTTP library, and then written to the socket.
//! Shared by the request's body, the stream that it goes out on, and whoever waits for it.

use std::cell::{Cell, RefCell};
use std::task::{Context, Poll, Waker};

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Reached {
    /// No request is followed, or the HTTP library has nothing of it yet.
    #[default]
    Nowhere,
    /// The HTTP library has all of it but the last part.
    Begun,
    /// That is written.
    BegunWritten,
    /// The HTTP library has all of it.
    Whole,
    /// All of it is written.
    WholeWritten,
}

#[derive(Default)]
pub struct Passage {
    reached: Cell<Reached>,
    waiting: RefCell<Option<Waker>>,
}

impl Passage {
    /// From now on another request is followed.
    pub fn begin(&self) {
        self.reached.set(Reached::Nowhere);
    }

    /// The HTTP library has been handed the next part, which may be the last.
    pub fn handed_over(&self, is_last: bool) {
        self.reached.set(if is_last { Reached::Whole } else { Reached::Begun });
    }

    /// The stream has written all that it was given.
    pub fn flushed(&self, task: &mut Context<'_>) {
        match self.reached.get() {
            Reached::Begun => {
                self.reached.set(Reached::BegunWritten);
                // The body has waited for that, in the task that writes it.
                task.waker().wake_by_ref();
            }
            Reached::Whole => {
                self.reached.set(Reached::WholeWritten);
                if let Some(waiting) = self.waiting.take() {
                    waiting.wake();
                }
            }
            _ => {}
        }
    }

    /// Whether the last part may follow.
    pub fn is_begun(&self) -> bool {
        self.reached.get() == Reached::BegunWritten
    }

    /// Ready when all of it has been written.
    pub fn poll_written(&self, task: &mut Context<'_>) -> Poll<()> {
        if self.reached.get() == Reached::WholeWritten {
            return Poll::Ready(());
        }
        self.waiting.replace(Some(task.waker().clone()));
        Poll::Pending
    }
}
