//! A block of deflate: literals and matches, and the codes that suit them.

use crate::bits::Bits;
use crate::codes::{fixed_lengths, of_distance, of_length, DISTANCES, END, SYMBOLS};
use crate::huffman::{codes, lengths};

/// After so many literals and matches codes are made anew.
const MOST: usize = 16_384;

/// Of more than so many the codes of their own are shorter, or nearly so: that is not worth being looked at.
const FEW: usize = 256;

/// Set in what stands for a match: its length is below, its distance in the lower half.
const MATCH: u32 = 1 << 31;

const MOST_BITS: usize = 15;

/// Lengths of codes are written as codes themselves, in this order (RFC 1951, section 3.2.7).
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const MOST_LENGTH_BITS: usize = 7;

pub struct Block {
    items: Vec<u32>,
    symbols: [u32; SYMBOLS],
    distances: [u32; DISTANCES],
    /// What follows symbols, whatever their codes are.
    extra_bits: u64,
}

impl Block {
    pub fn new() -> Self {
        Self { items: Vec::new(), symbols: [0; SYMBOLS], distances: [0; DISTANCES], extra_bits: 0 }
    }

    #[inline(always)]
    pub fn push_literal(&mut self, byte: u8) {
        self.items.push(u32::from(byte));
        self.symbols[usize::from(byte)] += 1;
    }

    #[inline(always)]
    pub fn push_match(&mut self, length: usize, distance: usize) {
        self.items.push(MATCH | (length as u32) << 16 | distance as u32);
        let [length, distance] = [of_length(length), of_distance(distance)];
        self.symbols[length.symbol] += 1;
        self.distances[distance.symbol] += 1;
        self.extra_bits += u64::from(length.extra_bits + distance.extra_bits);
    }

    pub fn is_full(&self) -> bool {
        self.items.len() >= MOST
    }

    /// Writes it, with its own codes or, where that is shorter, with those that need no description, and begins anew.
    pub fn write(&mut self, bits: &mut Bits, last: bool) {
        self.symbols[END] = 1;
        let own = (lengths(&self.symbols, MOST_BITS), lengths(&self.distances, MOST_BITS));
        let description = Description::of(&own.0, &own.1);
        bits.push(u32::from(last), 1);
        if self.items.len() > FEW || description.bits() + self.size(&own) < self.size(&fixed_lengths()) {
            bits.push(2, 2);
            description.write(bits);
            self.write_items(bits, &own);
        } else {
            bits.push(1, 2);
            self.write_items(bits, &fixed_lengths());
        }
        self.items.clear();
        self.symbols.fill(0);
        self.distances.fill(0);
        self.extra_bits = 0;
    }

    /// In bits, with codes of these lengths.
    fn size(&self, (symbols, distances): &([u8; SYMBOLS], [u8; DISTANCES])) -> u64 {
        let all = |counts: &[u32], lengths: &[u8]| -> u64 {
            counts.iter().zip(lengths).map(|(&count, &length)| u64::from(count) * u64::from(length)).sum()
        };
        all(&self.symbols, symbols) + all(&self.distances, distances) + self.extra_bits
    }

    fn write_items(&self, bits: &mut Bits, (symbols, distances): &([u8; SYMBOLS], [u8; DISTANCES])) {
        let (symbol_codes, distance_codes) = (codes(symbols), codes(distances));
        let symbol = |bits: &mut Bits, symbol: usize| {
            bits.push(u32::from(symbol_codes[symbol]), u32::from(symbols[symbol]));
        };
        for &item in &self.items {
            if item & MATCH == 0 {
                symbol(bits, item as usize);
                continue;
            }
            let length = of_length((item >> 16 & 0x7FFF) as usize);
            symbol(bits, length.symbol);
            bits.push(length.extra, length.extra_bits);
            let distance = of_distance((item & 0xFFFF) as usize);
            bits.push(u32::from(distance_codes[distance.symbol]), u32::from(distances[distance.symbol]));
            bits.push(distance.extra, distance.extra_bits);
        }
        symbol(bits, END);
    }
}

/// The lengths of a block's codes, as they stand before it.
struct Description {
    symbols: usize,
    distances: usize,
    /// Symbol, and the bits that follow it.
    items: Vec<(u8, u8)>,
    lengths: [u8; 19],
    written: usize,
}

impl Description {
    fn of(symbols: &[u8; SYMBOLS], distances: &[u8; DISTANCES]) -> Self {
        let used = |lengths: &[u8], least: usize| {
            lengths.iter().rposition(|&length| length > 0).map_or(least, |last| least.max(last + 1))
        };
        let (symbol_count, distance_count) = (used(symbols, 257), used(distances, 1));
        let mut all = [0; SYMBOLS + DISTANCES];
        all[..symbol_count].copy_from_slice(&symbols[..symbol_count]);
        all[symbol_count..symbol_count + distance_count].copy_from_slice(&distances[..distance_count]);
        let items = shortened(&all[..symbol_count + distance_count]);
        let mut counts = [0; 19];
        for (symbol, _) in &items {
            counts[usize::from(*symbol)] += 1;
        }
        let lengths = lengths(&counts, MOST_LENGTH_BITS);
        let written = ORDER.iter().rposition(|&symbol| lengths[symbol] > 0).map_or(4, |last| 4.max(last + 1));
        Self { symbols: symbol_count, distances: distance_count, items, lengths, written }
    }

    fn bits(&self) -> u64 {
        let of = |symbol: u8| u64::from(self.lengths[usize::from(symbol)]) + u64::from(extra_bits(symbol));
        14 + 3 * self.written as u64 + self.items.iter().map(|(symbol, _)| of(*symbol)).sum::<u64>()
    }

    fn write(&self, bits: &mut Bits) {
        bits.push(self.symbols as u32 - 257, 5);
        bits.push(self.distances as u32 - 1, 5);
        bits.push(self.written as u32 - 4, 4);
        for &symbol in &ORDER[..self.written] {
            bits.push(u32::from(self.lengths[symbol]), 3);
        }
        let codes = codes(&self.lengths);
        for &(symbol, extra) in &self.items {
            bits.push(u32::from(codes[usize::from(symbol)]), u32::from(self.lengths[usize::from(symbol)]));
            bits.push(u32::from(extra), extra_bits(symbol));
        }
    }
}

/// How many bits follow a symbol of a description.
fn extra_bits(symbol: u8) -> u32 {
    match symbol {
        16 => 2,
        17 => 3,
        18 => 7,
        _ => 0,
    }
}

/// 16 repeats the length before it 3 to 6 times, 17 stands for 3 to 10 zeros, and 18 for 11 to 138.
fn shortened(lengths: &[u8]) -> Vec<(u8, u8)> {
    let mut items = Vec::with_capacity(lengths.len());
    let mut at = 0;
    while at < lengths.len() {
        let length = lengths[at];
        let mut run = lengths[at..].iter().take_while(|&&other| other == length).count();
        at += run;
        if length > 0 {
            items.push((length, 0));
            run -= 1;
        }
        while run >= 3 {
            let (symbol, least, most) = if length > 0 {
                (16, 3, 6)
            } else if run > 10 {
                (18, 11, 138)
            } else {
                (17, 3, 10)
            };
            let taken = run.min(most);
            items.push((symbol, (taken - least) as u8));
            run -= taken;
        }
        items.extend((0..run).map(|_| (length, 0)));
    }
    items
}
