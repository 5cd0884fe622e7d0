//! JSON arrays in the making, as objects of JavaScript.

use crate::patterns::Condition;
use crate::rows::Rows;
use crate::text::Utf8;
use lambdawatch_json::forms::Forms;
use lambdawatch_json::list::{List, Run};
use rquickjs::class::{JsClass, Trace, Tracer, Writable};
use rquickjs::function::{Constructor, Rest, This};
use rquickjs::{Class, Ctx, Exception, Function, JsLifetime, Object, Result, Value};

#[derive(Default)]
pub struct JsonList(List);

// SAFETY: nothing in it has to do with the engine.
unsafe impl<'js> JsLifetime<'js> for JsonList {
    type Changed<'to> = JsonList;
}

impl<'js> Trace<'js> for JsonList {
    fn trace<'a>(&self, _: Tracer<'a, 'js>) {}
}

type Lists<'js> = Class<'js, JsonList>;

impl<'js> JsClass<'js> for JsonList {
    const NAME: &'static str = "JsonList";

    type Mutable = Writable;

    fn prototype(ctx: &Ctx<'js>) -> Result<Option<Object<'js>>> {
        let object = Object::new(ctx.clone())?;
        object.set("push", Function::new(ctx.clone(), push)?)?;
        object.set("pushRows", Function::new(ctx.clone(), push_rows)?)?;
        object.set("count", Function::new(ctx.clone(), |this: This<Lists<'js>>| this.borrow().0.len() as f64)?)?;
        object
            .set("bytes", Function::new(ctx.clone(), |this: This<Lists<'js>>| this.borrow().0.text().len() as f64)?)?;
        object.set("splitOff", Function::new(ctx.clone(), split_off)?)?;
        object.set("append", Function::new(ctx.clone(), append)?)?;
        object.set("shift", Function::new(ctx.clone(), shift)?)?;
        object.set("clear", Function::new(ctx.clone(), |this: This<Lists<'js>>| this.borrow_mut().0.clear())?)?;
        object.set("text", Function::new(ctx.clone(), text)?)?;
        Ok(Some(object))
    }

    fn constructor(_: &Ctx<'js>) -> Result<Option<Constructor<'js>>> {
        Ok(None)
    }
}

/// An empty list.
pub fn create<'js>(ctx: Ctx<'js>) -> Result<Lists<'js>> {
    Class::instance(ctx, JsonList::default())
}

/// The UTF-8 of all parts, each of them a string or a list, one behind the other.
pub fn joined<'js>(ctx: &Ctx<'js>, parts: Vec<Value<'js>>) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    for part in parts {
        match Lists::from_value(&part) {
            Ok(list) => all.extend_from_slice(list.borrow().0.text()),
            Err(_) => all.extend_from_slice(Utf8::of(ctx, part)?.valid().as_bytes()),
        }
    }
    Ok(all)
}

fn push<'js>(
    this: This<Lists<'js>>,
    ctx: Ctx<'js>,
    head: Value<'js>,
    text: Value<'js>,
    tail: Value<'js>,
) -> Result<f64> {
    let (head, text, tail) = (Utf8::of(&ctx, head)?, Utf8::of(&ctx, text)?, Utf8::of(&ctx, tail)?);
    let added = this.borrow_mut().0.push(head.valid().as_bytes(), text.valid().as_bytes(), tail.valid().as_bytes());
    if added {
        Ok(text.len() as f64)
    } else {
        Err(full(&ctx))
    }
}

/// The numbers are the first row, the first number, the most rows, the most bytes, and the longest text.
fn push_rows<'js>(
    this: This<Lists<'js>>,
    ctx: Ctx<'js>,
    rows: Rows<'js>,
    forms: Class<'js, JsonForms>,
    head: Value<'js>,
    middle: Value<'js>,
    numbers: Rest<f64>,
) -> Result<f64> {
    let (head, middle) = (Utf8::of(&ctx, head)?, Utf8::of(&ctx, middle)?);
    let [from, first, most_rows, most_bytes, longest] = numbers.0[..] else {
        return Err(Exception::throw_type(&ctx, "five numbers are needed"));
    };
    let run = Run {
        head: head.bytes(),
        first: first as u64,
        middle: middle.bytes(),
        most_rows: most_rows as usize,
        most_bytes: most_bytes as usize,
        longest: longest as usize,
    };
    let JsonForms { forms, condition } = &mut *forms.borrow_mut();
    let mut may_pass = |text: &[u8]| condition.as_mut().is_none_or(|condition| condition.holds(text));
    let bytes = this.borrow_mut().0.push_rows(rows.borrow().table(), from as usize, forms, &run, &mut may_pass);
    Ok(bytes as f64)
}

fn split_off<'js>(this: This<Lists<'js>>, ctx: Ctx<'js>, at: f64) -> Result<Lists<'js>> {
    let tail = this.borrow_mut().0.split_off(at as usize);
    Class::instance(ctx, JsonList(tail))
}

fn append<'js>(this: This<Lists<'js>>, ctx: Ctx<'js>, other: Lists<'js>) -> Result<()> {
    let added = this.0.try_borrow_mut()?.0.append(&other.try_borrow()?.0);
    added.then_some(()).ok_or_else(|| full(&ctx))
}

fn shift<'js>(this: This<Lists<'js>>) -> Option<String> {
    let first = this.borrow_mut().0.shift()?;
    String::from_utf8(first).ok()
}

