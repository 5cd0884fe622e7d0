//! A scanner over the bytes of JSON, without recursion. On any other text it gives up or gives nonsense, but stays
//! within the text.

use std::ops::Range;

pub(crate) struct Scanner<'a> {
    pub(crate) json: &'a [u8],
    pub(crate) at: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.json.get(self.at).copied()
    }

    pub(crate) fn token(&mut self) -> Option<u8> {
        while self.peek().is_some_and(is_space) {
            self.at += 1;
        }
        self.peek()
    }

    /// Steps over the token `expected`, if it is next.
    pub(crate) fn take(&mut self, expected: u8) -> bool {
        let is_next = self.token() == Some(expected);
        self.at += usize::from(is_next);
        is_next
    }

    /// Steps over one value of any kind.
    pub(crate) fn value(&mut self) -> Option<Range<usize>> {
        let first = self.token()?;
        let start = self.at;
        match first {
            b'"' => {
                self.string();
            }
            b'{' | b'[' => self.container(),
            _ => {
                while self.peek().is_some_and(|byte| !is_space(byte) && !matches!(byte, b',' | b'}' | b']')) {
                    self.at += 1;
                }
            }
        }
        (start < self.at).then_some(start..self.at)
    }

    fn container(&mut self) {
        let mut depth = 0usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.string();
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                break;
            }
        }
    }

    /// Steps over a string; gives where its content stands, without the quotes.
    pub(crate) fn string(&mut self) -> Range<usize> {
        self.at += 1;
        let start = self.at;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        let end = self.at.min(self.json.len());
        self.at = (end + 1).min(self.json.len());
        start.min(end)..end
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}
