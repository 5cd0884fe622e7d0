//! The HTTP(S) client: what JavaScript's `request` does, from the description of a request to its callback.

pub mod body;
mod connect;
mod exchange;
mod pinned;
mod pool;
mod proxy;
mod request;
mod resolve;
mod tls;
mod url;

use crate::api::Host;
use crate::errors::{Code, Failure};
use crate::race::{race, First};
use crate::text::latin1;
use exchange::Response;
use pool::Pool;
use request::Exchange;
use rquickjs::{Ctx, Function, Object, Persistent, Undefined};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use tls::Configs;
use tokio::sync::oneshot;

#[derive(Default)]
pub struct Client {
    pool: Pool,
    tls: Configs,
    last: Cell<u32>,
    running: RefCell<HashMap<u32, oneshot::Sender<()>>>,
}

/// Starts a request. `callback` is called once, later, with an error or with nothing, status, headers and body.
/// Gives the number that cancels it.
pub fn start<'js>(host: &Rc<Host>, ctx: &Ctx<'js>, request: &Object<'js>, callback: Function<'js>) -> u32 {
    let id = host.client.last.get().wrapping_add(1);
    host.client.last.set(id);
    let exchange = Exchange::read(ctx, request);
    // A failed conversion leaves its exception behind, which is in `exchange` already.
    ctx.catch();
    let callback = Persistent::save(ctx, callback);
    let (cancel, canceled) = oneshot::channel();
    host.client.running.borrow_mut().insert(id, cancel);
    let host = host.clone();
    tokio::task::spawn_local(async move {
        let outcome = run(&host.client, exchange, canceled).await;
        host.client.running.borrow_mut().remove(&id);
        host.engine.enter(|ctx| hand_over(ctx, &callback.restore(ctx)?, outcome));
    });
    id
}

impl Client {
    /// Cancels a request that is still running; its callback gets `ECANCELED`.
    pub fn cancel(&self, id: u32) {
        if let Some(cancel) = self.running.borrow_mut().remove(&id) {
            let _ = cancel.send(());
        }
    }
}

async fn run(client: &Client, exchange: Result<Exchange, Failure>, canceled: oneshot::Receiver<()>) -> Result<Response, Failure> {
    match race(canceled, exchange::perform(client, exchange?)).await {
        First::Left(_) => Err(Failure::new(Code::Canceled, "The request was cancelled")),
        First::Right(outcome) => outcome,
    }
}

fn hand_over<'js>(ctx: &Ctx<'js>, callback: &Function<'js>, outcome: Result<Response, Failure>) -> rquickjs::Result<()> {
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
