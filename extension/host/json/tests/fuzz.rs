//! The JSON scanner on random texts: valid ones, of which it is known what has to come out, and damaged ones.

use lambdawatch_fuzz::{fuzz, Result, Unstructured};
use lambdawatch_json::rows::{unescape, Cell, Table};
use lambdawatch_json::{compact, quote};

/// A JSON text in the making, beside the same without white space.
#[derive(Default)]
struct Text {
    spaced: String,
    tight: String,
}

impl Text {
    fn token(&mut self, token: &str, u: &mut Unstructured<'_>) -> Result<()> {
        self.space(u)?;
        self.spaced.push_str(token);
        self.tight.push_str(token);
        Ok(())
    }

    fn space(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        while !u.is_empty() && u.ratio(1, 5)? {
            self.spaced.push(*u.choose(&[' ', '\t', '\n', '\r'])?);
        }
        Ok(())
    }

    fn value(&mut self, u: &mut Unstructured<'_>, depth: u32) -> Result<()> {
        match u.int_in_range(0..=if depth > 0 { 5 } else { 3 })? {
            0 => self.token(u.choose(&["null", "true", "false", "-0", "1.0", "1E+2", "12345678901234567890"])?, u),
            1..=3 => {
                let string = string(u)?;
                self.token(&string, u)
            }
            4 => self.list(u, ["[", "]"], &mut |text, u| text.value(u, depth - 1)),
            _ => self.list(u, ["{", "}"], &mut |text, u| {
                let key = string(u)?;
                text.token(&key, u)?;
                text.token(":", u)?;
                text.value(u, depth - 1)
            }),
        }
    }

