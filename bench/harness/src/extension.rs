//! The process that is measured.

use crate::system;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

pub struct Extension {
    child: Child,
    /// Just before `exec`, on [`system::monotonic`].
    pub exec_at: u64,
}

/// Memory of a process in kilobytes of 1024 bytes.
#[derive(Default)]
pub struct Memory {
    pub resident: u64,
    pub anonymous: u64,
    pub peak: u64,
}

impl Extension {
    /// Starts an executable with these arguments, this environment and no other. Its output goes to the file `log`.
    /// With `control_group`, the `cgroup.procs` file of a control group, it runs in there from its first instruction.
    pub fn start(
        executable: &str,
        arguments: &[String],
        env: &[(String, String)],
        log: &str,
        control_group: Option<&str>,
    ) -> io::Result<Self> {
        let output = OpenOptions::new().create(true).append(true).open(log)?;
        let mut group = control_group.map(|file| OpenOptions::new().write(true).open(file)).transpose()?;
        let (mut from_child, mut to_parent) = io::pipe()?;
        let mut command = Command::new(executable);
        command.args(arguments).env_clear().envs(env.iter().map(|(key, value)| (key, value))).current_dir("/");
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        // SAFETY: between fork and exec only system calls are made.
        unsafe {
            command.pre_exec(move || {
                system::die_with_parent();
                if let Some(group) = &mut group {
                    group.write_all(b"0")?;
                }
                to_parent.write_all(&system::monotonic()?.to_ne_bytes())
            });
        }
        let child = command.spawn()?;
        let mut exec_at = [0; 8];
        from_child.read_exact(&mut exec_at)?;
        Ok(Self { child, exec_at: u64::from_ne_bytes(exec_at) })
    }

    pub fn freeze(&self) {
        system::stop(self.child.id());
    }

    pub fn thaw(&self) {
        system::resume(self.child.id());
    }

    pub fn cpu_time(&self) -> io::Result<u64> {
        system::cpu_time(self.child.id())
    }

    pub fn memory(&self) -> io::Result<Memory> {
        let mut status = String::new();
        File::open(format!("/proc/{}/status", self.child.id()))?.read_to_string(&mut status)?;
        let field = |name: &str| {
            status
                .lines()
                .find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok())
                .unwrap_or_default()
        };
        Ok(Memory { resident: field("VmRSS:"), anonymous: field("RssAnon:"), peak: field("VmHWM:") })
    }

    /// Whether it is still there.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    pub fn wait(&mut self, limit: Duration) -> io::Result<Option<ExitStatus>> {
        let end = Instant::now() + limit;
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait()? {
                return Ok(Some(status));
            }
            thread::sleep(Duration::from_millis(1));
        }
        Ok(None)
    }
}

impl Drop for Extension {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
