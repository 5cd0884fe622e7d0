//! Fields of JSON texts, for JavaScript.

use crate::text::Utf8;
use lambdawatch_json::Fields;
use rquickjs::{Array, Ctx, Function, Value};

/// A function that reads the same fields of each text that it gets: an array with their values, or `undefined`.
pub fn reader<'js>(ctx: Ctx<'js>, fields: Vec<Vec<String>>) -> rquickjs::Result<Function<'js>> {
    let fields = Fields::new(fields);
    let read = move |ctx: Ctx<'js>, json: Value<'js>| -> rquickjs::Result<Value<'js>> {
        let json = Utf8::of(&ctx, json)?;
        let Some(values) = fields.read(json.bytes()) else { return Ok(Value::new_undefined(ctx)) };
        let array = Array::new(ctx.clone())?;
        for (index, value) in values.into_iter().enumerate() {
            match value {
                Some(text) => array.set(index, text.as_ref())?,
                None => array.set(index, Value::new_undefined(ctx.clone()))?,
            }
        }
        Ok(array.into_value())
    };
    Function::new(ctx, read)
}
