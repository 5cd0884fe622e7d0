//! A JSON array of objects as a table: chosen members of each object, where they stand in the text.
//!
//! One pass over the bytes that checks all of the text, without recursion: it may be nested as deep as it likes.

use crate::key::is_key;
use crate::plain::plain_length;
use std::ops::Range;

/// A member of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// The object has no such member, or the element is no object.
    Missing,
    /// A string: what stands between its quotes, how many escapes there are in it, and whether all of them are written
    /// as [`crate::quote`] writes them, in two characters.
    Text { content: Range<usize>, escapes: usize, usual: bool },
    /// Any other value.
    Json(Range<usize>),
}

/// A JSON text with the cells of each element of the array in it, one for each name and in the order of names.
#[derive(Debug)]
pub struct Table {
    text: Vec<u8>,
    cells: Vec<Cell>,
    width: usize,
}

impl Table {
    /// `text` must be UTF-8. Of a member that is repeated the last one counts. `None` if the text is no JSON, or no array.
    pub fn read(text: Vec<u8>, names: &[String]) -> Option<Self> {
        let cells = read(&text, names)?;
        Some(Self { text, cells, width: names.len() })
    }

    pub fn len(&self) -> usize {
        self.cells.len() / self.width.max(1)
    }

    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The last column.
    pub fn last_column(&self) -> usize {
        self.width.saturating_sub(1)
    }

    pub fn cell(&self, row: usize, column: usize) -> &Cell {
        let cell = (column < self.width).then(|| self.cells.get(row * self.width + column)).flatten();
        cell.unwrap_or(&Cell::Missing)
    }

    /// What stands there, as it does.
    pub fn content(&self, range: &Range<usize>) -> &[u8] {
        &self.text[range.clone()]
    }

    /// Whether two rows have the same strings, written in the same way, in all columns but the last.
    pub fn are_alike(&self, row: usize, other: usize) -> bool {
        row == other
            || (0..self.last_column()).all(|column| match (self.cell(row, column), self.cell(other, column)) {
                (Cell::Text { content: one, .. }, Cell::Text { content: two, .. }) => {
                    self.content(one) == self.content(two)
                }
                _ => false,
            })
    }
}

fn read(json: &[u8], names: &[String]) -> Option<Vec<Cell>> {
    let mut reader = Reader { json, at: 0, open: Vec::new() };
    let mut cells = Vec::new();
    reader.take(b'[').then_some(())?;
    if !reader.take(b']') {
        loop {
            let first = cells.len();
            cells.resize(first + names.len(), Cell::Missing);
            if reader.token()? == b'{' {
                reader.object(names, &mut cells[first..])?;
            } else {
                reader.value()?;
            }
            if !reader.take(b',') {
                break;
            }
        }
        reader.take(b']').then_some(())?;
    }
    reader.token().is_none().then_some(cells)
}

