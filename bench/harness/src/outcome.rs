//! What was measured, and its JSON.

use crate::extension::Memory;
use std::fmt::Write;
use std::time::Duration;

pub struct Invocation {
    /// From the last byte of the delivery with `runtimeDone` to the arrival of `/next`; nothing where `/next` came
    /// first.
    pub held: Duration,
    /// The same from the function's end.
    pub since_end: Duration,
    /// From the first byte of the first delivery to the arrival of `/next`, or to the end of the last delivery where
    /// that is later.
    pub wall: Duration,
    /// CPU time from this INVOKE to the following one, in nanoseconds. After the last one, to the end of `--settle-ms`.
    pub cpu: u64,
    /// From this INVOKE to the following one, too.
    pub pushes: usize,
    pub memory: Memory,
}

pub struct Shutdown {
    pub took: Duration,
    pub exit_code: Option<i32>,
}

pub struct Outcome {
    /// From exec to the first `/next`, in nanoseconds.
    pub start: u64,
    pub start_cpu: u64,
    pub cached_pages: usize,
    pub invocations: Vec<Invocation>,
    pub memory: Memory,
    pub shutdown: Option<Shutdown>,
}

impl Outcome {
    pub fn json(&self) -> String {
        let mut json = format!(
            r#"{{"startNs":{},"startCpuNs":{},"cachedPages":{},"invocations":["#,
            self.start, self.start_cpu, self.cached_pages
        );
        for (index, invocation) in self.invocations.iter().enumerate() {
            let Invocation { held, since_end, wall, cpu, pushes, memory } = invocation;
            let comma = if index > 0 { "," } else { "" };
            let _ = write!(
                json,
                r#"{comma}{{"heldNs":{},"sinceEndNs":{},"wallNs":{},"cpuNs":{cpu},"pushes":{pushes},"memory":{}}}"#,
                held.as_nanos(),
                since_end.as_nanos(),
                wall.as_nanos(),
                kilobytes(memory)
            );
        }
        let _ = write!(json, r#"],"memory":{},"shutdown":"#, kilobytes(&self.memory));
        match &self.shutdown {
            None => json.push_str("null"),
            Some(Shutdown { took, exit_code }) => {
                let code = exit_code.map_or("null".to_owned(), |code| code.to_string());
                let _ = write!(json, r#"{{"ns":{},"exitCode":{code}}}"#, took.as_nanos());
            }
        }
        json.push('}');
        json
    }
}

fn kilobytes(memory: &Memory) -> String {
    format!(r#"{{"residentKb":{},"anonymousKb":{},"peakKb":{}}}"#, memory.resident, memory.anonymous, memory.peak)
}
