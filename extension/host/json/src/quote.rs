//! Strings in JSON.

use crate::plain::plain_length;
use std::io::Write;

/// Appends a string as JSON has it to `text`. The bytes are UTF-8, except that a lone surrogate may be encoded like any
/// other character; it is written as an escape, so that what is appended is always valid UTF-8.
pub fn quote(bytes: &[u8], text: &mut Vec<u8>) {
    text.reserve(bytes.len() + 2);
    text.push(b'"');
    let (mut at, mut copied) = (0, 0);
    loop {
        at += plain_length(&bytes[at..]);
        let Some(&byte) = bytes.get(at) else { break };
        // ED A0..BF xx is a surrogate, which can only be a lone one here; other characters begin with ED, too.
        let surrogate = (byte == 0xED).then(|| bytes.get(at + 1..at + 3)).flatten().filter(|rest| rest[0] >= 0xA0);
        if byte >= 0x20 && byte != b'"' && byte != b'\\' && surrogate.is_none() {
            at += 1;
            continue;
        }
        text.extend_from_slice(&bytes[copied..at]);
        at += 1;
        copied = at;
        if let Some(rest) = surrogate {
            at += 2;
            copied = at;
            append_escape(0xD000 | u16::from(rest[0] & 0x3F) << 6 | u16::from(rest[1] & 0x3F), text);
            continue;
        }
        match byte {
            b'"' | b'\\' => text.extend_from_slice(&[b'\\', byte]),
            b'\n' => text.extend_from_slice(b"\\n"),
            b'\r' => text.extend_from_slice(b"\\r"),
            b'\t' => text.extend_from_slice(b"\\t"),
            8 => text.extend_from_slice(b"\\b"),
            12 => text.extend_from_slice(b"\\f"),
            other => append_escape(other.into(), text),
        }
    }
    text.extend_from_slice(&bytes[copied..]);
    text.push(b'"');
}

fn append_escape(unit: u16, text: &mut Vec<u8>) {
    // Writing to a vector can't fail.
    let _ = write!(text, "\\u{unit:04x}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(bytes: &[u8]) -> String {
        let mut text = Vec::new();
        quote(bytes, &mut text);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn escapes_what_has_to_be() {
        assert_eq!(quoted(b""), r#""""#);
        assert_eq!(
            quoted("a\"\\\n\r\t\u{8}\u{c}\u{0}\u{1b}\u{7f}/é€😀".as_bytes()),
            "\"a\\\"\\\\\\n\\r\\t\\b\\f\\u0000\\u001b\u{7f}/é€😀\""
        );
    }

    #[test]
    fn escapes_lone_surrogates_and_no_neighbours_of_theirs() {
        assert_eq!(quoted(b"x\xed\xa0\x80y\xed\xbf\xbf"), r#""x\ud800y\udfff""#);
        assert_eq!(quoted("\u{d7ff}\u{e000}".as_bytes()), "\"\u{d7ff}\u{e000}\"");
    }
}