struct Reader<'a> {
    json: &'a [u8],
    at: usize,
    /// What the value at hand stands in: objects (`true`) and arrays.
    open: Vec<bool>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.json.get(self.at).copied()
    }

    /// The next byte that is no white space.
    fn token(&mut self) -> Option<u8> {
        loop {
            match self.peek()? {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                other => return Some(other),
            }
        }
    }

    /// Steps over the token `expected`, if it is next.
    fn take(&mut self, expected: u8) -> bool {
        let is_next = self.token() == Some(expected);
        self.at += usize::from(is_next);
        is_next
    }

    /// Steps over an object that begins here.
    fn object(&mut self, names: &[String], cells: &mut [Cell]) -> Option<()> {
        self.at += 1;
        if self.take(b'}') {
            return Some(());
        }
        loop {
            let key = self.key()?;
            let first = self.token()?;
            let start = self.at;
            let cell = if first == b'"' {
                let (content, escapes, usual) = self.string()?;
                Cell::Text { content, escapes, usual }
            } else {
                self.value()?;
                Cell::Json(start..self.at)
            };
            if let Some(column) = names.iter().position(|name| is_key(&self.json[key.clone()], name)) {
                cells[column] = cell;
            }
            if !self.take(b',') {
                return self.take(b'}').then_some(());
            }
        }
    }

    /// Steps over a key and its colon.
    fn key(&mut self) -> Option<Range<usize>> {
        (self.token()? == b'"').then_some(())?;
        let (key, ..) = self.string()?;
        self.take(b':').then_some(key)
    }

    /// Steps over one value of any kind.
    fn value(&mut self) -> Option<()> {
        let outside = self.open.len();
        loop {
            match self.token()? {
                b'"' => {
                    self.string()?;
                }
                b'{' => {
                    self.at += 1;
                    if !self.take(b'}') {
                        self.open.push(true);
                        self.key()?;
                        continue;
                    }
                }
                b'[' => {
                    self.at += 1;
                    if !self.take(b']') {
                        self.open.push(false);
                        continue;
                    }
                }
                b't' => self.word(b"true")?,
                b'f' => self.word(b"false")?,
                b'n' => self.word(b"null")?,
                _ => self.number()?,
            }
            loop {
                if self.open.len() == outside {
                    return Some(());
                }
                let in_object = *self.open.last()?;
                if self.take(b',') {
                    if in_object {
                        self.key()?;
                    }
                    break;
                }
                self.take(if in_object { b'}' } else { b']' }).then_some(())?;
                self.open.pop();
            }
        }
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        let is_next = self.json[self.at..].starts_with(word);
        self.at += word.len();
        is_next.then_some(())
    }

    fn number(&mut self) -> Option<()> {
        self.at += usize::from(self.peek() == Some(b'-'));
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    /// Steps over a string that begins here; gives what [`Cell::Text`] has of it.
    fn string(&mut self) -> Option<(Range<usize>, usize, bool)> {
        self.at += 1;
        let start = self.at;
        let (mut escapes, mut usual) = (0, true);
        loop {
            self.at += plain_length(&self.json[self.at..]);
            match self.peek()? {
                b'"' => break,
                b'\\' => {
                    escapes += 1;
                    usual &= self.escape()?;
                }
                byte if byte < 0x20 => return None,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Some((start..self.at - 1, escapes, usual))
    }

    /// Steps over an escape; gives whether it is one of those that are usually written.
    fn escape(&mut self) -> Option<bool> {
        let (length, usual) = match self.json.get(self.at + 1)? {
            b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't' => (2, true),
            b'/' => (2, false),
            b'u' if self.json.get(self.at + 2..self.at + 6)?.iter().all(u8::is_ascii_hexdigit) => (6, false),
            _ => return None,
        };
        self.at += length;
        Some(usual)
    }
}

/// The text that the content of a string stands for. Escapes of surrogates that have lost their other half become
/// U+FFFD.
/// `content` must be that of a [`Table`]'s cell.
pub fn unescape(content: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(content.len());
    unescape_into(content, &mut text);
    text
}

/// [`unescape`], behind what there is of `text`.
pub fn unescape_into(content: &[u8], text: &mut Vec<u8>) {
    let mut rest = content;
    loop {
        let plain = rest.iter().position(|&byte| byte == b'\\').unwrap_or(rest.len());
        text.extend_from_slice(&rest[..plain]);
        rest = &rest[plain..];
        let Some(&escaped) = rest.get(1) else { return };
        let character = match escaped {
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = escaped_unit(rest);
                match (unit, escaped_unit(rest.get(6..).unwrap_or_default())) {
                    (Some(high @ 0xD800..=0xDBFF), Some(low @ 0xDC00..=0xDFFF)) => {
                        rest = &rest[6..];
                        let scalar = 0x10000 + ((u32::from(high) - 0xD800) << 10) + (u32::from(low) - 0xDC00);
                        char::from_u32(scalar)
                    }
                    (Some(unit), _) => char::from_u32(unit.into()),
                    (None, _) => None,
                }
                .unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            other => char::from(other),
        };
        text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        rest = rest.get(if escaped == b'u' { 6 } else { 2 }..).unwrap_or_default();
    }
}

/// The UTF-16 unit of the escape `\uXXXX` that stands at the beginning.
fn escaped_unit(text: &[u8]) -> Option<u16> {
    let digits = text.get(..6)?.strip_prefix(b"\\u")?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<String> {
        ["time", "record"].map(str::to_owned).to_vec()
    }

    /// The cells as text: `.` where there is nothing, strings without escapes, and other values in angle brackets.
    fn table(json: &str) -> Option<Vec<String>> {
        let cells = read(json.as_bytes(), &names())?;
        let shown = |cell| match cell {
            Cell::Missing => ".".to_owned(),
            Cell::Text { content, escapes, usual } => {
                let text = String::from_utf8(unescape(&json.as_bytes()[content.clone()])).unwrap();
                if escapes == 0 {
                    assert_eq!(text, json[content]);
                } else if usual {
                    assert_eq!(text.len() + escapes, content.len());
                }
                text
            }
            Cell::Json(range) => format!("<{}>", &json[range]),
        };
        Some(cells.into_iter().map(shown).collect())
    }

    #[test]
    fn finds_members_of_objects_in_the_array() {
        let json = r#" [ {"time":"t","record":"a"} , {"record" : {"time":[1, "}"]} ,"x":[{"record":1}]}, 7,"record",[{"time":"no"}],
            {}, {"time":null,"record":-1.5e+3,"record":"last"} ] "#;
        let expected =
            ["t", "a", ".", r#"<{"time":[1, "}"]}>"#, ".", ".", ".", ".", ".", ".", ".", ".", "<null>", "last"];
        assert_eq!(table(json).unwrap(), expected);
        assert_eq!(table("[]").unwrap(), Vec::<String>::new());
    }

    #[test]
    fn keys_and_values_may_be_escaped() {
        let json = r#"[{"r\u0065cord":"a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\ud83d \ude00\\n"}]"#;
        assert_eq!(table(json).unwrap()[1], "a\"\\/\u{8}\u{c}\n\r\té😀\u{fffd} \u{fffd}\\n");
    }

    #[test]
    fn takes_json_alone() {
        let broken = [
            "",
            "{}",
            "1",
            "[",
            "]",
            "[1",
            "[1,]",
            "[,1]",
            "[1 2]",
            "[1]]",
            "[01]",
            "[1.]",
            "[.5]",
            "[+1]",
            "[1e]",
            "[-]",
            "[tru]",
            "[nul",
            "[\"a]",
            "[\"\n\"]",
            "[\"\\x\"]",
            "[\"\\u12g4\"]",
            "[\"\\u12\"]",
            "[{]",
            "[{\"a\"}]",
            "[{\"a\":}]",
            "[{\"a\":1,}]",
            "[{a:1}]",
            "[{\"a\":1]",
            "[[}]",
            "[{\"a\":[1}]}]",
            "[1]x",
            "['a']",
            "[NaN]",
        ];
        for text in broken {
            assert_eq!(table(text), None, "{text}");
        }
        for text in
            ["[0,-0,1.50,1E-2,true,false,null,\"\",[],{},[[]],[{}]]", "[{\"a\":{\"b\":[1,{\"c\":[]}],\"d\":0}}]\n"]
        {
            assert!(table(text).is_some(), "{text}");
        }
    }

    #[test]
    fn depth_does_not_matter() {
        let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
        assert_eq!(table(&format!(r#"[{{"record":{deep}}}]"#)).unwrap()[1].len(), 2_000_002);
        assert_eq!(table(&deep[1..]), None);
    }

    #[test]
    fn stays_within_any_text() {
        let json = br#"[{"record":{"a":[1,"b\\"]},"x":"\u0061\ud83d\ude00"},[[{}]],null]"#;
        for end in 0..json.len() {
            assert_eq!(read(&json[..end], &names()), None);
            unescape(&json[..end]);
        }
    }
}
