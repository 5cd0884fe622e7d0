//! One-shot timers.

use crate::engine::Engine;
use crate::tasks;
use rquickjs::{Ctx, Function, Persistent};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;
use tokio::task::AbortHandle;

/// The longest time a timer can be set to, in milliseconds: about thirty years.
const LONGEST: f64 = 1e12;

pub struct Timers {
    engine: Rc<Engine>,
    last: Cell<u32>,
    running: RefCell<HashMap<u32, AbortHandle>>,
}

impl Timers {
    pub fn new(engine: &Rc<Engine>) -> Rc<Self> {
        Rc::new(Self { engine: engine.clone(), last: Cell::default(), running: RefCell::default() })
    }

    /// Calls `callback` once after `ms` milliseconds (below zero and not a number: as soon as possible). Gives the
    /// number that clears it.
    pub fn set<'js>(self: &Rc<Self>, ctx: &Ctx<'js>, ms: f64, callback: Function<'js>) -> u32 {
        let id = self.last.get().wrapping_add(1);
        self.last.set(id);
        let callback = Persistent::save(ctx, callback);
        let delay = Duration::from_secs_f64(if ms > 0.0 { ms.min(LONGEST) / 1e3 } else { 0.0 });
        let timers = self.clone();
        let task = tasks::spawn(async move {
            tokio::time::sleep(delay).await;
            timers.running.borrow_mut().remove(&id);
            timers.engine.enter(|ctx| callback.restore(ctx)?.call(()));
        });
        self.running.borrow_mut().insert(id, task);
        id
    }

    /// Clears a timer; one that has run or was cleared already is left alone.
    pub fn clear(&self, id: u32) {
        if let Some(task) = self.running.borrow_mut().remove(&id) {
            task.abort();
        }
    }
}
