//! Finds where a text repeats itself: by a hash of the next four bytes, and from there back through earlier places that
//! had the same hash.

use crate::codes::LONGEST;

/// How far back a match may lie.
const WINDOW: usize = 32_768;
const SHORTEST: usize = 4;

/// Places that are looked at for a match, and how many where there is one already that is to be bettered.
const MOST_TRIES: usize = 8;
const MOST_TRIES_FOR_BETTER: usize = 2;

/// A match of this length is taken without looking for a better one, here or at the next place.
pub const GOOD_ENOUGH: usize = 128;

/// Of the places that a match covers so many are noted, the last ones: what repeats itself once more begins there.
const MOST_NOTED: usize = 4;

const MOST_HASH_BITS: u32 = 15;
const LEAST_HASH_BITS: u32 = 9;
const HASHES: usize = 1 << MOST_HASH_BITS;

pub struct Matches {
    /// The latest place of each hash. Places are counted on from text to text: what is below `base` is of an earlier
    /// one.
    latest: Box<[u32; HASHES]>,
    /// For each place, modulo the window, how much further back the one before it lies that had the same hash; 0 for
    /// nowhere.
    before: Box<[u16; WINDOW]>,
    base: u32,
    hash_shift: u32,
}

impl Matches {
    pub fn new() -> Self {
        Self { latest: zeroed(), before: zeroed(), base: 1, hash_shift: 0 }
    }

    /// A new text. A short one uses few of the tables' pages.
    pub fn begin(&mut self, text: &[u8]) {
        let bits = (usize::BITS - text.len().leading_zeros()).clamp(LEAST_HASH_BITS, MOST_HASH_BITS);
        self.hash_shift = 32 - bits;
        if u32::try_from(text.len()).ok().and_then(|length| self.base.checked_add(length)).is_none() {
            self.latest.fill(0);
            self.base = 1;
        }
    }

    pub fn end(&mut self, text: &[u8]) {
        self.base = self.base.wrapping_add(text.len() as u32);
    }

    /// Notes a place, and gives length and distance of a match that begins there and is longer than `than`.
    #[inline(always)]
    pub fn find(&mut self, text: &[u8], at: usize, than: usize) -> Option<(usize, usize)> {
        let four = four_at(text, at)?;
        let mut distance = self.note(four, at)?;
        let most = LONGEST.min(text.len() - at);
        if than >= most {
            return None;
        }
        let mut best = None;
        let mut longest = than.max(SHORTEST - 1);
        let tries = if than == 0 { MOST_TRIES } else { MOST_TRIES_FOR_BETTER };
        for _ in 0..tries {
            let from = at - distance;
            // The byte that would make it longer than the best one is compared first.
            if text[from + longest] == text[at + longest] && four_at(text, from) == Some(four) {
                let length = common(text, from, at, most);
                if length > longest {
                    best = Some((length, distance));
                    longest = length;
                    if length >= GOOD_ENOUGH || length == most {
                        break;
                    }
                }
            }
            let further = usize::from(self.before[from % WINDOW]);
            if further == 0 || further + distance >= WINDOW || further > from {
                break;
            }
            distance += further;
        }
        best
    }

    /// Notes places that a match covers.
    #[inline(always)]
    pub fn skip(&mut self, text: &[u8], from: usize, to: usize) {
        for at in from.max(to.saturating_sub(MOST_NOTED))..to {
            let Some(four) = four_at(text, at) else { return };
            self.note(four, at);
        }
    }

    /// Gives how far back the latest place lies that has the same hash.
    #[inline(always)]
    fn note(&mut self, four: u32, at: usize) -> Option<usize> {
        let hash = four.wrapping_mul(0x9E37_79B1) >> self.hash_shift;
        let place = self.base + at as u32;
        let latest = std::mem::replace(&mut self.latest[hash as usize % HASHES], place);
        let distance = (place - latest) as usize;
        let known = latest >= self.base && distance < WINDOW;
        self.before[at % WINDOW] = if known { distance as u16 } else { 0 };
        known.then_some(distance)
    }
}

#[inline(always)]
fn four_at(text: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(text.get(at..at + 4)?.try_into().ok()?))
}

/// How many bytes are the same from these places on, the second of which is the later one; `most` at most.
#[inline(always)]
fn common(text: &[u8], one: usize, other: usize, most: usize) -> usize {
    let mut at = 0;
    while let (true, Some(a), Some(b)) = (at + 8 <= most, eight_at(text, one + at), eight_at(text, other + at)) {
        if a != b {
            return at + ((a ^ b).trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while at < most && text[one + at] == text[other + at] {
        at += 1;
    }
    at
}

#[inline(always)]
fn eight_at(text: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(text.get(at..at + 8)?.try_into().ok()?))
}

/// Memory that is not touched before it is used.
fn zeroed<T: Clone + Default, const N: usize>() -> Box<[T; N]> {
    match vec![T::default(); N].into_boxed_slice().try_into() {
        Ok(array) => array,
        Err(_) => unreachable!("the length is N"),
    }
}
