//! An allocator for a process that does its work on one thread and waits most of the time. Pieces of one size share
//! pages of 4 KiB; a page whose last piece is freed is free for any other size. The lowest free page is always taken
//! first, and pages that were not needed for a while go back to the system, from the highest on.
//!
//! `docs/decisions/an-allocator-of-our-own.md` says why.

mod classes;
mod pages;
mod system;

#[cfg(target_env = "musl")]
mod c;

#[cfg(target_env = "musl")]
pub use c::turn;

/// Elsewhere, where only tests run, the C library has its own heap.
#[cfg(not(target_env = "musl"))]
pub fn turn() {}

use pages::{Kind, Page, Pages, PAGE};
use std::ptr::{copy_nonoverlapping, null_mut, write_bytes};

/// From this size on a piece has a mapping of its own, which the system can make longer without copying anything.
const OWN_MAPPING: usize = 1024 * 1024;

/// What stands before such a piece: the length of its mapping. As long as a line of the processor's cache, so that the
/// piece begins at one.
const HEADER: usize = 64;

/// Step in which places in a page are counted.
const STEP: usize = 16;

/// A heap that one thread uses at a time.
pub struct Heap {
    pages: Pages,
    /// For each class the first page that has room, or 0.
    rooms: [u32; classes::COUNT],
}

impl Heap {
    pub const fn new() -> Self {
        Self { pages: Pages::new(), rooms: [0; classes::COUNT] }
    }

    /// Has to be called once before all else. So many pages get their memory at once, because they will be needed.
    pub fn open(&mut self, populated: u32) -> bool {
        self.pages.open(populated)
    }

    #[inline]
    pub fn is_open(&self) -> bool {
        self.pages.is_open()
    }

    /// Whether a piece is one of this heap's. Those with a mapping of their own are nobody's.
    #[inline]
    pub fn has(&self, piece: *mut u8) -> bool {
        self.pages.number_of(piece as usize).is_some()
    }

    /// A piece of at least `size` bytes at a multiple of 16, or null.
    #[inline]
    pub fn allocate(&mut self, size: usize) -> *mut u8 {
        if size <= classes::LARGEST {
            self.small(classes::class_of(size))
        } else {
            self.large(size).0
        }
    }

    /// The same, zeroed.
    pub fn allocate_zeroed(&mut self, size: usize) -> *mut u8 {
        let (piece, zeroed) = if size <= classes::LARGEST { (self.allocate(size), false) } else { self.large(size) };
        if !piece.is_null() && !zeroed {
            // SAFETY: the piece has as many bytes.
            unsafe { write_bytes(piece, 0, size) };
        }
        piece
    }

    /// The same at a multiple of `alignment`, a power of two of at most a page.
    pub fn allocate_aligned(&mut self, alignment: usize, size: usize) -> *mut u8 {
        // Pages begin at multiples of a page, and in them pieces whose size is a power of two at multiples of that.
        let rounded = if alignment <= STEP { size } else { size.max(alignment).next_power_of_two() };
        match alignment {
            _ if alignment > PAGE => null_mut(),
            _ if rounded <= classes::LARGEST => self.small(classes::class_of(rounded)),
            _ => self.run(size).0,
        }
    }

    /// The bytes that a piece has.
    ///
    /// # Safety
    /// The piece is this heap's, or has a mapping of its own.
    #[inline]
    pub unsafe fn size_of(&mut self, piece: *mut u8) -> usize {
        let Some(number) = self.pages.number_of(piece as usize) else {
            return own_mapping(piece).1 - HEADER;
        };
        let Page { kind, next, .. } = *self.pages.page(number);
        if kind == Kind::RUN {
            next as usize * PAGE
        } else {
            classes::size_of(kind.class())
        }
    }

    /// # Safety
    /// The piece is this heap's, or has a mapping of its own, and is not used again.
    #[inline]
    pub unsafe fn free(&mut self, piece: *mut u8) {
        let Some(number) = self.pages.number_of(piece as usize) else {
            let (address, length) = own_mapping(piece);
            return system::release(address, length);
        };
        let page = *self.pages.page(number);
        if page.kind == Kind::RUN {
            self.pages.put_back(number, page.next);
        } else {
            self.free_small(number - u32::from(page.back), piece);
        }
    }

    /// A piece of at least `size` bytes with what `piece` has in it, or null: `piece` is then as it was.
    ///
    /// # Safety
    /// The piece is this heap's, or has a mapping of its own.
    pub unsafe fn reallocate(&mut self, piece: *mut u8, size: usize) -> *mut u8 {
        let has = self.size_of(piece);
        if let Some(number) = self.pages.number_of(piece as usize) {
            if size <= has && size >= has / 2 && has <= classes::LARGEST {
                return piece;
            }
            if has > classes::LARGEST && size > classes::LARGEST && self.resize_run(number, size) {
                return piece;
            }
        } else if size >= OWN_MAPPING / 2 {
            let (address, length) = own_mapping(piece);
            let wanted = (size + HEADER).next_multiple_of(PAGE);
            let moved = if wanted == length { address } else { system::resize(address, length, wanted) };
            return if moved == 0 { null_mut() } else { with_header(moved, wanted) };
        }
        let other = self.allocate(size);
        if !other.is_null() {
            copy_nonoverlapping(piece, other, has.min(size));
            self.free(piece);
        }
        other
    }

