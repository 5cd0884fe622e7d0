//! The JSON scanner on random texts: valid ones, of which it is known what has to come out, and damaged ones.

use lambdawatch_fuzz::{fuzz, Result, Unstructured};
use lambdawatch_json::raw::{compact, elements, find, Element, Found};
use lambdawatch_json::{quote, surrogates};
use std::ops::Range;

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

/// An element, and the text of its member without white space.
type Expected = (Element, Option<String>);

/// A document, and what is in it.
fn document(u: &mut Unstructured<'_>) -> Result<(Text, Vec<Expected>)> {
    let mut text = Text::default();
    let mut expected = Vec::new();
    text.list(u, ["[", "]"], &mut |text, u| {
        text.space(u)?;
        let start = text.spaced.len();
        let mut member: Option<(Range<usize>, String)> = None;
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
                let value_start = value.spaced.len() - value.spaced.trim_start().len();
                text.spaced.push_str(&value.spaced);
                text.tight.push_str(&value.tight);
                if escaped.contains(&key.as_str()) {
                    let range = from + value_start..text.spaced.len();
                    member = (!value.tight.starts_with('"')).then(|| (range, text.tight[tight..].to_owned()));
                }
                Ok(())
            })?;
        } else {
            text.list(u, ["[", "]"], &mut |text, u| text.value(u, 4))?;
        }
        // The opening bracket may have got white space before it.
        let start = start + (text.spaced.len() - start - text.spaced[start..].trim_start().len());
        let (range, tight) = member.unzip();
        expected.push((Element { range: start..text.spaced.len(), member: range }, tight));
        Ok(())
    })?;
    text.space(u)?;
    Ok((text, expected))
}

#[test]
fn valid_texts_give_what_stands_in_them() {
    fuzz(|u| {
        let (text, expected) = document(u)?;
        let json = text.spaced.as_bytes();
        let found: Vec<Found> = find(json, "record");
        let members: Vec<Found> = expected
            .iter()
            .enumerate()
            .filter_map(|(index, (element, _))| element.member.clone().map(|range| Found { index, range }))
            .collect();
        assert_eq!(found, members, "{}", text.spaced);
        for (element, tight) in &expected {
            if let (Some(range), Some(tight)) = (&element.member, tight) {
                assert_eq!(String::from_utf8_lossy(&compact(&json[range.clone()])), *tight);
            }
        }
        assert_eq!(String::from_utf8_lossy(&compact(json)), text.tight);
        let all: Vec<Element> = expected.into_iter().map(|(element, _)| element).collect();
        assert_eq!(elements(json, "record"), Some(all), "{}", text.spaced);
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
        for found in find(&json, "record") {
            compact(&json[found.range]);
        }
        let mut end = 0;
        for Element { range, member } in elements(&json, "record").unwrap_or_default() {
            assert!(end <= range.start && range.start < range.end && range.end <= json.len());
            if let Some(member) = member {
                assert!(range.start < member.start && member.start < member.end && member.end < range.end);
            }
            end = range.end;
        }
        assert!(compact(&json).len() <= json.len());
        assert!(surrogates::mended(&json).is_none_or(|mended| mended.len() == json.len()));
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
