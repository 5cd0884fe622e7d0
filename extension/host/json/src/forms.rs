//! What texts begin with.

use crate::quote;

/// The most forms that are kept: each costs a comparison. Of more, the oldest goes.
const KEPT: usize = 8;

/// Stands for any one character in a pattern: printable, ASCII, and written without an escape.
const ANY: u8 = 0;

/// What texts may be like, each with the tail of an element whose text is.
#[derive(Default)]
pub struct Forms {
    /// Patterns of what texts begin with.
    beginnings: Vec<(Vec<u8>, Vec<u8>)>,
    /// What plain texts do not begin with.
    unlike: Vec<Vec<u8>>,
    /// What plain texts do not contain.
    without: Vec<Vec<u8>>,
    plain_tail: Option<Vec<u8>>,
}

impl Forms {
    /// Characters U+0000 of the pattern stand for any one character.
    pub fn add(&mut self, pattern: &[u8], tail: &[u8]) {
        if self.beginnings.len() == KEPT {
            self.beginnings.remove(0);
        }
        self.beginnings.push((written(pattern), tail.to_vec()));
    }

    /// Plain texts begin with a word of ASCII letters and a space, fit none of these patterns, and contain none of
    /// these texts.
    pub fn describe_plain(&mut self, unlike: &[impl AsRef<[u8]>], without: &[impl AsRef<[u8]>]) {
        self.unlike = unlike.iter().map(|pattern| written(pattern.as_ref())).collect();
        self.without = without.iter().map(|part| written(part.as_ref())).collect();
    }

    /// Plain texts that have no other form get this tail.
    pub fn add_plain(&mut self, tail: &[u8]) {
        self.plain_tail = Some(tail.to_vec());
    }

    /// Forgets all tails.
    pub fn clear(&mut self) {
        self.beginnings.clear();
        self.plain_tail = None;
    }

    /// The tail of the form that the content of a JSON string has.
    pub fn tail_of(&self, content: &[u8]) -> Option<&[u8]> {
        let found = self.beginnings.iter().rev().find(|(pattern, _)| matches(pattern, content));
        match found {
            Some((_, tail)) => Some(tail),
            None => self.plain_tail.as_deref().filter(|_| self.is_plain(content)),
        }
    }

    fn is_plain(&self, content: &[u8]) -> bool {
        let word = content.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        word > 0
            && content.get(word) == Some(&b' ')
            && !self.unlike.iter().any(|pattern| matches(pattern, content))
            && !self.without.iter().any(|part| contains(content, part))
    }
}

/// A pattern as it stands between the quotes of a JSON string.
fn written(pattern: &[u8]) -> Vec<u8> {
    let mut written = Vec::new();
    for (index, part) in pattern.split(|&byte| byte == ANY).enumerate() {
        if index > 0 {
            written.push(ANY);
        }
        let mut quoted = Vec::new();
        quote(part, &mut quoted);
        written.extend_from_slice(&quoted[1..quoted.len() - 1]);
    }
    written
}

/// Whether the content of a JSON string contains a part that does not begin in the middle of an escape.
fn contains(content: &[u8], part: &[u8]) -> bool {
    let is_whole = |at: usize| content[..at].iter().rev().take_while(|&&byte| byte == b'\\').count() % 2 == 0;
    content.windows(part.len().max(1)).enumerate().any(|(at, window)| window == part && is_whole(at))
}

fn matches(pattern: &[u8], content: &[u8]) -> bool {
    let is_any = |byte: u8| (0x20..0x7F).contains(&byte) && byte != b'\\';
    content.len() >= pattern.len()
        && pattern.iter().zip(content).all(|(&wanted, &byte)| wanted == byte || (wanted == ANY && is_any(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_form_of_a_text() {
        let mut forms = Forms::default();
        forms.add(b"\0\0:\0\tINFO\t", b"info");
        forms.add(b"[\"", b"quote");
        assert_eq!(forms.tail_of(br"12:3\tINFO\tx"), Some(b"info".as_slice()));
        assert_eq!(forms.tail_of(br#"[\"x"#), Some(b"quote".as_slice()));
        for other in [r"12:3\tINFO", r"12:3\tWARN\tx", r"\t:3\tINFO\t", "é:3\\tINFO\\t", ""] {
            assert_eq!(forms.tail_of(other.as_bytes()), None, "{other}");
        }
        for number in 0..KEPT {
            forms.add(number.to_string().as_bytes(), b"");
        }
        assert_eq!(forms.tail_of(br"12:3\tINFO\tx"), Some(b"".as_slice()), "the one that begins with 1");
        forms.clear();
        assert_eq!(forms.tail_of(b"1"), None);
    }

    #[test]
    fn tells_plain_texts() {
        let mut forms = Forms::default();
        assert_eq!(forms.tail_of(b"got it"), None);
        forms.describe_plain(&["INFO ", "\0\0\0 \0\0,"], &["Id: ", "\t"]);
        assert_eq!(forms.tail_of(b"got it"), None, "there is no tail yet");
        forms.add_plain(b"plain");
        forms.add(b"got th", b"form");
        assert_eq!(forms.tail_of(b"got this"), Some(b"form".as_slice()));
        for plain in [r"got it", r"a b", r"INFORMATION x", r"Info x", r"x Id:\n", r"x \\t\n", r"Jan 0\\,", r"x \nId:"] {
            assert_eq!(forms.tail_of(plain.as_bytes()), Some(b"plain".as_slice()), "{plain}");
        }
        for other in [
            r"",
            r"got",
            r"got\tit",
            r" got it",
            r"7 x",
            r"a7 x",
            r"\u00fc x",
            "ü x",
            r"INFO x",
            r"Jan 02, x",
            r"x Id: 7",
            r"x \ty",
            r"x \\\ty",
            "x \\nId: ",
        ] {
            assert_eq!(forms.tail_of(other.as_bytes()), None, "{other}");
        }
        forms.clear();
        assert_eq!(forms.tail_of(b"got it"), None);
        forms.add_plain(b"again");
        assert_eq!(forms.tail_of(b"got it"), Some(b"again".as_slice()));
        assert_eq!(forms.tail_of(b"INFO x"), None);
    }
}
