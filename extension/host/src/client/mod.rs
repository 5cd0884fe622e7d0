//! The HTTP(S) client: what JavaScript's `request` does, from the description of a request to its callback.

mod acknowledged;
mod body;
mod connect;
mod exchange;
#[cfg(test)]
mod fuzz;
mod outgoing;
mod pinned;
mod pool;
mod proxy;
mod request;
mod resolve;
pub mod tls;
mod url;

use crate::engine::Engine;
use crate::errors::{Code, Failure};
use crate::race::{race, First};
use crate::tasks;
use crate::text::latin1;
use exchange::{Progress, Response};
use pool::Pool;
use request::{Exchange, Tell};
use rquickjs::{Ctx, Function, Object, Persistent, Undefined};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use tls::Configs;
use tokio::sync::oneshot;

pub struct Client {
    engine: Rc<Engine>,
    network: Network,
    last: Cell<u32>,
    running: RefCell<HashMap<u32, oneshot::Sender<()>>>,
}

/// What requests share.
#[derive(Default)]
struct Network {
    pool: Pool,
    tls: Configs,
}

impl Client {
    pub fn new(engine: &Rc<Engine>) -> Rc<Self> {
        Rc::new(Self {
            engine: engine.clone(),
            network: Network::default(),
            last: Cell::default(),
            running: RefCell::default(),
        })
    }

    /// Starts a request. `callback` is called once, later, with an error or with nothing, status, headers and body.
    /// Gives the number that cancels it.
    pub fn start<'js>(self: &Rc<Self>, ctx: &Ctx<'js>, request: &Object<'js>, callback: Function<'js>) -> u32 {
        let id = self.last.get().wrapping_add(1);
        self.last.set(id);
        let exchange = Exchange::read(request, self.tell(ctx, request));
        // A failed conversion leaves its exception behind, which is in `exchange` already.
        ctx.catch();
        let callback = Persistent::save(ctx, callback);
        let (cancel, canceled) = oneshot::channel();
        self.running.borrow_mut().insert(id, cancel);
        let client = self.clone();
        tasks::spawn(async move {
            let outcome = run(&client.network, exchange, canceled).await;
            client.running.borrow_mut().remove(&id);
            client.engine.enter(|ctx| hand_over(ctx, &callback.restore(ctx)?, outcome));
        });
        id
    }

    /// Calls the request's `onAcknowledged`, if it has one.
    fn tell<'js>(&self, ctx: &Ctx<'js>, request: &Object<'js>) -> Option<Tell> {
        let callback = Persistent::save(ctx, request.get::<_, Function>("onAcknowledged").ok()?);
        let engine = self.engine.clone();
        Some(Box::new(move |reused| engine.enter(|ctx| callback.clone().restore(ctx)?.call((reused,)))))
    }

    /// Cancels a request that is still running; its callback gets `ECANCELED`.
    pub fn cancel(&self, id: u32) {
        if let Some(cancel) = self.running.borrow_mut().remove(&id) {
            let _ = cancel.send(());
        }
    }
}

async fn run(
    network: &Network,
    exchange: Result<Exchange, Failure>,
    canceled: oneshot::Receiver<()>,
) -> Result<Response, Failure> {
    let progress = Progress::default();
    match race(canceled, exchange::perform(network, exchange?, &progress)).await {
        First::Left(_) => {
            Err(Failure::new(Code::Canceled, format!("The request was canceled {}", progress.step.get())))
        }
        First::Right(outcome) => outcome,
    }
}

fn hand_over<'js>(
    ctx: &Ctx<'js>,
    callback: &Function<'js>,
    outcome: Result<Response, Failure>,
) -> rquickjs::Result<()> {
    let response = match outcome {
        Ok(response) => response,
        Err(failure) => return callback.call((failure.to_error(ctx)?,)),
    };
    let headers = Object::new(ctx.clone())?;
    for (name, value) in &response.headers {
        headers.set(name.as_str(), latin1(value.as_bytes()))?;
    }
    let text = rquickjs::String::from_str(ctx.clone(), &String::from_utf8_lossy(&response.body))?;
    drop(response.body);
    callback.call((Undefined, response.status, headers, text))
}
