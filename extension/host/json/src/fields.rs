//! Some fields of a JSON object, found in one pass over its text, without recursion into anything that was not asked
//! for.

use crate::compact;
use crate::key::{is_key, unescape};
use crate::scanner::Scanner;
use std::borrow::Cow;
use std::ops::Range;

/// A name that a field may have.
struct Name {
    /// Which of the fields asked for it stands for.
    field: usize,
    /// Its place among the names of this field: the first one counts most.
    rank: usize,
    /// The whole name, dots and all.
    literal: String,
    /// The names that lead to it where dots stand for objects inside objects.
    path: Vec<String>,
}

/// Reads the same fields of many texts.
pub struct Fields {
    names: Vec<Name>,
    count: usize,
}

/// What was found of a field, and how good it is: the smaller the better.
#[derive(Clone)]
struct Best {
    quality: usize,
    range: Range<usize>,
}

impl Fields {
    /// For each field the names that it may have. One with dots is a name as it stands, or a path.
    pub fn new(fields: Vec<Vec<String>>) -> Self {
        let count = fields.len();
        let mut names = Vec::new();
        for (field, alternatives) in fields.into_iter().enumerate() {
            for (rank, literal) in alternatives.into_iter().enumerate() {
                let path = literal.split('.').map(str::to_owned).collect();
                names.push(Name { field, rank, literal, path });
            }
        }
        Self { names, count }
    }

    /// The values in the order of the fields; `None` if the text is no object or has none of them. What stands before
    /// the place where the text stops being JSON counts.
    pub fn read<'a>(&self, json: &'a [u8]) -> Option<Vec<Option<Cow<'a, str>>>> {
        let mut found = Vec::new();
        let mut scanner = Scanner { json, at: 0 };
        if scanner.token() == Some(b'{') {
            self.object(&mut scanner, &[], &mut found);
        }
        if found.is_empty() {
            return None;
        }
        let value = |best: Option<Best>| best.and_then(|best| value(&json[best.range]));
        Some(found.into_iter().map(value).collect())
    }

    /// Steps over an object, to which the names in `path` lead; `None` where the text stops being JSON.
    fn object(&self, scanner: &mut Scanner<'_>, path: &[&str], found: &mut Vec<Option<Best>>) -> Option<()> {
        scanner.at += 1;
        if scanner.take(b'}') {
            return Some(());
        }
        loop {
            if scanner.token()? != b'"' {
                return None;
            }
            let key = Key::new(&scanner.json[scanner.string()]);
            if !scanner.take(b':') {
                return None;
            }
            let first = scanner.token()?;
            let start = scanner.at;
            match if first == b'{' { self.inner(&key, path) } else { None } {
                Some(name) => {
                    let deeper = [path, &[name]].concat();
                    self.object(scanner, &deeper, found)?;
                }
                None => {
                    scanner.value()?;
                }
            }
            let end = scanner.at;
            let next = scanner.token()?;
            if first != b'n' {
                self.note(&key, path, start..end, found);
            }
            scanner.at += 1;
            match next {
                b',' => {}
                b'}' => return Some(()),
                _ => return None,
            }
        }
    }

    /// The name, if what has it may have fields that were asked for.
    fn inner(&self, key: &Key<'_>, path: &[&str]) -> Option<&str> {
        let depth = path.len();
        let leads = |name: &&Name| name.path.len() > depth + 1 && name.path[..depth] == *path;
        self.names.iter().filter(leads).map(|name| name.path[depth].as_str()).find(|part| key.is(part))
    }

    /// Keeps the place of a value if it was asked for and nothing better was found.
    fn note(&self, key: &Key<'_>, path: &[&str], range: Range<usize>, found: &mut Vec<Option<Best>>) {
        let depth = path.len();
        for name in &self.names {
            let literal = depth == 0 && key.is(&name.literal);
            let is_end = depth > 0 && name.path.len() == depth + 1;
            if !(literal || is_end && key.is(&name.path[depth]) && name.path[..depth] == *path) {
                continue;
            }
            if found.is_empty() {
                found.resize(self.count, None);
            }
            let quality = name.rank * 2 + usize::from(!literal);
            let best = &mut found[name.field];
            if best.as_ref().is_none_or(|best| quality < best.quality) {
                *best = Some(Best { quality, range: range.clone() });
            }
        }
    }
}

