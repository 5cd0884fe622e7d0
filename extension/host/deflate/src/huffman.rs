//! Huffman codes of limited length (RFC 1951, section 3.2.2).

/// The longest code that a symbol may have.
const MOST_BITS: usize = 15;

/// So many bits for each symbol that occurs, as few as may be in all; 0 for the others. Two symbols have a code at
/// least, as there are decoders that want all codes to be used.
pub fn lengths<const N: usize>(counts: &[u32; N], most_bits: usize) -> [u8; N] {
    let mut lengths = [0; N];
    // Count and symbol in one number, so that sorting is quick. The least frequent one comes first.
    let mut used: Vec<u64> = Vec::with_capacity(N);
    used.extend(
        (0..N).filter(|&symbol| counts[symbol] > 0).map(|symbol| u64::from(counts[symbol]) << 9 | symbol as u64),
    );
    let others = (0..N).filter(|&symbol| counts[symbol] == 0).take(2usize.saturating_sub(used.len()));
    used.extend(others.map(|symbol| 1 << 9 | symbol as u64));
    used.sort_unstable();
    let mut depths: Vec<u32> = used.iter().map(|one| (one >> 9) as u32).collect();
    to_depths(&mut depths);
    let mut of_length = [0u32; 64];
    for &depth in &depths {
        of_length[depth.min(63) as usize] += 1;
    }
    limit(&mut of_length, most_bits);
    // The most frequent ones get the shortest codes.
    let mut most_frequent = used.iter().rev();
    for (length, &count) in of_length.iter().enumerate() {
        for one in most_frequent.by_ref().take(count as usize) {
            lengths[(one & 511) as usize] = length as u8;
        }
    }
    lengths
}

/// Turns counts, in ascending order, into the lengths of their codes, in place (Moffat and Katajainen, "In-Place
/// Calculation of Minimum-Redundancy Codes", 1995).
fn to_depths(values: &mut [u32]) {
    let n = values.len();
    // First: each inner node's count, and for those that have found one, their parent.
    values[0] += values[1];
    let (mut root, mut leaf) = (0, 2);
    for next in 1..n - 1 {
        let mut take = |values: &mut [u32]| {
            if leaf >= n || (root < next && values[root] < values[leaf]) {
                let count = values[root];
                values[root] = next as u32;
                root += 1;
                count
            } else {
                leaf += 1;
                values[leaf - 1]
            }
        };
        let first = take(values);
        let second = take(values);
        values[next] = first + second;
    }
    // Second: each inner node's depth.
    values[n - 2] = 0;
    for next in (0..n - 2).rev() {
        values[next] = values[values[next] as usize] + 1;
    }
    // Third: how many leaves there are at each depth.
    let (mut available, mut depth) = (1, 0);
    let mut root = n as isize - 2;
    let mut next = n as isize - 1;
    while available > 0 {
        let mut inner = 0;
        while root >= 0 && values[root as usize] == depth {
            inner += 1;
            root -= 1;
        }
        for _ in 0..available - inner {
            values[next as usize] = depth;
            next -= 1;
        }
        available = 2 * inner;
        depth += 1;
    }
}

/// Shortens codes that are too long, and lengthens others so that all fit.
fn limit(of_length: &mut [u32; 64], most_bits: usize) {
    let too_long: u32 = of_length[most_bits + 1..].iter().sum();
    if too_long == 0 {
        return;
    }
    of_length[most_bits + 1..].fill(0);
    of_length[most_bits] += too_long;
    let mut room: u64 = (1..=most_bits).map(|length| u64::from(of_length[length]) << (most_bits - length)).sum();
    while room > 1 << most_bits {
        of_length[most_bits] -= 1;
        let longer = (1..most_bits).rev().find(|&length| of_length[length] > 0).unwrap_or(1);
        of_length[longer] -= 1;
        of_length[longer + 1] += 2;
        room -= 1;
    }
}

/// The codes that go with their lengths, as they are to be written: the first bit is the lowest.
pub fn codes<const N: usize>(lengths: &[u8; N]) -> [u16; N] {
    let mut next = [0u16; MOST_BITS + 2];
    for &length in lengths {
        next[length as usize + 1] += u16::from(length > 0);
    }
    for length in 2..next.len() {
        next[length] = next[length].wrapping_add(next[length - 1]) << 1;
    }
    // `next[n]` has been the number of those that are one bit shorter, and is now the first code of length n.
    let mut codes = [0; N];
    for (code, &length) in codes.iter_mut().zip(lengths) {
        if length > 0 {
            *code = next[length as usize].reverse_bits() >> (16 - length);
            next[length as usize] = next[length as usize].wrapping_add(1);
        }
    }
    codes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room_taken(lengths: &[u8], most: u32) -> u32 {
        lengths.iter().filter(|&&length| length > 0).map(|&length| 1 << (most - u32::from(length))).sum()
    }

    #[test]
    fn codes_are_those_of_the_example_in_the_rfc() {
        let codes = codes(&[3, 3, 3, 3, 3, 2, 4, 4]);
        let reversed = |code: u16, length: u16| code.reverse_bits() >> (16 - length);
        let written = [(2, 3), (3, 3), (4, 3), (5, 3), (6, 3), (0, 2), (14, 4), (15, 4)];
        assert_eq!(codes.to_vec(), written.map(|(code, length)| reversed(code, length)).to_vec());
    }

    #[test]
    fn what_occurs_more_often_has_the_shorter_code() {
        assert_eq!(lengths(&[1, 1, 2, 4, 8], 15), [4, 4, 3, 2, 1]);
    }

    #[test]
    fn no_code_is_longer_than_allowed_and_all_are_used() {
        // Fibonacci's numbers make the longest codes.
        let mut counts = [0u32; 30];
        let (mut one, mut other) = (1, 1);
        for count in &mut counts {
            *count = one;
            (one, other) = (other, one + other);
        }
        for most in [7, 15] {
            let lengths = lengths(&counts, most);
            assert!(lengths.iter().all(|&length| length > 0 && usize::from(length) <= most));
            assert_eq!(room_taken(&lengths, most as u32), 1 << most);
        }
    }

    #[test]
    fn two_symbols_have_a_code_at_least() {
        assert_eq!(lengths(&[0, 0, 5, 0], 15), [1, 0, 1, 0]);
        assert_eq!(lengths(&[0, 0, 0, 0], 15), [1, 1, 0, 0]);
    }
}
