//! A request as JavaScript describes it, checked and made ready to send.

use super::proxy::Proxy;
use super::tls::Material;
use super::url::Url;
use crate::errors::Failure;
use crate::text::{optional, Utf8};
use hyper::body::Bytes;
use hyper::header::{HeaderMap, HeaderName, HeaderValue, CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use hyper::Method;
use rquickjs::{Object, TypedArray, Value};
use std::time::Duration;

/// Told once the peer has acknowledged a request, and whether it went out on a kept connection.
pub type Tell = Box<dyn Fn(bool)>;

pub struct Exchange {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub timeout: Option<Duration>,
    /// Limit on a kept connection, which may be dead.
    pub reused_timeout: Option<Duration>,
    pub max_idle_ms: f64,
    pub max_response_bytes: usize,
    pub tls: Material,
    pub proxy: Option<Proxy>,
    pub on_acknowledged: Option<Tell>,
}

impl Exchange {
    /// Reads the object that was passed to `request`, except for its function.
    pub fn read(request: &Object<'_>, on_acknowledged: Option<Tell>) -> Result<Self, Failure> {
        let url = text(request, "url").ok_or_else(|| Failure::invalid("There is no URL"))?;
        let url = Url::parse(&url).map_err(|problem| Failure::invalid(format!("The URL can't be used: {problem}")))?;
        if url.credentials.is_some() {
            return Err(Failure::invalid("The URL can't be used: it has a user name or password in it"));
        }
        let method = text(request, "method").unwrap_or_default();
        let proxy = text(request, "proxy").map(|proxy| Proxy::parse(&proxy)).transpose()?;
        Ok(Self {
            method: Method::from_bytes(method.as_bytes()).map_err(|_| Failure::invalid("The method can't be used"))?,
            headers: headers(request, &url)?,
            url,
            body: body(request)?,
            timeout: duration(request, "timeoutMs"),
            reused_timeout: duration(request, "reusedTimeoutMs").filter(|limit| !limit.is_zero()),
            max_idle_ms: number(request, "maxIdleMs").unwrap_or(f64::INFINITY),
            max_response_bytes: number(request, "maxResponseBytes").map_or(usize::MAX, |bytes| bytes as usize),
            tls: tls(request),
            proxy,
            on_acknowledged,
        })
    }
}

fn text(object: &Object<'_>, name: &str) -> Option<String> {
    optional(object.get::<_, Value>(name).ok()?)
}

fn number(object: &Object<'_>, name: &str) -> Option<f64> {
    object.get::<_, Value>(name).ok()?.as_number().filter(|number| !number.is_nan())
}

fn duration(object: &Object<'_>, name: &str) -> Option<Duration> {
    number(object, name).filter(|ms| ms.is_finite()).map(|ms| Duration::from_secs_f64(ms.clamp(0.0, 1e12) / 1e3))
}

fn headers(request: &Object<'_>, url: &Url) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::new();
    let host = HeaderValue::from_str(&url.authority())
        .map_err(|_| Failure::invalid("The URL can't be used: its host is no header value"))?;
    headers.insert(HOST, host);
    let given = request.get::<_, Object>("headers").map_err(|_| Failure::invalid("The headers are not an object"))?;
    for entry in given.props::<String, Value>() {
        let (name, value) = entry.map_err(|_| Failure::invalid("The headers can't be read"))?;
        let header = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| Failure::invalid(format!("The header name {name:?} can't be used")))?;
        // These describe how the message is sent, which is not for the caller to decide.
        if [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING].contains(&header) {
            continue;
        }
        let value = optional(value).and_then(|value| header_value(&value));
        headers.insert(
            header,
            value.ok_or_else(|| Failure::invalid(format!("The value of header {name} can't be used")))?,
        );
    }
    Ok(headers)
}

/// Characters up to U+00FF go out as one byte each; there is no way to send others.
fn header_value(text: &str) -> Option<HeaderValue> {
    let bytes = text.chars().map(|character| u8::try_from(u32::from(character)).ok()).collect::<Option<Vec<u8>>>()?;
    HeaderValue::from_bytes(&bytes).ok()
}

fn body(request: &Object<'_>) -> Result<Bytes, Failure> {
    let unusable = || Failure::invalid("The body is neither a string nor a Uint8Array");
    let value = request.get::<_, Value>("body").map_err(|_| unusable())?;
    if value.is_undefined() || value.is_null() {
        return Ok(Bytes::new());
    }
    if value.is_string() {
        let text = Utf8::of(request.ctx(), value).map_err(|_| unusable())?;
        return Ok(Bytes::copy_from_slice(text.valid().as_bytes()));
    }
    let array = TypedArray::<u8>::from_value(value).map_err(|_| unusable())?;
    // SAFETY: no JavaScript runs while the bytes are copied.
    unsafe { array.as_bytes() }.map(Bytes::copy_from_slice).ok_or_else(unusable)
}

fn tls(request: &Object<'_>) -> Material {
    let Ok(options) = request.get::<_, Object>("tls") else { return Material::default() };
    Material { ca: text(&options, "ca"), cert: text(&options, "cert"), key: text(&options, "key") }
}
