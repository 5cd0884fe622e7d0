//! One stream with all lines since the last push, compressed.

use crate::records::Record;
use flate2::write::GzEncoder;
use flate2::Compression;
use std::io::Write;

const STREAM: &str =
    r#"{"streams":[{"stream":{"function_name":"bench","region":"eu-west-1","source":"lambda"},"values":["#;

#[derive(Default)]
pub struct Push {
    body: Vec<u8>,
    latest: u64,
}

impl Push {
    pub fn add(&mut self, record: &Record) {
        self.body.extend_from_slice(if self.body.is_empty() { STREAM.as_bytes() } else { b"," });
        self.latest = nanoseconds(record.time).max(self.latest + 1);
        let _ = write!(self.body, "[\"{}\",\"", self.latest);
        if record.escaped {
            self.body.extend_from_slice(record.text);
        } else {
            for &byte in record.text {
                if byte == b'"' || byte == b'\\' {
                    self.body.push(b'\\');
                }
                self.body.push(byte);
            }
        }
        self.body.extend_from_slice(b"\"]");
    }

    /// The request that sends what was added; the next one begins anew.
    pub fn request(&mut self, authority: &str, path: &str) -> Vec<u8> {
        self.body.extend_from_slice(b"]}]}");
        let mut encoder = GzEncoder::new(Vec::with_capacity(self.body.len() / 3), Compression::fast());
        encoder.write_all(&self.body).expect("memory takes it");
        let compressed = encoder.finish().expect("memory takes it");
        self.body.clear();
        let mut request = format!(
            "POST {path} HTTP/1.1\r\nHost: {authority}\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
            compressed.len()
        )
        .into_bytes();
        request.extend_from_slice(&compressed);
        request
    }
}

/// Since 1970, of a time such as `2026-01-02T03:04:05.006Z`.
fn nanoseconds(time: &[u8]) -> u64 {
    let number = |from: usize, digits: usize| {
        time[from..from + digits].iter().fold(0, |value, byte| value * 10 + u64::from(byte - b'0'))
    };
    let (year, month, day) = (number(0, 4), number(5, 2), number(8, 2));
    // Years are counted from March, so that the leap day is the last one.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468;
    let seconds = days * 86_400 + number(11, 2) * 3600 + number(14, 2) * 60 + number(17, 2);
    (seconds * 1000 + number(20, 3)) * 1_000_000
}

#[cfg(test)]
mod tests {
    use super::nanoseconds;

    #[test]
    fn times_are_those_of_the_calendar() {
        assert_eq!(nanoseconds(b"1970-01-01T00:00:00.000Z"), 0);
        assert_eq!(nanoseconds(b"2024-02-29T12:30:45.678Z"), 1_709_209_845_678_000_000);
        assert_eq!(nanoseconds(b"2026-12-31T23:59:59.999Z"), 1_798_761_599_999_000_000);
    }
}
