//! Runs the JavaScript bundle that stands at the end of this executable and offers it, as the global `__host`, what
//! JavaScript itself lacks. All behaviour is in the bundle: this program knows neither who starts it nor what for.
//!
//! Everything runs on one thread: a bundle's function, a timer and a connection are never active at the same time.
//! The one exception is name resolution, for which a thread exists while it lasts (`client::resolve`).

mod api;
mod body;
mod bundle;
mod clock;
mod engine;
mod env;
mod errors;
mod fields;
mod files;
mod gzip;
mod hash;
mod limits;
mod list;
mod output;
mod parts;
mod passage;
mod patterns;
mod race;
mod random;
mod rejections;
mod rows;
mod server;
mod stream;
mod tasks;
mod text;
mod timers;

mod client;

use engine::Engine;
use std::future::pending;
use std::rc::Rc;

/// Exit code where there is no bundle or it can't be loaded at all.
const EXIT_UNUSABLE: i32 = 70;

fn main() {
    let code = match run() {
        Ok(never) => match never {},
        Err(problem) => {
            output::line(&problem);
            EXIT_UNUSABLE
        }
    };
    std::process::exit(code);
}

/// Runs the bundle until it calls `exit`. What it throws is reported and ends nothing.
fn run() -> Result<std::convert::Infallible, String> {
    std::panic::set_hook(Box::new(|panic| output::line(&format!("Internal error: {panic}"))));
    limits::forbid_core_dumps();
    let bytecode = bundle::read(0)?;
    let reactor = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .map_err(|error| format!("The event loop can't start: {error}"))?;
    reactor.block_on(async {
        let engine = Engine::new().map_err(|error| format!("The JavaScript engine can't start: {error}"))?;
        let engine = Rc::new(engine);
        let host = api::Host::new(&engine);
        api::install(&host).map_err(|error| format!("The host's functions can't be set up: {error}"))?;
        engine.run_module(bytecode)?;
        pending().await
    })
}
