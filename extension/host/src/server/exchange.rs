//! One request to a server: body, JSON, the handler in JavaScript, response.

use super::body::{self, Content};
use super::Server;
use crate::api::Host;
use crate::client::body::OneShot;
use crate::hash;
use crate::text::latin1;
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderMap, HeaderName, HeaderValue, CONNECTION, CONTENT_TYPE, EXPECT};
use hyper::{Request, Response, StatusCode};
use lambdawatch_json::{raw, surrogates};
use rquickjs::{qjs, Array, Ctx, Object, Value};
use std::rc::Rc;
use tokio::sync::oneshot;

/// What the handler answered.
pub struct Reply {
    pub status: u16,
    pub body: String,
}

/// Forgets a request when its client is gone before the handler has answered.
struct Waiting<'a>(&'a Host, u32);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.servers.waiting.borrow_mut().remove(&self.1);
    }
}

/// Answers one request; whatever happens, there is an answer.
pub async fn answer(host: &Host, server: &Rc<Server>, request: Request<Incoming>) -> Response<OneShot> {
    let (head, incoming) = request.into_parts();
    let content = match body::read(incoming, server.max_body_bytes, head.headers.contains_key(EXPECT)).await {
        Content::Complete(content) => content,
        Content::TooLarge => return last_response(StatusCode::PAYLOAD_TOO_LARGE),
        Content::Stalled => return last_response(StatusCode::REQUEST_TIMEOUT),
        Content::Broken => return last_response(StatusCode::BAD_REQUEST),
    };
    let (sender, receiver) = oneshot::channel();
    let exchange = host.servers.next();
    host.servers.waiting.borrow_mut().insert(exchange, sender);
    let _waiting = Waiting(host, exchange);
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    host.engine.enter(|ctx| {
        let (bytes, digest) = (content.len(), hash::fingerprint(&content));
        let called = parse(ctx, content, &server.raw_member).and_then(|json| {
            let headers = wanted(ctx, &server.header_names, &head.headers)?;
            let handler = server.handler.clone().restore(ctx)?;
            handler.call::<_, ()>((exchange, head.method.as_str(), path, headers, json, bytes as f64, digest))
        });
        if called.is_err() {
            host.servers.respond(exchange, 500.0, None);
        }
        called
    });
    let reply = receiver.await.unwrap_or(Reply { status: 500, body: String::new() });
    let status = StatusCode::from_u16(reply.status).ok().filter(|status| status.as_u16() >= 200);
    let mut response = response(status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), reply.body);
    if server.closed.get() {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Those headers of a request that were asked for, or nothing where it has none of them.
fn wanted<'js>(ctx: &Ctx<'js>, names: &[HeaderName], headers: &HeaderMap) -> rquickjs::Result<Option<Object<'js>>> {
    let mut found = None;
    for name in names {
        let Some(value) = headers.get_all(name).iter().next_back() else { continue };
        let object = match &found {
            Some(object) => object,
            None => found.insert(Object::new(ctx.clone())?),
        };
        object.set(name.as_str(), latin1(value.as_bytes()))?;
    }
    Ok(found)
}

fn response(status: StatusCode, body: String) -> Response<OneShot> {
    let has_text = !body.is_empty();
    let mut response = Response::new(OneShot::new(Bytes::from(body)));
    *response.status_mut() = status;
    if has_text {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    }
    response
}

/// A response after which the connection is closed, as the rest of the request is not going to be read.
fn last_response(status: StatusCode) -> Response<OneShot> {
    let mut response = response(status, String::new());
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// The body as a JavaScript value with `raw` members added; `undefined` if it is empty or not JSON.
fn parse<'js>(ctx: &Ctx<'js>, content: Vec<u8>, raw_member: &str) -> rquickjs::Result<Value<'js>> {
    if content.is_empty() {
        return Ok(Value::new_undefined(ctx.clone()));
    }
    let mut content = match String::from_utf8(content) {
        Ok(text) => text.into_bytes(),
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned().into_bytes(),
    };
    // The parser looks one byte past the end and wants to find a zero there.
    content.push(0);
    let length = content.len() - 1;
    let mended = surrogates::mended(&content);
    let parsed = mended.as_ref().unwrap_or(&content);
    // SAFETY: `parsed` holds `length` bytes and a zero, and outlives the call; the value returned is owned by us.
    let value = unsafe {
        let raw = qjs::JS_ParseJSON(ctx.as_raw().as_ptr(), parsed.as_ptr().cast(), length as _, c"body".as_ptr());
        Value::from_raw(ctx.clone(), raw)
    };
    if value.is_exception() {
        ctx.catch();
        return Ok(Value::new_undefined(ctx.clone()));
    }
    if let Some(array) = value.as_array() {
        add_raw(ctx, array, &content[..length], raw_member)?;
    }
    Ok(value)
}

fn add_raw<'js>(ctx: &Ctx<'js>, array: &Array<'js>, json: &[u8], member: &str) -> rquickjs::Result<()> {
    for found in raw::find(json, member) {
        let object: Object = array.get(found.index)?;
        let text = raw::compact(&json[found.range]);
        let text = rquickjs::String::from_str(ctx.clone(), &String::from_utf8_lossy(&text))?;
        object.set("raw", text)?;
    }
    Ok(())
}
