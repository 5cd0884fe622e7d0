//! The function: a process of the extension's control group that uses all the processor it gets while an invocation
//! runs, as a function may. Without it a quota would be untouched whenever a function ends, and short work would never
//! feel it.

use crate::system;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};

/// The one argument with which this program does nothing but spin.
pub const SPIN: &str = "--spin";

pub struct Busy {
    child: Child,
}

impl Busy {
    /// Starts it, at rest, in a control group.
    pub fn start(control_group: &str) -> io::Result<Self> {
        let mut group = OpenOptions::new().write(true).open(control_group)?;
        let mut command = Command::new("/proc/self/exe");
        command.arg(SPIN);
        // SAFETY: between fork and exec only system calls are made.
        unsafe {
            command.pre_exec(move || {
                system::die_with_parent();
                group.write_all(b"0")
            });
        }
        let busy = Self { child: command.spawn()? };
        busy.rest();
        Ok(busy)
    }

    pub fn work(&self) {
        system::resume(self.child.id());
    }

    pub fn rest(&self) {
        system::stop(self.child.id());
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn spin() -> ! {
    loop {
        std::hint::spin_loop();
    }
}
