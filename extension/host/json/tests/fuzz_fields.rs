//! The reader of fields on random objects, beside one that sees what they were made of, and on damaged ones.

use lambdawatch_fuzz::{fuzz, Result, Unstructured};
use lambdawatch_json::Fields;

/// A JSON text, and what a string in it stands for or, of all else, the text without white space.
struct Written {
    json: String,
    value: String,
}

/// A value with the names that lead to it, and whether it is one to be found: `null` is not.
struct Found {
    path: Vec<String>,
    value: String,
    is_null: bool,
}

const NAMES: &[&str] = &["a", "b", "c", "level", "a.b", "b.a", "a.b.c", "a.a", "c.level", "ä", "\"", "a.", "."];

fn string(u: &mut Unstructured<'_>) -> Result<Written> {
    let mut written = Written { json: "\"".to_owned(), value: String::new() };
    for _ in 0..u.int_in_range(0..=5)? {
        let (json, value) = u.choose(&[
            ("x", "x"),
            (",", ","),
            ("}", "}"),
            ("{", "{"),
            (":", ":"),
            ("\\\"", "\""),
            ("\\\\", "\\"),
            ("\\n", "\n"),
            ("\\/", "/"),
            ("\\u00e9", "é"),
            ("é", "é"),
            ("\\ud83d\\ude00", "😀"),
            ("\\ude00", "\u{fffd}"),
            ("\\u0000", "\0"),
        ])?;
        written.json.push_str(json);
        written.value.push_str(value);
    }
    written.json.push('"');
    Ok(written)
}

/// A name as loggers write it, or with escapes.
fn key(u: &mut Unstructured<'_>) -> Result<Written> {
    let value = (*u.choose(NAMES)?).to_owned();
    let escaped = u.ratio(1, 4)?;
    let json = value.chars().fold("\"".to_owned(), |json, character| match character {
        '"' => json + "\\\"",
        other if escaped => json + &format!("\\u{:04x}", u32::from(other)),
        other => json + &other.to_string(),
    });
    Ok(Written { json: json + "\"", value })
}

