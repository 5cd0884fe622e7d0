//! gzip (RFC 1952) of a text that is there as a whole.
//!
//! A compressor for streams copies what it is given into a window of its own, and shifts its tables each time the
//! window moves on. Here the text itself is the window. Positions go on from one text to the next, so that what the
//! tables have of an earlier one is known by its age, and nothing has to be cleared.

mod bits;
mod block;
mod codes;
mod huffman;
mod matches;

use bits::Bits;
use block::Block;
use matches::Matches;

/// Deflate, no name, no time, no flags; the operating system is not told.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// Keeps its tables, a quarter of a megabyte at most, from one text to the next.
pub struct Compressor {
    matches: Matches,
    block: Block,
}

impl Default for Compressor {
    fn default() -> Self {
        Self { matches: Matches::new(), block: Block::new() }
    }
}

impl Compressor {
    /// One gzip member. Of more than 4 GiB the length in its trailer is that modulo 2^32, as the format has it.
    pub fn gzip(&mut self, text: &[u8]) -> Vec<u8> {
        let mut bits = Bits::new(text.len() / 6 + 64);
        bits.bytes(&HEADER);
        self.deflate(text, &mut bits);
        bits.align();
        bits.bytes(&crc32fast::hash(text).to_le_bytes());
        bits.bytes(&(text.len() as u32).to_le_bytes());
        bits.into_bytes()
    }

    fn deflate(&mut self, text: &[u8], bits: &mut Bits) {
        let block = &mut self.block;
        self.matches.begin(text);
        // What was found at the place before, which is taken unless there is better here: "lazy" matching.
        let mut held = None;
        let mut at = 0;
        while at < text.len() {
            let found = self.matches.find(text, at, held.map_or(0, |(length, _)| length));
            match (held, found) {
                (Some((length, distance)), None) => {
                    block.push_match(length, distance);
                    // Two of its places are in the tables already.
                    self.matches.skip(text, at + 1, at - 1 + length);
                    at += length - 1;
                    held = None;
                }
                (earlier, found) => {
                    if earlier.is_some() {
                        block.push_literal(text[at - 1]);
                    }
                    match found {
                        Some((length, distance)) if length >= matches::GOOD_ENOUGH => {
                            block.push_match(length, distance);
                            self.matches.skip(text, at + 1, at + length);
                            at += length;
                            held = None;
                        }
                        None => {
                            block.push_literal(text[at]);
                            at += 1;
                            held = None;
                        }
                        some => {
                            held = some;
                            at += 1;
                        }
                    }
                }
            }
            if block.is_full() {
                block.write(bits, false);
            }
        }
        // Nothing is held: a match is four bytes long at least, so that none begins at the last place.
        block.write(bits, true);
        self.matches.end(text);
    }
}
