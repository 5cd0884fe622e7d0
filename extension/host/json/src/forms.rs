//! What texts begin with.

use crate::quote;

/// The most forms that are kept: each costs a comparison. Of more, the oldest goes.
const KEPT: usize = 8;

/// Stands for any one character in a pattern: printable, ASCII, and written without an escape.
const ANY: u8 = 0;

/// Patterns of what texts may begin with, each with the tail of an element whose text does.
#[derive(Default)]
pub struct Forms(Vec<(Vec<u8>, Vec<u8>)>);

impl Forms {
    /// Characters U+0000 of the pattern stand for any one character.
    pub fn add(&mut self, pattern: &[u8], tail: &[u8]) {
        if self.0.len() == KEPT {
            self.0.remove(0);
        }
        let mut written = Vec::new();
        for (index, part) in pattern.split(|&byte| byte == ANY).enumerate() {
            if index > 0 {
                written.push(ANY);
            }
            let mut quoted = Vec::new();
            quote(part, &mut quoted);
            written.extend_from_slice(&quoted[1..quoted.len() - 1]);
        }
        self.0.push((written, tail.to_vec()));
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The tail of the form that the content of a JSON string has.
    pub fn tail_of(&self, content: &[u8]) -> Option<&[u8]> {
        let found = self.0.iter().rev().find(|(pattern, _)| matches(pattern, content));
        found.map(|(_, tail)| tail.as_slice())
    }
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
}
