//! Patterns that are searched for in linear time, whatever they and the texts are. The bundle hands them over as
//! programs (`extension/config/rules/program.ts`), so that no parser is needed here.

mod condition;
mod program;
mod replace;
mod set;

pub use condition::Condition;

use crate::errors::Failure;
use crate::text::Utf8;
use rquickjs::{Array, Ctx, Exception, Object, TypedArray, Value};
use set::{Pattern, Set};
use std::cell::RefCell;
use std::rc::Rc;

/// All sets that were compiled. They are kept for as long as the process lives.
#[derive(Default)]
pub struct Patterns {
    sets: RefCell<Vec<Rc<RefCell<Set>>>>,
}

impl Patterns {
    /// Compiles a set and gives the number by which it goes.
    pub fn compile<'js>(&self, ctx: &Ctx<'js>, list: Array<'js>) -> rquickjs::Result<usize> {
        let mut patterns = Vec::with_capacity(list.len());
        for entry in list.iter::<Object>() {
            let entry = entry?;
            let program: TypedArray<i32> = entry.get("program")?;
            // SAFETY: no JavaScript runs while the numbers are copied.
            let numbers = unsafe { program.as_slice() }.to_vec();
            patterns.push(Pattern { program: numbers, replacement: replace::pieces(entry.get("replacement")?)? });
        }
        let set = Set::new(patterns).map_err(|problem| Failure::invalid(problem).throw(ctx))?;
        let mut sets = self.sets.borrow_mut();
        sets.push(Rc::new(RefCell::new(set)));
        Ok(sets.len() - 1)
    }

    /// The numbers of the patterns that match somewhere in the text, in ascending order; `undefined` for none.
    pub fn matching<'js>(&self, ctx: &Ctx<'js>, set: usize, text: Value<'js>) -> rquickjs::Result<Value<'js>> {
        let text = Utf8::of(ctx, text)?;
        let set = self.get(ctx, set)?;
        let mut set = set.borrow_mut();
        let found =
            set.matching(text.valid().as_bytes()).map_err(|problem| Exception::throw_internal(ctx, &problem))?;
        let Some(found) = found else { return Ok(Value::new_undefined(ctx.clone())) };
        let numbers = Array::new(ctx.clone())?;
        for (at, number) in found.enumerate() {
            numbers.set(at, number as u32)?;
        }
        Ok(numbers.into_value())
    }

    /// The text with something else in place of each match; `undefined` where it would become too long.
    pub fn replace<'js>(
        &self,
        ctx: &Ctx<'js>,
        set: usize,
        number: usize,
        text: Value<'js>,
    ) -> rquickjs::Result<Option<String>> {
        let text = Utf8::of(ctx, text)?;
        let set = self.get(ctx, set)?;
        let replaced = set.borrow_mut().replace(number, &text.valid());
        Ok(replaced)
    }

    /// See [`Condition`].
    pub fn condition(&self, ctx: &Ctx<'_>, set: usize, matching: Vec<usize>) -> rquickjs::Result<Condition> {
        Ok(Condition::new(self.get(ctx, set)?, matching))
    }

    fn get(&self, ctx: &Ctx<'_>, set: usize) -> rquickjs::Result<Rc<RefCell<Set>>> {
        let found = self.sets.borrow().get(set).cloned();
        found.ok_or_else(|| Exception::throw_internal(ctx, "no such set of patterns"))
    }
}
