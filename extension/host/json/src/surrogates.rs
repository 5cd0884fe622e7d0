//! Escapes of surrogates that have lost their other half.

/// The JSON text with `\ufffd` in place of the escape of each lone surrogate; `None` if it has none, as nearly all have.
/// The result is as long as the text.
pub fn mended(json: &[u8]) -> Option<Vec<u8>> {
    let mut result: Option<Vec<u8>> = None;
    let mut at = 0;
    while let Some(found) = json[at..].iter().position(|&byte| byte == b'\\') {
        at += found;
        match escaped_unit(json, at) {
            Some(0xD800..=0xDBFF) if matches!(escaped_unit(json, at + 6), Some(0xDC00..=0xDFFF)) => at += 12,
            Some(0xD800..=0xDFFF) => {
                result.get_or_insert_with(|| json.to_vec())[at..at + 6].copy_from_slice(b"\\ufffd");
                at += 6;
            }
            // The backslash and what it escapes, which may be a backslash.
            _ => at += 2,
        }
        if at >= json.len() {
            break;
        }
    }
    result
}

/// The UTF-16 unit of the escape `\uXXXX` that stands there.
fn escaped_unit(json: &[u8], at: usize) -> Option<u16> {
    let digits = json.get(at..at + 6)?.strip_prefix(b"\\u")?;
    digits.iter().all(u8::is_ascii_hexdigit).then_some(())?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mend(json: &str) -> String {
        mended(json.as_bytes()).map_or_else(|| "as it was".to_owned(), |bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn replaces_lone_ones_only() {
        assert_eq!(mend(r#"["plain", "\n\\ \ud83d\ude00 \u00e9"]"#), "as it was");
        assert_eq!(mend(r#"["\ud83d", "\ude00", "\uD83Dx\uDE00"]"#), r#"["\ufffd", "\ufffd", "\ufffdx\ufffd"]"#);
        assert_eq!(mend(r#"["\ud83d\ud83d\ude00"]"#), r#"["\ufffd\ud83d\ude00"]"#);
        assert_eq!(mend(r#"["\\ud83d"]"#), "as it was");
        assert_eq!(mend(r#"["\\\ud83d"]"#), r#"["\\\ufffd"]"#);
    }

    #[test]
    fn takes_text_that_ends_anywhere() {
        for cut in ["\\", "\\u", "\\ud8", "\\ud83d", "\\ud83d\\", "\\ud83d\\ude0", ""] {
            mended(cut.as_bytes());
        }
    }
}