fn text<'js>(this: This<Lists<'js>>, ctx: Ctx<'js>) -> Result<rquickjs::String<'js>> {
    rquickjs::String::from_str(ctx, &String::from_utf8_lossy(this.borrow().0.text()))
}

fn full(ctx: &Ctx<'_>) -> rquickjs::Error {
    Exception::throw_range(ctx, "a list has no room for more")
}

/// What texts begin with, as an object of JavaScript, and what else is asked of them.
pub struct JsonForms {
    forms: Forms,
    condition: Option<Condition>,
}

// SAFETY: nothing in it has to do with the engine.
unsafe impl<'js> JsLifetime<'js> for JsonForms {
    type Changed<'to> = JsonForms;
}

impl<'js> Trace<'js> for JsonForms {
    fn trace<'a>(&self, _: Tracer<'a, 'js>) {}
}

impl<'js> JsClass<'js> for JsonForms {
    const NAME: &'static str = "JsonForms";

    type Mutable = Writable;

    fn prototype(ctx: &Ctx<'js>) -> Result<Option<Object<'js>>> {
        let object = Object::new(ctx.clone())?;
        let add = |this: This<Class<'js, Self>>, ctx: Ctx<'js>, pattern: Value<'js>, tail: Value<'js>| -> Result<()> {
            let (pattern, tail) = (Utf8::of(&ctx, pattern)?, Utf8::of(&ctx, tail)?);
            this.borrow_mut().forms.add(pattern.valid().as_bytes(), tail.valid().as_bytes());
            Ok(())
        };
        object.set("add", Function::new(ctx.clone(), add)?)?;
        let describe = |this: This<Class<'js, Self>>, unlike: Vec<String>, without: Vec<String>| {
            this.borrow_mut().forms.describe_plain(&unlike, &without);
        };
        object.set("describePlain", Function::new(ctx.clone(), describe)?)?;
        let add_plain = |this: This<Class<'js, Self>>, ctx: Ctx<'js>, tail: Value<'js>| -> Result<()> {
            this.borrow_mut().forms.add_plain(Utf8::of(&ctx, tail)?.valid().as_bytes());
            Ok(())
        };
        object.set("addPlain", Function::new(ctx.clone(), add_plain)?)?;
        let clear = |this: This<Class<'js, Self>>| this.borrow_mut().forms.clear();
        object.set("clear", Function::new(ctx.clone(), clear)?)?;
        Ok(Some(object))
    }

    fn constructor(_: &Ctx<'js>) -> Result<Option<Constructor<'js>>> {
        Ok(None)
    }
}

/// No forms yet.
pub fn create_forms<'js>(ctx: Ctx<'js>, condition: Option<Condition>) -> Result<Class<'js, JsonForms>> {
    Class::instance(ctx, JsonForms { forms: Forms::default(), condition })
}
