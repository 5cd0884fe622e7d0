//! Event times. They have to be those of the delivery: an extension may well reckon with how long ago the function was
//! done.

use std::time::{SystemTime, UNIX_EPOCH};

/// How each event of a delivery begins. Inside of a record the quotes would be escaped.
const BEFORE: &[u8] = b"{\"time\":\"";

/// Bytes of a time such as `2026-01-02T03:04:05.006Z`.
const LENGTH: usize = 24;

/// Events in a millisecond.
const RATE: u64 = 10;

#[derive(Default)]
pub struct Stamp {
    /// The latest time given so far, in milliseconds since 1970. Time never goes back.
    latest: u64,
}

impl Stamp {
    /// Gives all events of a delivery their times: the last one now, those before it ten to a millisecond.
    pub fn renew(&mut self, body: &mut [u8]) {
        let places = places(body);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64;
        let count = places.len() as u64;
        for (index, at) in places.into_iter().enumerate() {
            self.latest = self.latest.max(now - (count - 1 - index as u64) / RATE);
            body[at..at + LENGTH].copy_from_slice(iso(self.latest).as_bytes());
        }
    }
}

fn places(body: &[u8]) -> Vec<usize> {
    let mut places = Vec::new();
    let mut at = 0;
    while at + BEFORE.len() + LENGTH <= body.len() {
        if body[at..].starts_with(BEFORE) {
            at += BEFORE.len();
            places.push(at);
            at += LENGTH;
        } else {
            at += 1;
        }
    }
    places
}

/// ISO 8601 in UTC of milliseconds since 1970.
fn iso(time: u64) -> String {
    let (days, of_day) = ((time / 86_400_000) as i64, time % 86_400_000);
    // The Gregorian calendar repeats every 146 097 days; years are counted from March, so that the leap day is the last
    // one.
    let from_march = days + 719_468;
    let (era, of_era) = (from_march / 146_097, from_march % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    let (hour, minute, second, millisecond) =
        (of_day / 3_600_000, of_day / 60_000 % 60, of_day / 1000 % 60, of_day % 1000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z")
}
