//! The functions that JavaScript sees, as members of the global `__host`. `extension/platform/native.ts` declares and
//! wraps them; arguments are what that file passes, so they are checked here only as far as safety needs.

use crate::client::{self, Client};
use crate::engine::Engine;
use crate::server::{self, Servers};
use crate::text::Utf8;
use crate::timers::{self, Timers};
use crate::{clock, env, files, gzip, hash, output, random, stringify};
use rquickjs::{Ctx, Exception, Function, Object, TypedArray, Value};
use std::rc::Rc;

/// What the functions share.
pub struct Host {
    pub engine: Engine,
    pub timers: Timers,
    pub servers: Servers,
    pub client: Client,
}

impl Host {
    pub fn new(engine: Engine) -> Self {
        Self { engine, timers: Timers::default(), servers: Servers::default(), client: Client::default() }
    }
}

/// Puts `__host` in place.
pub fn install(host: &Rc<Host>) -> Result<(), String> {
    let mut outcome = Err("the engine did not run".to_owned());
    host.engine.enter(|ctx| {
        outcome = install_all(host, ctx).map_err(|error| crate::text::thrown(ctx, error));
        Ok(())
    });
    outcome
}

fn install_all<'js>(host: &Rc<Host>, ctx: &Ctx<'js>) -> rquickjs::Result<()> {
    let object = Object::new(ctx.clone())?;
    object.set("env", env::object(ctx)?)?;
    install_clocks_and_timers(host, ctx, &object)?;
    install_text(ctx, &object)?;
    install_hashes(ctx, &object)?;
    install_process(ctx, &object)?;
    install_server(host, ctx, &object)?;
    install_client(host, ctx, &object)?;
    stringify::install(ctx)?;
    ctx.globals().set("__host", object)
}

fn install_clocks_and_timers<'js>(host: &Rc<Host>, ctx: &Ctx<'js>, object: &Object<'js>) -> rquickjs::Result<()> {
    object.set("now", Function::new(ctx.clone(), clock::wall)?)?;
    object.set("monotonic", Function::new(ctx.clone(), clock::monotonic)?)?;
    let owner = host.clone();
    let set = move |ctx: Ctx<'js>, ms: f64, callback: Function<'js>| timers::set(&owner, &ctx, ms, callback);
    object.set("setTimer", Function::new(ctx.clone(), set)?)?;
    let owner = host.clone();
    object.set("clearTimer", Function::new(ctx.clone(), move |id: u32| timers::clear(&owner, id))?)
}

fn install_text<'js>(ctx: &Ctx<'js>, object: &Object<'js>) -> rquickjs::Result<()> {
    let length = |ctx: Ctx<'js>, text: Value<'js>| Utf8::of(&ctx, text).map(|text| text.len() as f64);
    object.set("utf8Length", Function::new(ctx.clone(), length)?)?;
    let gzip = |ctx: Ctx<'js>, text: Value<'js>| -> rquickjs::Result<TypedArray<'js, u8>> {
        let compressed = gzip::compress(Utf8::of(&ctx, text)?.valid().as_bytes());
        let compressed = compressed.ok_or_else(|| Exception::throw_internal(&ctx, "gzip failed"))?;
        TypedArray::new(ctx, compressed)
    };
    object.set("gzip", Function::new(ctx.clone(), gzip)?)
}

fn install_hashes<'js>(ctx: &Ctx<'js>, object: &Object<'js>) -> rquickjs::Result<()> {
    let sha256 = |ctx: Ctx<'js>, data: TypedArray<'js, u8>| {
        // SAFETY: no JavaScript runs while the bytes are looked at.
        let hashed = hash::sha256(unsafe { data.as_bytes() }.unwrap_or_default());
        TypedArray::<u8>::new(ctx, hashed)
    };
    object.set("sha256", Function::new(ctx.clone(), sha256)?)?;
    let hmac = |ctx: Ctx<'js>, key: TypedArray<'js, u8>, data: TypedArray<'js, u8>| {
        // SAFETY: as above.
        let (key, data) = unsafe { (key.as_bytes().unwrap_or_default(), data.as_bytes().unwrap_or_default()) };
        TypedArray::<u8>::new(ctx, hash::hmac_sha256(key, data))
    };
    object.set("hmacSha256", Function::new(ctx.clone(), hmac)?)
}

fn install_process<'js>(ctx: &Ctx<'js>, object: &Object<'js>) -> rquickjs::Result<()> {
    let read = |ctx: Ctx<'js>, path: Value<'js>| -> rquickjs::Result<String> {
        let path = Utf8::of(&ctx, path)?;
        let content = files::read_text(&path.valid());
        content.map_err(|failure| failure.throw(&ctx))
    };
    object.set("readTextFile", Function::new(ctx.clone(), read)?)?;
    let random = |ctx: Ctx<'js>| random::fraction().map_err(|_| Exception::throw_internal(&ctx, "no random number"));
    object.set("random", Function::new(ctx.clone(), random)?)?;
    let stderr = |ctx: Ctx<'js>, line: Value<'js>| Utf8::of(&ctx, line).map(|line| output::line(&line.valid()));
    object.set("stderr", Function::new(ctx.clone(), stderr)?)?;
    object.set("exit", Function::new(ctx.clone(), |code: i32| -> () { std::process::exit(code) })?)
}

fn install_server<'js>(host: &Rc<Host>, ctx: &Ctx<'js>, object: &Object<'js>) -> rquickjs::Result<()> {
    let owner = host.clone();
    let serve = move |ctx: Ctx<'js>, options: Object<'js>, handler: Function<'js>| server::start(&owner, &ctx, &options, handler);
    object.set("serve", Function::new(ctx.clone(), serve)?)?;
    let owner = host.clone();
    object.set("closeServer", Function::new(ctx.clone(), move |id: u32| owner.servers.close(id))?)?;
    let owner = host.clone();
    let respond = move |ctx: Ctx<'js>, exchange: u32, status: f64, body: Value<'js>| {
        owner.servers.respond(exchange, status, crate::text::optional(&ctx, body));
    };
    object.set("respond", Function::new(ctx.clone(), respond)?)
}

fn install_client<'js>(host: &Rc<Host>, ctx: &Ctx<'js>, object: &Object<'js>) -> rquickjs::Result<()> {
    let owner = host.clone();
    let request = move |ctx: Ctx<'js>, request: Object<'js>, callback: Function<'js>| client::start(&owner, &ctx, &request, callback);
    object.set("request", Function::new(ctx.clone(), request)?)?;
    let owner = host.clone();
    object.set("cancelRequest", Function::new(ctx.clone(), move |id: u32| owner.client.cancel(id))?)
}
