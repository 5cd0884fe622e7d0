//! One request to a server: body, JSON, the handler in JavaScript, response.

use super::body::{self, Content};
use super::peers::{Peer, State};
use super::{Server, Servers};
use crate::body::OneShot;
use crate::text::latin1;
use crate::{hash, rows};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderMap, HeaderName, HeaderValue, CONNECTION, CONTENT_TYPE, EXPECT};
use hyper::{Request, Response, StatusCode};
use rquickjs::{Ctx, Object};
use tokio::sync::oneshot;

/// What the handler answered.
pub struct Reply {
    pub status: u16,
    pub body: String,
}

/// Forgets a request when its client is gone before the handler has answered.
struct Waiting<'a>(&'a Servers, u32);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.borrow_mut().remove(&self.1);
    }
}

/// Answers one request; whatever happens, there is an answer.
pub async fn answer(servers: &Servers, server: &Server, peer: &Peer, request: Request<Incoming>) -> Response<OneShot> {
    let (head, incoming) = request.into_parts();
    let content = match body::read(incoming, server.max_body_bytes, head.headers.contains_key(EXPECT), peer).await {
        Content::Complete(content) => content,
        Content::TooLarge => return last_response(StatusCode::PAYLOAD_TOO_LARGE),
        Content::Stalled => return last_response(StatusCode::REQUEST_TIMEOUT),
        Content::Broken => return last_response(StatusCode::BAD_REQUEST),
    };
    peer.set(State::Answering);
    let (sender, receiver) = oneshot::channel();
    let exchange = servers.next();
    servers.waiting.borrow_mut().insert(exchange, sender);
    let _waiting = Waiting(servers, exchange);
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    servers.engine.enter(|ctx| {
        let (bytes, digest) = (content.len(), hash::fingerprint(&content));
        let called = rows::of_body(ctx, content, &server.members).and_then(|rows| {
            let headers = wanted(ctx, &server.header_names, &head.headers)?;
            let handler = server.handler.clone().restore(ctx)?;
            handler.call::<_, ()>((exchange, head.method.as_str(), path, headers, rows, bytes as f64, digest))
        });
        if called.is_err() {
            servers.respond(exchange, 500.0, None);
        }
        called
    });
    let reply = receiver.await.unwrap_or(Reply { status: 500, body: String::new() });
    peer.set(State::Idle);
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