fn space(u: &mut Unstructured<'_>) -> Result<&'static str> {
    Ok(if u.ratio(1, 6)? { u.choose(&[" ", "\t", "\n ", "\r"])? } else { "" })
}

fn value(u: &mut Unstructured<'_>, path: &[String], depth: u32, found: &mut Vec<Found>) -> Result<Written> {
    match u.int_in_range(0..=if depth > 0 { 6 } else { 3 })? {
        0 => {
            let value =
                (*u.choose(&["null", "true", "false", "-0", "1.0", "1E+2", "12345678901234567890"])?).to_owned();
            Ok(Written { json: value.clone(), value })
        }
        1..=3 => string(u),
        4 => {
            // Nothing in an array is looked for.
            let inner = value(u, path, depth - 1, &mut Vec::new())?;
            let other = object(u, path, depth - 1, &mut Vec::new())?;
            let tight = format!("[{},{}]", tight(&inner), other.value);
            Ok(Written { json: format!("[{}{},{}{}]", inner.json, space(u)?, space(u)?, other.json), value: tight })
        }
        _ => object(u, path, depth - 1, found),
    }
}

/// What stands for it inside of JSON without white space.
fn tight(written: &Written) -> &str {
    if written.json.starts_with('"') {
        &written.json
    } else {
        &written.value
    }
}

fn object(u: &mut Unstructured<'_>, path: &[String], depth: u32, found: &mut Vec<Found>) -> Result<Written> {
    let mut written = Written { json: "{".to_owned(), value: "{".to_owned() };
    for index in 0..u.int_in_range(0..=4)? {
        let comma = if index > 0 { "," } else { "" };
        let key = key(u)?;
        let inner = [path, std::slice::from_ref(&key.value)].concat();
        let value = value(u, &inner, depth, found)?;
        written.json += &[comma, space(u)?, &key.json, space(u)?, ":", space(u)?, &value.json, space(u)?].concat();
        written.value += &[comma, &key.json, ":", tight(&value)].concat();
        found.push(Found { path: inner, is_null: value.json == "null", value: value.value });
    }
    written.json.push('}');
    written.value.push('}');
    Ok(written)
}

fn fields(u: &mut Unstructured<'_>) -> Result<Vec<Vec<String>>> {
    (0..u.int_in_range(1..=4)?)
        .map(|_| (0..u.int_in_range(1..=3)?).map(|_| Ok((*u.choose(NAMES)?).to_owned())).collect())
        .collect()
}

/// How good a find is for a field, the smaller the better: the first of its names counts most, and a name as it stands
/// more than one as a path.
fn quality(names: &[String], Found { path, is_null, .. }: &Found) -> Option<usize> {
    let rank = |name: &String| match path.as_slice() {
        _ if *is_null => None,
        [only] => (only == name).then_some(0),
        longer => name.split('.').eq(longer.iter()).then_some(1),
    };
    names.iter().enumerate().filter_map(|(index, name)| rank(name).map(|more| index * 2 + more)).min()
}

fn expected(fields: &[Vec<String>], found: &[Found]) -> Option<Vec<Option<String>>> {
    let best = |names: &Vec<String>| {
        let finds = found.iter().filter_map(|find| quality(names, find).map(|quality| (quality, &find.value)));
        // The first of equals.
        finds.reduce(|best, other| if other.0 < best.0 { other } else { best }).map(|(_, value)| value.clone())
    };
    let values: Vec<_> = fields.iter().map(best).collect();
    values.iter().any(Option::is_some).then_some(values)
}

fn read(fields: &[Vec<String>], json: &[u8]) -> Option<Vec<Option<String>>> {
    let values = Fields::new(fields.to_vec()).read(json)?;
    Some(values.into_iter().map(|value| value.map(|text| text.into_owned())).collect())
}

#[test]
fn what_was_asked_for_is_found_and_nothing_else() {
    fuzz(|u| {
        let mut found = Vec::new();
        let object = object(u, &[], 3, &mut found)?;
        let fields = fields(u)?;
        let json = space(u)?.to_owned() + &object.json;
        assert_eq!(read(&fields, json.as_bytes()), expected(&fields, &found), "{fields:?} in {json}");
        Ok(())
    });
}

#[test]
fn of_a_text_that_was_cut_off_only_whole_values_are_found() {
    fuzz(|u| {
        let mut found = Vec::new();
        let json = object(u, &[], 3, &mut found)?.json.into_bytes();
        let fields = fields(u)?;
        let cut = &json[..u.int_in_range(0..=json.len())?];
        for (names, value) in fields.iter().zip(read(&fields, cut).unwrap_or_default()) {
            let Some(value) = value else { continue };
            let possible = found.iter().any(|find| quality(names, find).is_some() && find.value == value);
            assert!(possible, "{value} for {names:?} in {}", String::from_utf8_lossy(cut));
        }
        Ok(())
    });
}

#[test]
fn damaged_objects_do_no_harm() {
    fuzz(|u| {
        let mut json = object(u, &[], 4, &mut Vec::new())?.json.into_bytes();
        let fields = fields(u)?;
        for _ in 0..u.int_in_range(1..=6)? {
            let at = u.int_in_range(0..=json.len())?;
            match u.int_in_range(0..=2)? {
                0 => json.insert(at, *u.choose(b"[]{}\",:\\ud \xff\x001")?),
                1 if at < json.len() => drop(json.remove(at)),
                _ => json.truncate(at),
            }
        }
        for value in read(&fields, &json).into_iter().flatten().flatten() {
            // A byte that is no UTF-8 becomes a character of three.
            assert!(value.len() <= 3 * json.len());
        }
        Ok(())
    });
}
