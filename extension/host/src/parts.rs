//! Parts of the program that are loaded when they are first needed: what `import()` finds. They stand in this
//! executable (see [`bundle`]), and nothing is ever loaded from anywhere else.

use crate::bundle;
use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::Declared;
use rquickjs::{Ctx, Error, Exception, Module, Result};

pub struct Parts;

impl Resolver for Parts {
    /// The build gives parts their final names.
    fn resolve<'js>(
        &mut self,
        _: &Ctx<'js>,
        base: &str,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> Result<String> {
        number_in(name).map(|_| name.to_owned()).ok_or_else(|| Error::new_resolving(base, name))
    }
}

impl Loader for Parts {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> Result<Module<'js, Declared>> {
        let number = number_in(name).ok_or_else(|| Error::new_loading(name))?;
        let bytecode = bundle::read(number).map_err(|problem| Exception::throw_internal(ctx, &problem))?;
        // SAFETY: the bytes come from the end of this very executable, written by the build's compiler, which has the
        // same version of QuickJS.
        unsafe { Module::load(ctx.clone(), &bytecode) }
    }
}

/// Parts are named `<number>/<what it is>.js`, where the number is that of the bundle.
fn number_in(name: &str) -> Option<usize> {
    name.split_once('/')?.0.parse().ok().filter(|number| *number > 0)
}
