//! Promises that were rejected and that nobody handled by the time all promise jobs had run.

use rquickjs::runtime::RejectionTracker;
use rquickjs::{qjs, Ctx, Persistent, Value};
use std::cell::RefCell;
use std::rc::Rc;

#[derive(Default)]
pub struct Rejections {
    pending: RefCell<Vec<Rejection>>,
}

struct Rejection {
    address: usize,
    /// Keeps the promise alive, and with it the address its own.
    _promise: Persistent<Value<'static>>,
    reason: Persistent<Value<'static>>,
}

impl Rejections {
    /// The function that the engine calls when a promise is rejected without a handler, and when one is added later.
    pub fn tracker(rejections: &Rc<Self>) -> RejectionTracker {
        let rejections = rejections.clone();
        Box::new(move |ctx: Ctx<'_>, promise: Value<'_>, reason: Value<'_>, handled: bool| {
            let address = address(&promise);
            let mut pending = rejections.pending.borrow_mut();
            if handled {
                pending.retain(|entry| entry.address != address);
            } else {
                pending.push(Rejection {
                    address,
                    _promise: Persistent::save(&ctx, promise),
                    reason: Persistent::save(&ctx, reason),
                });
            }
        })
    }

    /// Hands over the reasons of all that are still unhandled and forgets them.
    pub fn take(&self) -> Vec<Persistent<Value<'static>>> {
        self.pending.take().into_iter().map(|entry| entry.reason).collect()
    }
}

fn address(value: &Value<'_>) -> usize {
    // SAFETY: a promise is an object, whose value is a pointer; it is compared only, never followed.
    unsafe { qjs::JS_VALUE_GET_PTR(value.as_raw()) as usize }
}
