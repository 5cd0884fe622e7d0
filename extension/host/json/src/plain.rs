//! What stands between quotes and needs no attention, eight bytes at a time.

const ONES: u64 = u64::from_ne_bytes([1; 8]);
const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);

/// How many bytes from the start on are neither quotes, backslashes nor control characters: no more, and fewer by the
/// odd byte or a non-ASCII character.
pub fn plain_length(bytes: &[u8]) -> usize {
    let mut length = 0;
    while let Some(word) = bytes.get(length..length + 8) {
        let word = u64::from_le_bytes(word.try_into().unwrap_or_default());
        // Bytes of which the high bit is set are taken for special, too: with them, the tests below could be wrong.
        let special = below(word, 0x20) | is(word, b'"') | is(word, b'\\') | word & HIGHS;
        if special != 0 {
            return length + special.trailing_zeros() as usize / 8;
        }
        length += 8;
    }
    let special = |byte: &u8| *byte < 0x20 || *byte >= 0x80 || matches!(byte, b'"' | b'\\');
    length + bytes[length..].iter().position(special).unwrap_or(bytes.len() - length)
}

/// The high bit of each byte that is less than `limit`, given that all are ASCII; right up to the first of them.
fn below(word: u64, limit: u8) -> u64 {
    word.wrapping_sub(ONES * u64::from(limit)) & !word & HIGHS
}

/// The high bit of each byte that equals `byte`; right up to the first of them.
fn is(word: u64, byte: u8) -> u64 {
    below(word ^ (ONES * u64::from(byte)), 1)
}

#[cfg(test)]
mod tests {
    use super::plain_length;

    #[test]
    fn finds_the_first_that_is_special() {
        for special in [b'"', b'\\', 0, 10, 0x1F, 0x80, 0xC3, 0xFF] {
            for at in 0..40 {
                let mut text = vec![b'x'; 40];
                text[at] = special;
                for (after, byte) in text.iter_mut().enumerate().skip(at + 1) {
                    *byte = b"\"\\\n\x1f \x7f~\xc3"[after % 8];
                }
                assert_eq!(plain_length(&text), at, "{special} at {at}");
            }
        }
        let plain: Vec<u8> = (0x20..0x80).filter(|byte| !b"\"\\".contains(byte)).collect();
        for end in 0..plain.len() {
            assert_eq!(plain_length(&plain[..end]), end);
        }
    }
}
