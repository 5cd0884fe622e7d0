//! The alphabets of RFC 1951, section 3.2.5: which symbol stands for a length or a distance, and which bits follow it.

/// Literals, the end of a block, lengths; the last two never occur, and have a place in the fixed code.
pub const SYMBOLS: usize = 288;
pub const DISTANCES: usize = 30;
pub const END: usize = 256;

pub const SHORTEST: usize = 3;
pub const LONGEST: usize = 258;

/// What stands for a length or a distance.
#[derive(Clone, Copy)]
pub struct Code {
    pub symbol: usize,
    pub extra: u32,
    pub extra_bits: u32,
}

/// @param length [`SHORTEST`] to [`LONGEST`]
#[inline(always)]
pub fn of_length(length: usize) -> Code {
    if length == LONGEST {
        return Code { symbol: 285, extra: 0, extra_bits: 0 };
    }
    let Code { symbol, extra, extra_bits } = stepped(length - SHORTEST, 4);
    Code { symbol: 257 + symbol, extra, extra_bits }
}

/// @param distance 1 to 32 768
#[inline(always)]
pub fn of_distance(distance: usize) -> Code {
    stepped(distance - 1, 2)
}

/// Symbols that stand for as many values as the `step` before them together, `step` being a power of two: the first
/// `2 × step` stand for one value each.
#[inline(always)]
fn stepped(value: usize, step: usize) -> Code {
    if value < 2 * step {
        return Code { symbol: value, extra: 0, extra_bits: 0 };
    }
    let log = value.ilog2();
    let extra_bits = log - step.ilog2();
    let symbol = step * extra_bits as usize + (value >> extra_bits);
    Code { symbol, extra: (value & ((1 << extra_bits) - 1)) as u32, extra_bits }
}

/// The codes that RFC 1951, section 3.2.6 gives all blocks that do not bring their own: so many bits.
pub fn fixed_lengths() -> ([u8; SYMBOLS], [u8; DISTANCES]) {
    let mut symbols = [8; SYMBOLS];
    symbols[144..256].fill(9);
    symbols[256..280].fill(7);
    (symbols, [5; DISTANCES])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_distances_are_those_of_the_table_in_the_rfc() {
        let of = |code: Code| (code.symbol, code.extra, code.extra_bits);
        assert_eq!(of(of_length(3)), (257, 0, 0));
        assert_eq!(of(of_length(10)), (264, 0, 0));
        assert_eq!(of(of_length(11)), (265, 0, 1));
        assert_eq!(of(of_length(12)), (265, 1, 1));
        assert_eq!(of(of_length(18)), (268, 1, 1));
        assert_eq!(of(of_length(19)), (269, 0, 2));
        assert_eq!(of(of_length(227)), (284, 0, 5));
        assert_eq!(of(of_length(257)), (284, 30, 5));
        assert_eq!(of(of_length(258)), (285, 0, 0));
        assert_eq!(of(of_distance(1)), (0, 0, 0));
        assert_eq!(of(of_distance(4)), (3, 0, 0));
        assert_eq!(of(of_distance(5)), (4, 0, 1));
        assert_eq!(of(of_distance(7)), (5, 0, 1));
        assert_eq!(of(of_distance(24_576)), (28, 8191, 13));
        assert_eq!(of(of_distance(24_577)), (29, 0, 13));
        assert_eq!(of(of_distance(32_768)), (29, 8191, 13));
    }
}
