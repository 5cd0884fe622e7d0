//! JavaScript strings as UTF-8, without copying where the engine holds plain ASCII.

use rquickjs::{CString, CaughtError, Coerced, Ctx, Error, Exception, FromJs, Value};
use std::borrow::Cow;

/// UTF-8 of a string as the engine gives it: a lone surrogate takes three bytes, as U+FFFD does, but is not valid
/// UTF-8.
pub struct Utf8<'js>(CString<'js>);

impl<'js> Utf8<'js> {
    /// The bytes of a string; any other value is a `TypeError`.
    pub fn of(ctx: &Ctx<'js>, value: Value<'js>) -> rquickjs::Result<Self> {
        match value.into_string() {
            Some(string) => Ok(Self(string.to_cstring()?)),
            None => Err(Exception::throw_type(ctx, "not a string")),
        }
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn bytes(&self) -> &[u8] {
        // SAFETY: pointer and length are those of one string that the engine keeps until this value is dropped.
        unsafe { std::slice::from_raw_parts(self.0.as_ptr().cast::<u8>(), self.0.len()) }
    }

    /// Valid UTF-8, with U+FFFD in place of each lone surrogate.
    pub fn valid(&self) -> Cow<'_, str> {
        let bytes = self.bytes();
        match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => Cow::Owned(replace_surrogates(bytes)),
        }
    }
}

/// Surrogates are encoded as ED A0..BF xx; U+FFFD is EF BF BD.
fn replace_surrogates(bytes: &[u8]) -> String {
    let mut fixed = bytes.to_vec();
    for at in 0..fixed.len().saturating_sub(2) {
        if fixed[at] == 0xED && fixed[at + 1] >= 0xA0 {
            fixed[at..at + 3].copy_from_slice("\u{FFFD}".as_bytes());
        }
    }
    match String::from_utf8(fixed) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    }
}

/// The text of a string value; `None` for anything else.
pub fn optional(value: Value<'_>) -> Option<String> {
    let string = value.into_string()?;
    let ctx = string.ctx().clone();
    Utf8::of(&ctx, string.into_value()).ok().map(|text| text.valid().into_owned())
}

/// One character a byte, as headers have them.
pub fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// What was thrown, for a reader: name, message and stack of an `Error`, else the value as a string.
pub fn thrown(ctx: &Ctx<'_>, error: Error) -> String {
    match CaughtError::from_error(ctx, error) {
        CaughtError::Error(error) => error.to_string(),
        CaughtError::Exception(exception) => describe(ctx, &exception.into_object().into_value()),
        CaughtError::Value(value) => describe(ctx, &value),
    }
}

/// A thrown value for a reader. Never fails, whatever `toString` does.
pub fn describe<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> String {
    let text = match Coerced::<String>::from_js(ctx, value.clone()) {
        Ok(text) => text.0,
        Err(_) => {
            ctx.catch();
            "a value that can't be shown".to_owned()
        }
    };
    let stack = value.as_object().and_then(|object| object.get::<_, Value>("stack").ok()).and_then(optional);
    match stack {
        Some(stack) if !stack.trim().is_empty() => format!("{text}\n{}", stack.trim_end()),
        _ => text,
    }
}