/// The name of a member as it stands in the text.
struct Key<'a> {
    content: &'a [u8],
    escaped: bool,
}

impl<'a> Key<'a> {
    fn new(content: &'a [u8]) -> Self {
        Self { content, escaped: content.contains(&b'\\') }
    }

    fn is(&self, name: &str) -> bool {
        if self.escaped {
            is_key(self.content, name)
        } else {
            self.content == name.as_bytes()
        }
    }
}

/// The content of a string, the text of a number, `true` or `false`, JSON without white space of what has members.
fn value(text: &[u8]) -> Option<Cow<'_, str>> {
    match text {
        [b'"', content @ .., b'"'] if !content.contains(&b'\\') => Some(String::from_utf8_lossy(content)),
        [b'"', content @ .., b'"'] => {
            let units = unescape(std::str::from_utf8(content).ok()?)?;
            Some(Cow::Owned(String::from_utf16_lossy(&units)))
        }
        [b'{' | b'[', ..] => Some(Cow::Owned(String::from_utf8_lossy(&compact(text)).into_owned())),
        other => Some(String::from_utf8_lossy(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: &[&[&str]], json: &str) -> Option<Vec<Option<String>>> {
        let names = fields.iter().map(|names| names.iter().map(|&name| name.to_owned()).collect()).collect();
        let values = Fields::new(names).read(json.as_bytes())?;
        Some(values.into_iter().map(|value| value.map(Cow::into_owned)).collect())
    }

    fn one(name: &str, json: &str) -> Option<String> {
        read(&[&[name]], json)?.remove(0)
    }

    #[test]
    fn gives_values_as_text() {
        let json = r#" { "a" : "x" , "b":1.0, "c":true,"d":{"e": [ 1 , " " ]},"f":null,"g":"q\"\u00e9\ud83d\ude00\ud800","h":"" } "#;
        let values = read(&[&["a"], &["b"], &["c"], &["d"], &["f"], &["g"], &["h"], &["missing"]], json).unwrap();
        let expected = ["x", "1.0", "true", r#"{"e":[1," "]}"#, "", "q\"é😀\u{fffd}", "", ""];
        assert_eq!(values.iter().map(|value| value.clone().unwrap_or_default()).collect::<Vec<_>>(), expected);
        assert_eq!(
            values.iter().map(Option::is_some).collect::<Vec<_>>(),
            [true, true, true, true, false, true, true, false]
        );
    }

    #[test]
    fn a_name_as_it_stands_counts_more_than_a_path_and_the_first_of_several() {
        assert_eq!(one("log.level", r#"{"log":{"level":"a"},"log.level":"b"}"#).as_deref(), Some("b"));
        assert_eq!(one("log.level", r#"{"log":{"x":1,"level":"a"}}"#).as_deref(), Some("a"));
        assert_eq!(one("a.b.c", r#"{"a":{"b":{"c":1}},"b":{"c":2}}"#).as_deref(), Some("1"));
        assert_eq!(one("level", r#"{"x":{"level":"a"}}"#), None);
        assert_eq!(one("a", r#"{"a":1,"a":2}"#).as_deref(), Some("1"));
        assert_eq!(one("a", r#"{"\u0061":1}"#).as_deref(), Some("1"));
        let names: &[&[&str]] = &[&["level", "severity"], &["severity"]];
        let both = [Some("b".to_owned()), Some("a".to_owned())];
        assert_eq!(read(names, r#"{"severity":"a","level":"b"}"#).unwrap(), both);
    }

    #[test]
    fn keeps_what_stands_before_the_end_of_a_text_that_was_cut() {
        let json = r#"{"a":"x","b":{"c":"y"},"d":[1,"z"]}"#;
        assert_eq!(one("a", &json[..9]).as_deref(), Some("x"));
        assert_eq!(one("a", &json[..8]), None);
        for end in 0..json.len() {
            read(&[&["a"], &["b.c"], &["d"]], &json[..end]);
        }
        assert_eq!(one("a", r#"["a",{"a":1}]"#), None);
        assert_eq!(one("a", "{a: 1}"), None);
        assert_eq!(one("a", ""), None);
        assert_eq!(one("b", &format!("{{\"a\":{},\"b\":1}}", "[".repeat(100_000))), None);
    }
}
