//! The environment of the process.

use rquickjs::{Ctx, Object};

/// All variables as an object of strings; bytes that are not UTF-8 become U+FFFD.
pub fn object<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let variables = Object::new_proto(ctx.clone(), None)?;
    for (name, value) in std::env::vars_os() {
        variables.set(name.to_string_lossy().as_ref(), value.to_string_lossy().as_ref())?;
    }
    Ok(variables)
}
