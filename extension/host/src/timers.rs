//! One-shot timers.

use crate::api::Host;
use rquickjs::{Ctx, Function, Persistent};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;
use tokio::task::AbortHandle;

/// The longest time a timer can be set to, in milliseconds: about thirty years.
const LONGEST: f64 = 1e12;

#[derive(Default)]
pub struct Timers {
    last: Cell<u32>,
    running: RefCell<HashMap<u32, AbortHandle>>,
}

/// Calls `callback` once after `ms` milliseconds (below zero and not a number: as soon as possible). Gives the number that clears it.
pub fn set<'js>(host: &Rc<Host>, ctx: &Ctx<'js>, ms: f64, callback: Function<'js>) -> u32 {
    let id = host.timers.last.get().wrapping_add(1);
    host.timers.last.set(id);
    let callback = Persistent::save(ctx, callback);
    let delay = Duration::from_secs_f64(if ms > 0.0 { ms.min(LONGEST) / 1e3 } else { 0.0 });
    let owner = host.clone();
    let task = tokio::task::spawn_local(async move {
        tokio::time::sleep(delay).await;
        owner.timers.running.borrow_mut().remove(&id);
        owner.engine.enter(|ctx| callback.restore(ctx)?.call(()));
    });
    host.timers.running.borrow_mut().insert(id, task.abort_handle());
    id
}

/// Clears a timer; one that has run or was cleared already is left alone.
pub fn clear(host: &Host, id: u32) {
    if let Some(task) = host.timers.running.borrow_mut().remove(&id) {
        task.abort();
    }
}
