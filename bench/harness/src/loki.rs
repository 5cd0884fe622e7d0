//! A Loki that takes everything after a fixed time and looks into nothing.

use crate::http::{serve, Tls};
use crate::lambda::Lambda;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const UNANSWERED: usize = u32::MAX as usize;

pub struct Push {
    head_bytes: usize,
    encoding: String,
    body: Vec<u8>,
    /// When its last byte was here, in milliseconds since 1970.
    arrived: u128,
    /// How often `/next` had been called when the push was answered; more than anybody can count while it is not.
    nexts: usize,
}

#[derive(Clone, Default)]
pub struct Loki {
    pushes: Arc<Mutex<Vec<Push>>>,
}

impl Loki {
    pub fn start(&self, latency: Duration, tls: Option<Tls>, lambda: Lambda) -> io::Result<u16> {
        let pushes = Arc::clone(&self.pushes);
        serve(32, tls, move |connection| {
            while let Some(request) = connection.read()? {
                let answer_at = Instant::now() + latency;
                let encoding = request.header("content-encoding").unwrap_or("identity").to_owned();
                let index = {
                    let mut pushes = pushes.lock().unwrap();
                    pushes.push(Push {
                        head_bytes: request.head.len(),
                        encoding,
                        body: request.body,
                        arrived: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis(),
                        nexts: UNANSWERED,
                    });
                    pushes.len() - 1
                };
                if let Some(left) = answer_at.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
                    thread::sleep(left);
                }
                // Read before the answer, which an extension may follow with `/next` at once.
                let nexts = lambda.nexts();
                pushes.lock().unwrap()[index].nexts = nexts;
                connection.write(b"HTTP/1.1 204 No Content\r\n\r\n")?;
            }
            Ok(())
        })
    }

    pub fn count(&self) -> usize {
        self.pushes.lock().unwrap().len()
    }

    /// Writes all pushes, each as a line
    /// `<encoding> <bytes of the head> <bytes of the body> <calls of /next before its answer> <arrival in ms>` and the body.
    pub fn dump(&self, file: &str) -> io::Result<()> {
        let mut out = io::BufWriter::new(std::fs::File::create(file)?);
        for push in self.pushes.lock().unwrap().iter() {
            let Push { encoding, head_bytes, body, nexts, arrived } = push;
            writeln!(out, "{encoding} {head_bytes} {} {nexts} {arrived}", body.len())?;
            out.write_all(body)?;
        }
        out.flush()
    }
}
