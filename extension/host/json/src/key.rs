//! Keys of JSON objects.

/// Whether the content of a JSON string, escapes and all, stands for `name`.
pub fn is_key(content: &[u8], name: &str) -> bool {
    if !content.contains(&b'\\') {
        return content == name.as_bytes();
    }
    let Ok(content) = std::str::from_utf8(content) else { return false };
    unescape(content).is_some_and(|units| units.into_iter().eq(name.encode_utf16()))
}

/// UTF-16 code units, since an escape can stand for half of a character.
pub fn unescape(content: &str) -> Option<Vec<u16>> {
    let mut units = Vec::with_capacity(content.len());
    let mut characters = content.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            units.extend_from_slice(character.encode_utf16(&mut [0; 2]));
            continue;
        }
        units.push(match characters.next()? {
            'b' => 8,
            'f' => 12,
            'n' => 10,
            'r' => 13,
            't' => 9,
            'u' => {
                let digits = characters.as_str().get(..4)?;
                characters = characters.as_str()[4..].chars();
                u16::from_str_radix(digits, 16).ok()?
            }
            other => u16::try_from(u32::from(other)).ok()?,
        });
    }
    Some(units)
}

#[cfg(test)]
mod tests {
    use super::is_key;

    #[test]
    fn keys_may_be_escaped() {
        for content in [r"record", r"r\u0065cord", r"\u0072\u0065\u0063\u006f\u0072\u0064"] {
            assert!(is_key(content.as_bytes(), "record"), "{content}");
        }
        assert!(is_key(br"a\n\ud83d\ude00", "a\n😀"));
        for content in ["", "records", r"record\u00", r"rec\u006Fr", r"\"] {
            assert!(!is_key(content.as_bytes(), "record"), "{content}");
        }
    }
}
