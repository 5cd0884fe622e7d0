//! The records of a delivery, as slices of it. The harness writes every event as
//! `{"time":"…","type":"…","record":…}`, and this reads nothing else.

pub struct Record<'a> {
    /// `2026-01-02T03:04:05.006Z`
    pub time: &'a [u8],
    /// A line of the function as it stands in the delivery, without its quotes, or the object of a platform event.
    pub text: &'a [u8],
    /// Whether the text is escaped already.
    pub escaped: bool,
}

const TIME: &[u8] = b"{\"time\":\"";
const TYPE: &[u8] = b"\",\"type\":\"";
const RECORD: &[u8] = b"\",\"record\":";
const TIME_BYTES: usize = 24;

pub fn each(delivery: &[u8], mut take: impl FnMut(Record)) {
    let mut at = 1;
    while at + TIME.len() < delivery.len() {
        let time = &delivery[at + TIME.len()..][..TIME_BYTES];
        at += TIME.len() + TIME_BYTES + TYPE.len();
        let kind = delivery[at..].iter().position(|&byte| byte == b'"').expect("a type ends");
        at += kind + RECORD.len();
        let end = at + if delivery[at] == b'"' { string(&delivery[at..]) } else { object(&delivery[at..]) };
        let whole = &delivery[at..end];
        if whole[0] == b'"' {
            let line = &whole[1..whole.len() - 1];
            take(Record { time, text: line.strip_suffix(b"\\n").unwrap_or(line), escaped: true });
        } else {
            take(Record { time, text: whole, escaped: false });
        }
        // The event's own brace, and the comma.
        at = end + 2;
    }
}

/// Bytes of the JSON string that begins here.
fn string(json: &[u8]) -> usize {
    let mut at = 1;
    while json[at] != b'"' {
        at += if json[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

/// Bytes of the JSON object that begins here.
fn object(json: &[u8]) -> usize {
    let (mut at, mut depth) = (0, 0);
    loop {
        match json[at] {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            b'"' => at += string(&json[at..]) - 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return at;
        }
    }
}
