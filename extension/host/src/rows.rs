//! JSON arrays that were received, as tables that JavaScript looks into.

use lambdawatch_json::compact;
use lambdawatch_json::rows::{unescape, Cell, Table};
use rquickjs::class::{JsClass, Readable, Trace, Tracer};
use rquickjs::function::{Constructor, This};
use rquickjs::{Class, Ctx, Function, JsLifetime, Object, Result, String, Value};

pub struct JsonRows(Table);

// SAFETY: nothing in it has to do with the engine.
unsafe impl<'js> JsLifetime<'js> for JsonRows {
    type Changed<'to> = JsonRows;
}

impl<'js> Trace<'js> for JsonRows {
    fn trace<'a>(&self, _: Tracer<'a, 'js>) {}
}

pub type Rows<'js> = Class<'js, JsonRows>;

impl<'js> JsClass<'js> for JsonRows {
    const NAME: &'static str = "JsonRows";

    type Mutable = Readable;

    fn prototype(ctx: &Ctx<'js>) -> Result<Option<Object<'js>>> {
        let object = Object::new(ctx.clone())?;
        object.set("count", Function::new(ctx.clone(), |this: This<Rows<'js>>| this.borrow().0.len() as u32)?)?;
        object.set("text", Function::new(ctx.clone(), text)?)?;
        object.set("json", Function::new(ctx.clone(), json)?)?;
        Ok(Some(object))
    }

    fn constructor(_: &Ctx<'js>) -> Result<Option<Constructor<'js>>> {
        Ok(None)
    }
}

impl JsonRows {
    pub fn table(&self) -> &Table {
        &self.0
    }
}

/// The body as a table of the members with these names; `undefined` if it is not a JSON array.
pub fn of_body<'js>(ctx: &Ctx<'js>, body: Vec<u8>, names: &[std::string::String]) -> Result<Value<'js>> {
    let valid = match std::string::String::from_utf8(body) {
        Ok(text) => text.into_bytes(),
        Err(error) => std::string::String::from_utf8_lossy(error.as_bytes()).into_owned().into_bytes(),
    };
    match Table::read(valid, names) {
        Some(table) => Ok(Class::instance(ctx.clone(), JsonRows(table))?.into_value()),
        None => Ok(Value::new_undefined(ctx.clone())),
    }
}

fn text<'js>(this: This<Rows<'js>>, ctx: Ctx<'js>, row: u32, column: u32) -> Result<Option<String<'js>>> {
    let rows = this.borrow();
    let Cell::Text { content, escapes, .. } = rows.0.cell(row as usize, column as usize) else { return Ok(None) };
    let content = rows.0.content(content);
    if *escapes == 0 {
        string(ctx, content).map(Some)
    } else {
        string(ctx, &unescape(content)).map(Some)
    }
}

fn json<'js>(this: This<Rows<'js>>, ctx: Ctx<'js>, row: u32, column: u32) -> Result<Option<String<'js>>> {
    let rows = this.borrow();
    let Cell::Json(range) = rows.0.cell(row as usize, column as usize) else { return Ok(None) };
    string(ctx, &compact(rows.0.content(range))).map(Some)
}

fn string<'js>(ctx: Ctx<'js>, bytes: &[u8]) -> Result<String<'js>> {
    // SAFETY: parts of a text in UTF-8, cut at ASCII characters.
    String::from_str(ctx, unsafe { std::str::from_utf8_unchecked(bytes) })
}
