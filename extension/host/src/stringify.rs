//! `JSON.stringify`, made several times faster for what consists of strings and arrays: the engine's own goes through
//! strings character by character. All else, and all with a replacer or an indent, is still the engine's work, and the
//! results are the same. (A `toJSON` that somebody adds to the prototype of arrays or strings is not looked at.)

use crate::text::Utf8;
use lambdawatch_json::quote;
use rquickjs::prelude::Opt;
use rquickjs::{Array, Ctx, Function, Object, Value};

/// Arrays nested deeper are left to the engine, which knows what to do about endless ones.
const DEPTH: usize = 8;

/// Replaces `JSON.stringify`.
pub fn install<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<()> {
    let json: Object<'js> = ctx.globals().get("JSON")?;
    let original: Function<'js> = json.get("stringify")?;
    let faster = move |ctx: Ctx<'js>,
                       value: Value<'js>,
                       replacer: Opt<Value<'js>>,
                       indent: Opt<Value<'js>>|
          -> rquickjs::Result<Value<'js>> {
        let is_plain =
            replacer.0.as_ref().is_none_or(Value::is_undefined) && indent.0.as_ref().is_none_or(Value::is_undefined);
        if !is_plain || !(value.is_string() || value.is_array()) {
            return original.call((value, replacer.0, indent.0));
        }
        let mut text = Vec::new();
        append(&ctx, &original, value, DEPTH, &mut text)?;
        // SAFETY: what `append` has put together are whole strings in valid UTF-8, and ASCII.
        let text = unsafe { std::str::from_utf8_unchecked(&text) };
        Ok(rquickjs::String::from_str(ctx, text)?.into_value())
    };
    json.set("stringify", Function::new(ctx.clone(), faster)?.with_name("stringify")?)
}

fn append<'js>(
    ctx: &Ctx<'js>,
    original: &Function<'js>,
    value: Value<'js>,
    depth: usize,
    text: &mut Vec<u8>,
) -> rquickjs::Result<()> {
    if value.is_string() {
        quote(Utf8::of(ctx, value)?.bytes(), text);
    } else if let Some(array) = value.as_array().filter(|_| depth > 0) {
        append_array(ctx, original, array, depth - 1, text)?;
    } else {
        let result: Value<'js> = original.call((value,))?;
        if result.is_string() {
            text.extend_from_slice(Utf8::of(ctx, result)?.valid().as_bytes());
        } else {
            // In an array, what has no JSON is written so.
            text.extend_from_slice(b"null");
        }
    }
    Ok(())
}

fn append_array<'js>(
    ctx: &Ctx<'js>,
    original: &Function<'js>,
    array: &Array<'js>,
    depth: usize,
    text: &mut Vec<u8>,
) -> rquickjs::Result<()> {
    text.push(b'[');
    for index in 0..array.len() {
        if index > 0 {
            text.push(b',');
        }
        append(ctx, original, array.get(index)?, depth, text)?;
    }
    text.push(b']');
    Ok(())
}
