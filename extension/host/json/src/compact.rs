//! JSON text without the white space between its tokens.

use crate::plain::plain_length;

/// The text without the white space between its tokens. It must be JSON; any other comes out as nonsense.
pub fn compact(text: &[u8]) -> Vec<u8> {
    let mut output = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let start = at;
        at += 1;
        if byte == b'"' {
            at = end_of_string(text, at);
        }
        if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
            output.extend_from_slice(&text[start..at]);
        }
    }
    output
}

/// Behind the closing quote of the string whose content begins at `at`.
fn end_of_string(text: &[u8], mut at: usize) -> usize {
    loop {
        at += plain_length(&text[at..]);
        match text.get(at) {
            None => return text.len(),
            Some(b'"') => return at + 1,
            Some(b'\\') => at = text.len().min(at + 2),
            Some(_) => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::compact;

    #[test]
    fn leaves_strings_alone() {
        let spaced = b" { \"a \\\" ] }\" :\r\n [ 1 ,\t2.0 , \"\xc3\xbc \\\\\" ] } ";
        assert_eq!(compact(spaced), b"{\"a \\\" ] }\":[1,2.0,\"\xc3\xbc \\\\\"]}");
        for broken in ["\"", "\"\\", "\"a", "[", ""] {
            assert_eq!(compact(broken.as_bytes()), broken.as_bytes());
        }
    }
}
