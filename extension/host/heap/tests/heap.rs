//! The heap against a model of it: random pieces, each with a pattern of its own.

use lambdawatch_fuzz::{fuzz, Result, Unstructured};
use lambdawatch_heap::Heap;

/// A piece, what was asked for, and the byte with which it is filled.
struct Piece {
    at: *mut u8,
    size: usize,
    fill: u8,
}

impl Piece {
    fn fill(&self) {
        unsafe { self.at.write_bytes(self.fill, self.size) };
    }

    fn check(&self, size: usize) {
        let bytes = unsafe { std::slice::from_raw_parts(self.at, size) };
        assert!(bytes.iter().all(|byte| *byte == self.fill), "a piece of {size} bytes was written to by another");
    }
}

/// Mostly small sizes, as programs have them.
fn size(u: &mut Unstructured<'_>) -> Result<usize> {
    Ok(match u.int_in_range(0..=20)? {
        0..=12 => u.int_in_range(0..=600)?,
        13..=17 => u.int_in_range(0..=9_000)?,
        18..=19 => u.int_in_range(4_000..=300_000)?,
        _ => u.int_in_range(900_000..=3_000_000)?,
    })
}

fn step(heap: &mut Heap, pieces: &mut Vec<Piece>, u: &mut Unstructured<'_>) -> Result<()> {
    let fill = u.arbitrary()?;
    match u.int_in_range(0..=9)? {
        0..=4 => {
            let size = size(u)?;
            let (at, alignment) = match u.int_in_range(0..=5)? {
                0 => {
                    let at = heap.allocate_zeroed(size);
                    Piece { at, size, fill: 0 }.check(size);
                    (at, 16)
                }
                1 => {
                    let alignment = 1 << u.int_in_range(0..=12)?;
                    (heap.allocate_aligned(alignment, size), alignment.max(16))
                }
                _ => (heap.allocate(size), 16),
            };
            assert_eq!(at as usize % alignment, 0, "{size} bytes at a multiple of {alignment}");
            assert!(unsafe { heap.size_of(at) } >= size);
            pieces.push(Piece { at, size, fill });
            pieces[pieces.len() - 1].fill();
        }
        5..=7 if !pieces.is_empty() => {
            let piece = pieces.swap_remove(u.choose_index(pieces.len())?);
            piece.check(piece.size);
            unsafe { heap.free(piece.at) };
        }
        8 if !pieces.is_empty() => {
            let index = u.choose_index(pieces.len())?;
            let piece = &mut pieces[index];
            let wanted = size(u)?;
            piece.at = unsafe { heap.reallocate(piece.at, wanted) };
            assert!(unsafe { heap.size_of(piece.at) } >= wanted);
            piece.check(piece.size.min(wanted));
            piece.size = wanted;
            piece.fill();
        }
        9 => heap.give_back_unneeded(),
        _ => {}
    }
    Ok(())
}

#[test]
fn no_piece_is_written_to_by_another() {
    fuzz(|u| {
        let mut heap = Heap::new();
        assert!(heap.open(8));
        let mut pieces = Vec::new();
        while !u.is_empty() {
            step(&mut heap, &mut pieces, u)?;
        }
        for piece in pieces {
            piece.check(piece.size);
            unsafe { heap.free(piece.at) };
        }
        Ok(())
    });
}

/// Pages of the heap that hold memory, of those in which its pieces are.
fn resident(from: usize, bytes: usize) -> usize {
    let mut pages = vec![0_u8; bytes.div_ceil(4096)];
    let from = from & !4095;
    assert_eq!(unsafe { libc::mincore(from as *mut _, pages.len() * 4096, pages.as_mut_ptr()) }, 0);
    pages.iter().filter(|page| **page & 1 == 1).count()
}

#[test]
fn what_is_freed_goes_back_and_what_is_needed_stays() {
    let mut heap = Heap::new();
    assert!(heap.open(0));
    let kept = heap.allocate(100);
    let backlog: Vec<*mut u8> = (0..8_000).map(|index| heap.allocate(100 + index % 900)).collect();
    let bytes = backlog.iter().map(|piece| *piece as usize).max().unwrap() - kept as usize;
    for piece in &backlog {
        unsafe { piece.write_bytes(1, 100) };
    }
    let full = resident(kept as usize, bytes);
    for piece in backlog {
        unsafe { heap.free(piece) };
    }
    // The first call only begins to look at what is needed.
    heap.give_back_unneeded();
    let looked_at = resident(kept as usize, bytes);
    // As an invocation does.
    let burst: Vec<*mut u8> = (0..50).map(|_| heap.allocate(4096)).collect();
    for piece in burst {
        unsafe { heap.free(piece) };
    }
    heap.give_back_unneeded();
    let idle = resident(kept as usize, bytes);
    assert!(full > 1_000 && looked_at > 1_000, "{full} pages, then {looked_at}");
    assert!((50..100).contains(&idle), "{idle} of {full} pages after the backlog");
}

#[test]
fn pieces_waste_a_fifth_at_most() {
    let mut heap = Heap::new();
    assert!(heap.open(0));
    for size in 512..4096 {
        let piece = heap.allocate(size);
        let has = unsafe { heap.size_of(piece) };
        assert!(has - size <= (has / 5).max(15), "{size} bytes take {has}");
    }
}

#[test]
fn a_long_piece_grows_where_it_stands() {
    let mut heap = Heap::new();
    assert!(heap.open(0));
    let piece = heap.allocate(20_000);
    assert_eq!(unsafe { heap.reallocate(piece, 200_000) }, piece);
    assert_eq!(unsafe { heap.reallocate(piece, 8_000) }, piece);
    assert_eq!(unsafe { heap.size_of(piece) }, 8192);
}
