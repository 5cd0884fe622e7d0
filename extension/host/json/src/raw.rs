//! The JSON text of one member of each object in a top-level array, exactly as it was sent.
//!
//! A scanner over the bytes, without recursion. It is used on text that the JSON parser has accepted already; on any
//! other it gives up or gives nonsense, but stays within the text.

use std::ops::Range;

/// One value found: the position of its object in the array, and where the value stands.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    pub index: usize,
    pub range: Range<usize>,
}

/// Finds the values of member `name` that are not strings, of all objects that stand directly in the top-level array.
/// Of a member that is repeated the last one counts, as it does for the parser.
pub fn find(json: &[u8], name: &str) -> Vec<Found> {
    let mut found = Vec::new();
    Scanner { json, at: 0 }.array(name, &mut |index, _, member| {
        if let Some(range) = member {
            found.push(Found { index, range });
        }
    });
    found
}

/// Where an element of a top-level array stands, and in it the value of its member.
#[derive(Debug, PartialEq, Eq)]
pub struct Element {
    pub range: Range<usize>,
    /// As [`find`] has it: of objects only, and only where it is not a string.
    pub member: Option<Range<usize>>,
}

/// All elements of the top-level array; `None` if there is none, or if it is not whole. What stands inside the elements
/// need not be valid.
pub fn elements(json: &[u8], name: &str) -> Option<Vec<Element>> {
    let mut elements = Vec::new();
    let mut scanner = Scanner { json, at: 0 };
    scanner.array(name, &mut |_, range, member| elements.push(Element { range, member }))?;
    scanner.token().is_none().then_some(elements)
}

/// The text without the white space between its tokens.
pub fn compact(text: &[u8]) -> Vec<u8> {
    let mut output = Vec::with_capacity(text.len());
    let mut scanner = Scanner { json: text, at: 0 };
    while let Some(byte) = scanner.peek() {
        let start = scanner.at;
        if byte == b'"' {
            scanner.string();
        } else {
            scanner.at += 1;
        }
        if !is_space(byte) {
            output.extend_from_slice(&text[start..scanner.at]);
        }
    }
    output
}

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

    /// Steps over an array; `visit` gets index and place of each element, and where the value of its member `name` stands.
    fn array(&mut self, name: &str, visit: &mut impl FnMut(usize, Range<usize>, Option<Range<usize>>)) -> Option<()> {
        if !self.take(b'[') {
            return None;
        }
        if self.take(b']') {
            return Some(());
        }
        for index in 0.. {
            let (first, start) = (self.token()?, self.at);
            let member = if first == b'{' {
                self.object(name)?
            } else {
                self.value()?;
                None
            };
            visit(index, start..self.at, member);
            if !self.take(b',') {
                break;
            }
        }
        self.take(b']').then_some(())
    }

    /// Steps over an object; gives where the value of its member `name` stands, unless that is a string.
    fn object(&mut self, name: &str) -> Option<Option<Range<usize>>> {
        let mut member = None;
        self.at += 1;
        if self.take(b'}') {
            return Some(None);
        }
        loop {
            self.token()?;
            let key = self.string();
            if !self.take(b':') {
                return None;
            }
            let first = self.token()?;
            let value = self.value()?;
            if is_key(&self.json[key], name) {
                member = (first != b'"').then_some(value);
            }
            if !self.take(b',') {
                break;
            }
        }
        self.take(b'}').then_some(member)
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

/// Whether the content of a JSON string, escapes and all, stands for `name`.
pub(crate) fn is_key(content: &[u8], name: &str) -> bool {
    if !content.contains(&b'\\') {
        return content == name.as_bytes();
    }
    let Ok(content) = std::str::from_utf8(content) else { return false };
    unescape(content).is_some_and(|units| units.into_iter().eq(name.encode_utf16()))
}

/// UTF-16 code units, since an escape can stand for half of a character.
pub(crate) fn unescape(content: &str) -> Option<Vec<u16>> {
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
    use super::*;

    fn raw(json: &str) -> Vec<(usize, String)> {
        let text = |range: Range<usize>| String::from_utf8(compact(&json.as_bytes()[range])).unwrap();
        find(json.as_bytes(), "record").into_iter().map(|found| (found.index, text(found.range))).collect()
    }

    #[test]
    fn finds_all_that_is_not_a_string() {
        let json = r#" [ {"record": 12345678901234567890 }, {"record":"text"},{"record" : 1.0},{"a":{"record":1},"record":null},
            5, "record", [{"record":1}], {}, {"record":{ "a b" : [ 1 , "x \" ] y" ] } , "z":1}, {"record":true} ] "#;
        let expected =
            [(0, "12345678901234567890"), (2, "1.0"), (3, "null"), (8, r#"{"a b":[1,"x \" ] y"]}"#), (9, "true")];
        assert_eq!(raw(json), expected.map(|(index, text)| (index, text.to_owned())));
    }

    #[test]
    fn keys_may_be_escaped_and_the_last_one_counts() {
        assert_eq!(raw(r#"[{"r\u0065cord":1,"record":2}]"#), [(0, "2".to_owned())]);
        assert_eq!(raw(r#"[{"record":1,"r\u0065cord":"x"}]"#), []);
        assert_eq!(raw(r#"[{"record":"x","\u0072ecord":[]}]"#), [(0, "[]".to_owned())]);
        assert_eq!(raw(r#"[{"record\u00":1}]"#), []);
    }

    #[test]
    fn only_a_top_level_array_is_looked_at() {
        assert_eq!(raw(r#"{"record":1}"#), []);
        assert_eq!(raw("[]"), []);
        assert_eq!(raw(""), []);
        assert_eq!(raw("7"), []);
    }

    #[test]
    fn tells_the_elements_apart() {
        let json = r#" [ {"record":{"a":[1]} , "x":"]"}, [{}] ,"a,b", {"record":"text"}, 7 ] "#;
        let found = elements(json.as_bytes(), "record").unwrap();
        let texts: Vec<_> = found.iter().map(|element| &json[element.range.clone()]).collect();
        assert_eq!(texts, [r#"{"record":{"a":[1]} , "x":"]"}"#, "[{}]", r#""a,b""#, r#"{"record":"text"}"#, "7"]);
        let members: Vec<_> = found.into_iter().map(|element| element.member.map(|range| &json[range])).collect();
        assert_eq!(members, [Some(r#"{"a":[1]}"#), None, None, None, None]);
        assert_eq!(elements(b" [ ] ", "record"), Some(vec![]));
        for broken in ["", "{}", "[", "[1", "[1,", "[1,]", "[1 2]", "[{]", r#"[{"a":1]"#, "[1] x", "[1]]", r#"["a]"#] {
            assert_eq!(elements(broken.as_bytes(), "record"), None, "{broken}");
        }
    }

    #[test]
    fn stays_within_any_text() {
        let json = r#"[{"record":{"a":[1,"b\\"]},"x":"\u0061"},[[{}]],null]"#;
        for end in 0..json.len() {
            for found in find(&json.as_bytes()[..end], "record") {
                compact(&json.as_bytes()[..end][found.range]);
            }
        }
        let deep = "[".repeat(1_000_000);
        assert_eq!(find(deep.as_bytes(), "record"), []);
        compact(deep.as_bytes());
        compact(b"\"\\");
    }
}