    fn list(
        &mut self,
        u: &mut Unstructured<'_>,
        [open, close]: [&str; 2],
        item: &mut dyn FnMut(&mut Self, &mut Unstructured<'_>) -> Result<()>,
    ) -> Result<()> {
        self.token(open, u)?;
        for index in 0..u.int_in_range(0..=4)? {
            if index > 0 {
                self.token(",", u)?;
            }
            item(self, u)?;
        }
        self.token(close, u)
    }
}

fn string(u: &mut Unstructured<'_>) -> Result<String> {
    let mut text = String::from("\"");
    for _ in 0..u.int_in_range(0..=6)? {
        text.push_str(u.choose(&[
            "a", " ", ",", ":", "[", "]", "{", "}", "\\\"", "\\\\", "\\n", "\\u0061", "\\ud83d", "\\ude00", "é", "😀",
            "record",
        ])?);
    }
    text.push('"');
    Ok(text)
}

/// What [`read`] has to give for the member `record` of an element, and the value's text without white space.
type Expected = (Cell, String);

/// A document, and what is in it.
fn document(u: &mut Unstructured<'_>) -> Result<(Text, Vec<Expected>)> {
    let mut text = Text::default();
    let mut expected = Vec::new();
    text.list(u, ["[", "]"], &mut |text, u| {
        let mut member: Expected = (Cell::Missing, String::new());
        if u.ratio(3, 4)? {
            text.list(u, ["{", "}"], &mut |text, u| {
                let escaped = ["\"record\"", "\"r\\u0065cord\"", "\"\\u0072\\u0065cor\\u0064\""];
                let key = if u.ratio(1, 2)? { (*u.choose(&escaped)?).to_owned() } else { string(u)? };
                text.token(&key, u)?;
                text.token(":", u)?;
                text.space(u)?;
                let (from, tight) = (text.spaced.len(), text.tight.len());
                let mut value = Text::default();
                value.value(u, 4)?;
                let start = from + value.spaced.len() - value.spaced.trim_start().len();
                text.spaced.push_str(&value.spaced);
                text.tight.push_str(&value.tight);
                if escaped.contains(&key.as_str()) || key == "\"record\"" {
                    let end = text.spaced.len();
                    let cell = if value.tight.starts_with('"') {
                        Cell::Text {
                            content: start + 1..end - 1,
                            escapes: escapes_of(&value.tight),
                            usual: !value.tight.contains("\\u"),
                        }
                    } else {
                        Cell::Json(start..end)
                    };
                    member = (cell, text.tight[tight..].to_owned());
                }
                Ok(())
            })?;
        } else {
            text.list(u, ["[", "]"], &mut |text, u| text.value(u, 4))?;
        }
        expected.push(member);
        Ok(())
    })?;
    text.space(u)?;
    Ok((text, expected))
}

fn read_records(json: &[u8]) -> Option<Vec<Cell>> {
    let table = Table::read(json.to_vec(), &["record".to_owned()])?;
    Some((0..table.len()).map(|row| table.cell(row, 0).clone()).collect())
}

/// Backslashes of which the next character is not another's escape.
fn escapes_of(json: &str) -> usize {
    json.replace("\\\\", "\\").matches('\\').count()
}

#[test]
fn valid_texts_give_what_stands_in_them() {
    fuzz(|u| {
        let (text, expected) = document(u)?;
        let json = text.spaced.as_bytes();
        let cells: Vec<Cell> = expected.iter().map(|(cell, _)| cell.clone()).collect();
        assert_eq!(read_records(json), Some(cells), "{}", text.spaced);
        for (cell, tight) in expected {
            if let Cell::Json(range) = cell {
                assert_eq!(String::from_utf8_lossy(&compact(&json[range])), tight);
            }
        }
        assert_eq!(String::from_utf8_lossy(&compact(json)), text.tight);
        Ok(())
    });
}

#[test]
fn damaged_texts_do_no_harm() {
    fuzz(|u| {
        let mut json = document(u)?.0.spaced.into_bytes();
        for _ in 0..u.int_in_range(1..=5)? {
            let at = u.int_in_range(0..=json.len())?;
            match u.int_in_range(0..=2)? {
                0 => json.insert(at, *u.choose(b"[]{}\",:\\u \xff\x001")?),
                1 if at < json.len() => drop(json.remove(at)),
                _ => json.truncate(at),
            }
        }
        for cell in read_records(&json).unwrap_or_default() {
            match cell {
                Cell::Missing => {}
                Cell::Text { content, .. } => drop(unescape(&json[content])),
                Cell::Json(range) => assert!(!compact(&json[range]).is_empty()),
            }
        }
        assert!(compact(&json).len() <= json.len());
        Ok(())
    });
}

#[test]
fn quoting_is_what_the_standard_says() {
    fuzz(|u| {
        let mut bytes = Vec::new();
        let mut expected = String::from("\"");
        for _ in 0..u.int_in_range(0..=40)? {
            if u.ratio(1, 8)? {
                // A lone surrogate, in three bytes; two of them are kept apart.
                let unit = u.int_in_range(0xD800..=0xDFFFu16)?;
                bytes.extend([0xED, 0x80 | (unit >> 6 & 0x3F) as u8, 0x80 | (unit & 0x3F) as u8, b'.']);
                expected.push_str(&format!("\\u{unit:04x}."));
                continue;
            }
            let character: char = if u.ratio(1, 2)? { char::from(u.int_in_range(0..=127u8)?) } else { u.arbitrary()? };
            bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            match character {
                '"' | '\\' => expected.extend(['\\', character]),
                '\n' => expected.push_str("\\n"),
                '\r' => expected.push_str("\\r"),
                '\t' => expected.push_str("\\t"),
                '\u{8}' => expected.push_str("\\b"),
                '\u{c}' => expected.push_str("\\f"),
                control if control < ' ' => expected.push_str(&format!("\\u{:04x}", u32::from(control))),
                other => expected.push(other),
            }
        }
        expected.push('"');
        let mut quoted = Vec::new();
        quote(&bytes, &mut quoted);
        assert_eq!(String::from_utf8(quoted).unwrap(), expected);
        Ok(())
    });
}