    /// Gives the system the memory of pages that were free all the time since the last call.
    pub fn give_back_unneeded(&mut self) {
        self.pages.give_back_unneeded();
    }

    #[inline]
    fn small(&mut self, class: usize) -> *mut u8 {
        let mut number = self.rooms[class];
        if number == 0 {
            number = self.make_room(class);
            if number == 0 {
                return null_mut();
            }
        }
        let start = self.pages.address_of(number);
        let page = self.pages.page(number);
        let piece = if page.free == Page::NONE {
            page.carved += 1;
            (start + usize::from(page.carved - 1) * classes::size_of(class)) as *mut u8
        } else {
            let piece = (start + usize::from(page.free) * STEP) as *mut u8;
            // SAFETY: a freed piece holds the place of the next one.
            page.free = unsafe { *piece.cast::<u16>() };
            piece
        };
        page.used += 1;
        if page.used == classes::capacity_of(class) {
            let next = page.next;
            self.rooms[class] = next;
            if next != 0 {
                self.pages.page(next).previous = 0;
            }
        }
        piece
    }

    /// New pages for a class that has no room, or 0.
    #[cold]
    fn make_room(&mut self, class: usize) -> u32 {
        let pages = classes::pages_of(class);
        let Some((first, _)) = self.pages.take(pages) else { return 0 };
        let kind = Kind::of_class(class);
        for back in 0..pages {
            let page = Page { next: 0, previous: 0, free: Page::NONE, carved: 0, used: 0, kind, back: back as u8 };
            *self.pages.page(first + back) = page;
        }
        self.rooms[class] = first;
        first
    }

    unsafe fn free_small(&mut self, number: u32, piece: *mut u8) {
        let start = self.pages.address_of(number);
        let page = self.pages.page(number);
        let class = page.kind.class();
        *piece.cast::<u16>() = page.free;
        page.free = ((piece as usize - start) / STEP) as u16;
        let was_full = page.used == classes::capacity_of(class);
        page.used -= 1;
        if was_full {
            self.push(class, number);
        } else if page.used == 0 && (page.next | page.previous) != 0 {
            // The last page of a class stays, as it would often be asked for again at once.
            self.remove(class, number);
            self.pages.put_back(number, classes::pages_of(class));
        }
    }

    fn push(&mut self, class: usize, number: u32) {
        let next = self.rooms[class];
        let page = self.pages.page(number);
        page.previous = 0;
        page.next = next;
        if next != 0 {
            self.pages.page(next).previous = number;
        }
        self.rooms[class] = number;
    }

    fn remove(&mut self, class: usize, number: u32) {
        let Page { next, previous, .. } = *self.pages.page(number);
        if previous == 0 {
            self.rooms[class] = next;
        } else {
            self.pages.page(previous).next = next;
        }
        if next != 0 {
            self.pages.page(next).previous = previous;
        }
    }

    /// A piece, and whether it is zeroed.
    fn large(&mut self, size: usize) -> (*mut u8, bool) {
        if size < OWN_MAPPING {
            return self.run(size);
        }
        let Some(length) = size.checked_add(HEADER + PAGE).map(|sum| sum & !(PAGE - 1)) else {
            return (null_mut(), false);
        };
        match system::reserve(length) {
            0 => (null_mut(), false),
            // SAFETY: the range has just been reserved.
            address => (unsafe { with_header(address, length) }, true),
        }
    }

    fn run(&mut self, size: usize) -> (*mut u8, bool) {
        let Ok(pages) = u32::try_from(size.div_ceil(PAGE)) else { return (null_mut(), false) };
        let Some((first, zeroed)) = self.pages.take(pages) else { return (null_mut(), false) };
        *self.pages.page(first) =
            Page { next: pages, previous: 0, free: Page::NONE, carved: 0, used: 0, kind: Kind::RUN, back: 0 };
        (self.pages.address_of(first) as *mut u8, zeroed)
    }

    /// Makes a run longer or shorter where it stands, if that can be.
    fn resize_run(&mut self, first: u32, size: usize) -> bool {
        let has = self.pages.page(first).next;
        let Ok(pages) = u32::try_from(size.div_ceil(PAGE)) else { return false };
        if pages < has {
            self.pages.put_back(first + pages, has - pages);
        } else if pages > has && (size >= OWN_MAPPING || !self.pages.extend(first, has, pages - has)) {
            return false;
        }
        self.pages.page(first).next = pages;
        true
    }
}

impl Drop for Heap {
    fn drop(&mut self) {
        self.pages.close();
    }
}

impl Default for Heap {
    fn default() -> Self {
        Self::new()
    }
}

/// Address and length of the mapping that a piece has for itself.
unsafe fn own_mapping(piece: *mut u8) -> (usize, usize) {
    let address = piece as usize - HEADER;
    (address, *(address as *const usize))
}

/// Writes down the length of a mapping, and gives the piece in it.
unsafe fn with_header(address: usize, length: usize) -> *mut u8 {
    *(address as *mut usize) = length;
    (address + HEADER) as *mut u8
}
