//! A text with something else in place of each match.

use regex_automata::nfa::thompson::pikevm::{Cache, PikeVM};
use regex_automata::util::primitives::NonMaxUsize;
use regex_automata::Input;
use rquickjs::Value;

/// What stands in place of a match: text, and groups of the match.
pub enum Piece {
    Text(String),
    Group(usize),
}

/// How much longer a text may become: this many times, and by so many bytes.
const TIMES_LONGER: usize = 4;
const BYTES_LONGER: usize = 64 * 1024;

/// Reads an array of strings and numbers; `None` where there is none.
pub fn pieces(value: Value<'_>) -> rquickjs::Result<Option<Vec<Piece>>> {
    let Some(array) = value.as_array() else { return Ok(None) };
    array
        .iter::<Value>()
        .map(|piece| piece.and_then(|piece| self::piece(&piece)))
        .collect::<rquickjs::Result<_>>()
        .map(Some)
}

fn piece(value: &Value<'_>) -> rquickjs::Result<Piece> {
    match value.as_int() {
        Some(group) => Ok(Piece::Group(usize::try_from(group).unwrap_or(usize::MAX))),
        None => value.get().map(Piece::Text),
    }
}

/// Replaces the matches one after the other, from the left. Those of no length are left alone. `None` where the text
/// would become too long.
pub fn replace(engine: &PikeVM, cache: &mut Cache, text: &str, pieces: &[Piece]) -> Option<String> {
    let longest = text.len() * TIMES_LONGER + BYTES_LONGER;
    let mut places = vec![None; engine.get_nfa().group_info().slot_len()];
    let mut result = String::with_capacity(text.len());
    let (mut done, mut from) = (0, 0);
    while from <= text.len() {
        let input = Input::new(text).range(from..);
        if engine.search_slots(cache, &input, &mut places).is_none() {
            break;
        }
        let (start, end) = (places[0]?.get(), places[1]?.get());
        if start == end {
            from = after(text, end);
            continue;
        }
        result.push_str(text.get(done..start)?);
        for piece in pieces {
            result.push_str(match piece {
                Piece::Text(text) => text,
                Piece::Group(group) => group_of(text, &places, *group),
            });
        }
        if result.len() > longest {
            return None;
        }
        (done, from) = (end, end);
    }
    result.push_str(text.get(done..)?);
    Some(result)
}

fn group_of<'a>(text: &'a str, places: &[Option<NonMaxUsize>], group: usize) -> &'a str {
    let place = |number: usize| places.get(number).copied().flatten().map(|place| place.get());
    let range = group.checked_mul(2).and_then(|first| Some(place(first)?..place(first + 1)?));
    range.and_then(|range| text.get(range)).unwrap_or_default()
}

/// Where the character that stands here ends.
fn after(text: &str, at: usize) -> usize {
    at + text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
}
