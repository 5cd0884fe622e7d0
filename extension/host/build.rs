//! Has the linker place side by side the functions of `order.txt`: those that a start and everyday invocations use. The
//! kernel maps and reads the executable in pieces of 64 KiB and more, whatever it is that is used of them.
//!
//! `docs/decisions/functions-side-by-side.md` says why, and what writes the list.

use std::env;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

const LIST: &str = "order.txt";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={LIST}");
    // Elsewhere, where only tests run, the linker may be another one.
    if env::var("CARGO_CFG_TARGET_ENV").as_deref() != Ok("musl") {
        return;
    }
    let list = fs::read_to_string(LIST).expect("the list of functions stands beside the build script");
    let script = PathBuf::from(env::var_os("OUT_DIR").expect("cargo names a folder")).join("order.ld");
    fs::write(&script, script_for(&list)).expect("the linker's script can be written");
    println!("cargo::rustc-link-arg-bins=-Wl,-T,{}", script.display());
}

/// What is named here goes before all other code and data, in this order. A name that nothing has is no error. Each function
/// and each constant has a section of its own; a function's tables have its name before theirs. What grows a vector, or happens
/// once, counts as unlikely for the compiler, and yet a start needs it.
fn script_for(list: &str) -> String {
    let mut script = String::new();
    for kind in ["rodata", "text"] {
        writeln!(script, "SECTIONS {{ .{kind}.early : {{").expect("a string takes all");
        for name in list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let sections = match kind {
                "text" => format!(".text.{name} .text.unlikely.{name}"),
                _ => format!(".rodata.{name} .rodata.{name}.*"),
            };
            writeln!(script, "*({sections})").expect("a string takes all");
        }
        writeln!(script, "}} }} INSERT BEFORE .{kind};").expect("a string takes all");
    }
    script
}
