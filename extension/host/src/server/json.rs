//! From a request's body to what the handler gets.

use lambdawatch_json::{raw, surrogates};
use rquickjs::{qjs, Array, Ctx, Object, Value};

/// Why a text has no value.
enum Unparsed {
    NotJson,
    /// The parser, which is recursive, has come to the end of its stack.
    TooDeep,
}

/// The body as a JavaScript value with `raw` members added; `undefined` if it is empty or not JSON.
pub fn parse<'js>(ctx: &Ctx<'js>, content: Vec<u8>, raw_member: &str) -> rquickjs::Result<Value<'js>> {
    let undefined = || Ok(Value::new_undefined(ctx.clone()));
    if content.is_empty() {
        return undefined();
    }
    let mut content = match String::from_utf8(content) {
        Ok(text) => text.into_bytes(),
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned().into_bytes(),
    };
    // For the parser, see below.
    content.push(0);
    let length = content.len() - 1;
    let mended = surrogates::mended(&content);
    let text = mended.as_ref().unwrap_or(&content);
    match parse_text(ctx, text) {
        Ok(value) => {
            if let Some(array) = value.as_array() {
                for found in raw::find(&content[..length], raw_member) {
                    add_raw(ctx, &array.get(found.index)?, &content[found.range])?;
                }
            }
            Ok(value)
        }
        Err(Unparsed::NotJson) => undefined(),
        Err(Unparsed::TooDeep) => parse_elements(ctx, &content[..length], text, raw_member),
    }
}

/// Parses the elements of a top-level array one by one, so that one of them can't take the others along. In one that is
/// nested too deep, `null` takes the place of its raw member's value, whose text it gets all the same. One that is
/// nested too deep elsewhere is `null` itself.
/// `text` is what is parsed: the content, with some bytes replaced.
fn parse_elements<'js>(ctx: &Ctx<'js>, content: &[u8], text: &[u8], raw_member: &str) -> rquickjs::Result<Value<'js>> {
    let Some(elements) = raw::elements(content, raw_member) else { return Ok(Value::new_undefined(ctx.clone())) };
    let array = Array::new(ctx.clone())?;
    for (index, raw::Element { range, member }) in elements.into_iter().enumerate() {
        let mut parsed = parse_text(ctx, &terminated(&[&text[range.clone()]]));
        if let (Err(Unparsed::TooDeep), Some(member)) = (&parsed, &member) {
            let shallow = terminated(&[&text[range.start..member.start], b"null", &text[member.end..range.end]]);
            parsed = parse_text(ctx, &shallow);
        }
        let value = match parsed {
            Ok(value) => value,
            Err(Unparsed::TooDeep) => Value::new_null(ctx.clone()),
            Err(Unparsed::NotJson) => return Ok(Value::new_undefined(ctx.clone())),
        };
        if let (Some(object), Some(member)) = (value.as_object(), member) {
            add_raw(ctx, object, &content[member])?;
        }
        array.set(index, value)?;
    }
    Ok(array.into_value())
}

fn add_raw<'js>(ctx: &Ctx<'js>, object: &Object<'js>, json: &[u8]) -> rquickjs::Result<()> {
    let text = raw::compact(json);
    object.set("raw", rquickjs::String::from_str(ctx.clone(), &String::from_utf8_lossy(&text))?)
}

fn terminated(parts: &[&[u8]]) -> Vec<u8> {
    let mut text = parts.concat();
    text.push(0);
    text
}

/// Parses all of `text` but its last byte. The parser looks one byte past the end and wants to find a zero there.
fn parse_text<'js>(ctx: &Ctx<'js>, text: &[u8]) -> Result<Value<'js>, Unparsed> {
    debug_assert!(text.ends_with(&[0]));
    // SAFETY: `text` holds so many bytes and a zero, and outlives the call; the value returned is owned by us.
    let value = unsafe {
        let context = ctx.as_raw().as_ptr();
        let raw = qjs::JS_ParseJSON(context, text.as_ptr().cast(), (text.len() - 1) as _, c"body".as_ptr());
        Value::from_raw(ctx.clone(), raw)
    };
    if !value.is_exception() {
        return Ok(value);
    }
    let name = ctx.catch().into_object().and_then(|error| error.get::<_, String>("name").ok());
    Err(if name.as_deref() == Some("SyntaxError") { Unparsed::NotJson } else { Unparsed::TooDeep })
}
