//! `compiler <source.js> <bytecode> [module name]` compiles one JavaScript module to QuickJS bytecode.
//!
//! The bytecode keeps the line table and function names, so that stack traces stay readable, but not the source text.
//! Both 64-bit targets of the host are little-endian and read the same bytes.

use rquickjs::{CatchResultExt, Context, Module, Runtime, WriteOptions};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let (Some(source), Some(target)) = (arguments.get(1), arguments.get(2)) else {
        eprintln!("usage: compiler <source.js> <bytecode> [module name]");
        return ExitCode::from(2);
    };
    let name = arguments.get(3).map_or("main.js", String::as_str);
    match compile(source, target, name) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

fn compile(source: &str, target: &str, name: &str) -> Result<(), String> {
    let text = std::fs::read(source).map_err(|error| format!("{source}: {error}"))?;
    let runtime = Runtime::new().map_err(|error| error.to_string())?;
    runtime.set_max_stack_size(4 * 1024 * 1024);
    let context = Context::full(&runtime).map_err(|error| error.to_string())?;
    let bytecode = context.with(|ctx| {
        let options = WriteOptions { strip_source: true, ..WriteOptions::default() };
        Module::declare(ctx.clone(), name, text)
            .and_then(|module| module.write(options))
            .catch(&ctx)
            .map_err(|error| format!("{source}: {error}"))
    })?;
    std::fs::write(target, bytecode).map_err(|error| format!("{target}: {error}"))
}
