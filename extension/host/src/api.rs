//! The functions that JavaScript sees, as members of the global `__host`. `extension/platform/native.ts` declares and
//! wraps them; arguments are what that file passes, so they are checked here only as far as safety needs.

use crate::client::{tls, Client};
use crate::engine::Engine;
use crate::patterns::Patterns;
use crate::server::Servers;
use crate::text::{self, Utf8};
use crate::timers::Timers;
use crate::{clock, env, fields, files, gzip, hash, list, output, random};
use rquickjs::{Array, Ctx, Exception, Function, Object, TypedArray, Value};
use std::rc::Rc;

/// What the functions share.
pub struct Host {
    engine: Rc<Engine>,
    timers: Rc<Timers>,
    servers: Rc<Servers>,
    client: Rc<Client>,
}

impl Host {
    pub fn new(engine: &Rc<Engine>) -> Self {
        Self {
            engine: engine.clone(),
            timers: Timers::new(engine),
            servers: Servers::new(engine),
            client: Client::new(engine),
        }
    }
}

/// Puts `__host` in place.
pub fn install(host: &Host) -> Result<(), String> {
    let mut outcome = Err("the engine did not run".to_owned());
    host.engine.enter(|ctx| {
        outcome = install_all(host, ctx).map_err(|error| text::thrown(ctx, error));
        Ok(())
    });
    outcome
}

fn install_all<'js>(host: &Host, ctx: &Ctx<'js>) -> rquickjs::Result<()> {
    let object = Object::new(ctx.clone())?;
    object.set("env", env::object(ctx)?)?;
    install_clocks_and_timers(host, ctx, &object)?;
    install_text(ctx, &object)?;
    install_hashes(ctx, &object)?;
    install_patterns(ctx, &object)?;
    install_process(host, ctx, &object)?;
    install_server(host, ctx, &object)?;
    install_client(host, ctx, &object)?;
    ctx.globals().set("__host", object)
}

fn install_clocks_and_timers<'js>(host: &Host, ctx: &Ctx<'js>, object: &Object<'js>) -> rquickjs::Result<()> {
    object.set("now", Function::new(ctx.clone(), clock::wall)?)?;
    object.set("monotonic", Function::new(ctx.clone(), clock::monotonic)?)?;
    let timers = host.timers.clone();
    let set = move |ctx: Ctx<'js>, ms: f64, callback: Function<'js>| timers.set(&ctx, ms, callback);
    object.set("setTimer", Function::new(ctx.clone(), set)?)?;
    let timers = host.timers.clone();
    object.set("clearTimer", Function::new(ctx.clone(), move |id: u32| timers.clear(id))?)
}

fn install_text<'js>(ctx: &Ctx<'js>, object: &Object<'js>) -> rquickjs::Result<()> {
    let length = |ctx: Ctx<'js>, text: Value<'js>| Utf8::of(&ctx, text).map(|text| text.len() as f64);
    object.set("utf8Length", Function::new(ctx.clone(), length)?)?;
    object.set("fieldReader", Function::new(ctx.clone(), fields::reader)?)?;
    object.set("createList", Function::new(ctx.clone(), list::create)?)?;
    object.set("createForms", Function::new(ctx.clone(), |ctx: Ctx<'js>| list::create_forms(ctx, None))?)?;
    let utf8 = |ctx: Ctx<'js>, parts: Vec<Value<'js>>| -> rquickjs::Result<TypedArray<'js, u8>> {
        let all = list::joined(&ctx, parts)?;
        TypedArray::new(ctx, all)
    };
    object.set("utf8", Function::new(ctx.clone(), utf8)?)?;
    let gzip = |ctx: Ctx<'js>, parts: Vec<Value<'js>>| -> rquickjs::Result<TypedArray<'js, u8>> {
        let compressed = gzip::compress(&list::joined(&ctx, parts)?);
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

fn install_patterns<'js>(ctx: &Ctx<'js>, object: &Object<'js>) -> rquickjs::Result<()> {
    let patterns = Rc::new(Patterns::default());
    let kept = patterns.clone();
    let compile = move |ctx: Ctx<'js>, list: Array<'js>| kept.compile(&ctx, list);
    object.set("compilePatterns", Function::new(ctx.clone(), compile)?)?;
    let kept = patterns.clone();
    let forms = move |ctx: Ctx<'js>, set: usize, matching: Vec<usize>| {
        let condition = kept.condition(&ctx, set, matching)?;
        list::create_forms(ctx, Some(condition))
    };
    object.set("createFormsOfPatterns", Function::new(ctx.clone(), forms)?)?;
    let kept = patterns.clone();
    let matching = move |ctx: Ctx<'js>, set: usize, text: Value<'js>| kept.matching(&ctx, set, text);
    object.set("matchingPatterns", Function::new(ctx.clone(), matching)?)?;
    let replace =
        move |ctx: Ctx<'js>, set: usize, number: usize, text: Value<'js>| patterns.replace(&ctx, set, number, text);
    object.set("replacePattern", Function::new(ctx.clone(), replace)?)
}

fn install_process<'js>(host: &Host, ctx: &Ctx<'js>, object: &Object<'js>) -> rquickjs::Result<()> {
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
    let engine = host.engine.clone();
    let on_fault = move |ctx: Ctx<'js>, handler: Function<'js>| engine.set_on_fault(&ctx, handler);
    object.set("onFault", Function::new(ctx.clone(), on_fault)?)?;
    object.set("exit", Function::new(ctx.clone(), |code: i32| -> () { std::process::exit(code) })?)
}

fn install_server<'js>(host: &Host, ctx: &Ctx<'js>, object: &Object<'js>) -> rquickjs::Result<()> {
    let servers = host.servers.clone();
    let serve =
        move |ctx: Ctx<'js>, options: Object<'js>, handler: Function<'js>| servers.start(&ctx, &options, handler);
    object.set("serve", Function::new(ctx.clone(), serve)?)?;
    let servers = host.servers.clone();
    object.set("closeServer", Function::new(ctx.clone(), move |id: u32| servers.close(id))?)?;
    let servers = host.servers.clone();
    let respond = move |exchange: u32, status: f64, body: Value<'js>| {
        servers.respond(exchange, status, text::optional(body));
    };
    object.set("respond", Function::new(ctx.clone(), respond)?)
}

fn install_client<'js>(host: &Host, ctx: &Ctx<'js>, object: &Object<'js>) -> rquickjs::Result<()> {
    let client = host.client.clone();
    let request =
        move |ctx: Ctx<'js>, request: Object<'js>, callback: Function<'js>| client.start(&ctx, &request, callback);
    object.set("request", Function::new(ctx.clone(), request)?)?;
    let client = host.client.clone();
    object.set("cancelRequest", Function::new(ctx.clone(), move |id: u32| client.cancel(id))?)?;
    let check = |ctx: Ctx<'js>, pem: Value<'js>| -> rquickjs::Result<Object<'js>> {
        let counted = tls::count_certificates(&Utf8::of(&ctx, pem)?.valid());
        let result = Object::new(ctx)?;
        result.set("usable", counted.usable)?;
        result.set("unusable", counted.unusable)?;
        Ok(result)
    };
    object.set("checkCertificates", Function::new(ctx.clone(), check)?)
}
