//! The pages of one range of addresses: which of them are taken, and which of the others hold memory.

use crate::system;

pub const PAGE: usize = 4096;

/// The range that is asked for, in pages (4 GiB), and the smallest that is still of use. It takes no memory by itself.
const MOST_PAGES: u32 = 1 << 20;
const FEWEST_PAGES: u32 = 1 << 12;

const WORD: u32 = u64::BITS;

/// What is known of a page, or of the first page of several.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Page {
    /// Neighbours in the list of pages of one class that have room; for a run the number of its pages in `next`.
    pub next: u32,
    pub previous: u32,
    /// The first of the pieces that were freed, in steps of 16 bytes from the start of the page, or [`Page::NONE`].
    pub free: u16,
    /// Pieces that were ever handed out. Those beyond were never touched.
    pub carved: u16,
    pub used: u16,
    pub kind: Kind,
    /// How many pages before this one the first of them is.
    pub back: u8,
}

impl Page {
    pub const NONE: u16 = u16::MAX;
}

/// What a page is used for: a class, from 1 on, or a run of pages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Kind(pub u8);

impl Kind {
    pub const RUN: Self = Self(u8::MAX);

    pub fn of_class(class: usize) -> Self {
        Self(class as u8 + 1)
    }

    #[inline]
    pub fn class(self) -> usize {
        usize::from(self.0) - 1
    }
}

pub struct Pages {
    /// Address of page 0, which is never handed out, so that 0 can mean "none".
    start: usize,
    count: u32,
    table: *mut Page,
    /// A bit a page: whether it is taken; and whether, being free, it still has the memory of who had it before.
    taken: *mut u64,
    dirty: *mut u64,
    /// No word before this one has a free page, and none from `end` on has a page that was ever taken.
    hint: u32,
    end: u32,
    /// How many pages are dirty, and how few there have been since the last call of [`Pages::give_back_unneeded`].
    dirty_pages: u32,
    fewest_dirty: u32,
}

impl Pages {
    pub const fn new() -> Self {
        let none = std::ptr::null_mut();
        Self {
            start: 0,
            count: 0,
            table: std::ptr::null_mut(),
            taken: none,
            dirty: none,
            hint: 0,
            end: 0,
            dirty_pages: 0,
            fewest_dirty: 0,
        }
    }

    /// Reserves the range; `populated` of its first pages get their memory at once.
    pub fn open(&mut self, populated: u32) -> bool {
        let mut count = MOST_PAGES;
        loop {
            let bits = (count / WORD) as usize * 8;
            let table = count as usize * size_of::<Page>();
            let before = (2 * bits + table).next_multiple_of(PAGE);
            let address = system::reserve(before + count as usize * PAGE);
            if address != 0 {
                self.taken = address as *mut u64;
                self.dirty = (address + bits) as *mut u64;
                self.table = (address + 2 * bits) as *mut Page;
                self.start = address + before;
                self.count = count;
                self.mark(0, 1, true);
                // SAFETY: the range has just been reserved.
                unsafe { system::populate(self.start + PAGE, populated as usize * PAGE) };
                return true;
            }
            if count <= FEWEST_PAGES {
                return false;
            }
            count /= 2;
        }
    }

    /// Gives all of it back.
    pub fn close(&mut self) {
        if self.is_open() {
            let address = self.taken as usize;
            // SAFETY: this is what `open` has reserved, and a heap that ends has no pieces.
            unsafe { system::release(address, self.address_of(self.count) - address) };
        }
    }

    #[inline]
    pub fn is_open(&self) -> bool {
        self.count != 0
    }

    /// The page that an address is in, if it is one of these.
    #[inline]
    pub fn number_of(&self, address: usize) -> Option<u32> {
        let number = address.wrapping_sub(self.start) / PAGE;
        (number < self.count as usize).then_some(number as u32)
    }

    #[inline]
    pub fn address_of(&self, page: u32) -> usize {
        self.start + page as usize * PAGE
    }

    #[inline]
    pub fn page(&mut self, number: u32) -> &mut Page {
        debug_assert!(number < self.count);
        // SAFETY: the table has an entry for each page, and any bytes are a valid one.
        unsafe { &mut *self.table.add(number as usize) }
    }

    /// Takes so many pages in a row, the first of those that are free, and tells whether all of them are zeroed.
    pub fn take(&mut self, pages: u32) -> Option<(u32, bool)> {
        let first = self.find(pages)?;
        self.mark(first, pages, true);
        self.end = self.end.max((first + pages).div_ceil(WORD));
        let dirty = self.clean(first, pages);
        Some((first, dirty == 0))
    }

    /// Takes the pages that follow those of `first`, if they are free.
    pub fn extend(&mut self, first: u32, pages: u32, more: u32) -> bool {
        let next = first + pages;
        if next + more > self.count || (next..next + more).any(|page| self.bit(self.taken, page)) {
            return false;
        }
        self.mark(next, more, true);
        self.end = self.end.max((next + more).div_ceil(WORD));
        self.clean(next, more);
        true
    }

    /// Pages that are free from now on; they keep their memory.
    pub fn put_back(&mut self, first: u32, pages: u32) {
        self.mark(first, pages, false);
        self.each_word(first, pages, |this, word, mask| {
            // SAFETY: `word` is one of the range's.
            unsafe { *this.dirty.add(word) |= mask }
        });
        self.dirty_pages += pages;
        self.hint = self.hint.min(first / WORD);
    }

    /// Gives the system the memory of as many pages as no call of [`Pages::take`] has needed since the last time, the
    /// last ones in the range: the first ones are taken again first.
    pub fn give_back_unneeded(&mut self) {
        let unneeded = self.fewest_dirty;
        if unneeded > 0 {
            self.give_back(unneeded);
        }
        self.fewest_dirty = self.dirty_pages;
    }

    fn give_back(&mut self, mut pages: u32) {
        let mut word = self.end;
        while word > 0 && pages > 0 {
            word -= 1;
            // SAFETY: `word` is one of the range's.
            let dirty = unsafe { &mut *self.dirty.add(word as usize) };
            let mut bits = *dirty;
            while bits != 0 && pages > 0 {
                let last = WORD - 1 - bits.leading_zeros();
                let in_a_row = (bits << (WORD - 1 - last)).leading_ones().min(pages);
                let first = last + 1 - in_a_row;
                let mask = mask(first, in_a_row);
                bits &= !mask;
                *dirty &= !mask;
                pages -= in_a_row;
                self.dirty_pages -= in_a_row;
                let address = self.start + (word * WORD + first) as usize * PAGE;
                // SAFETY: these pages are nobody's.
                unsafe { system::give_back(address, in_a_row as usize * PAGE) };
            }
        }
    }

    fn find(&mut self, pages: u32) -> Option<u32> {
        let words = self.count / WORD;
        while self.hint < words && self.word(self.taken, self.hint) == u64::MAX {
            self.hint += 1;
        }
        let (mut first, mut found) = (0, 0);
        for number in self.hint..words {
            let word = self.word(self.taken, number);
            let mut bit = 0;
            while bit < WORD {
                let rest = word >> bit;
                let free = rest.trailing_zeros().min(WORD - bit);
                if free > 0 {
                    if found == 0 {
                        first = number * WORD + bit;
                    }
                    found += free;
                    if found >= pages {
                        return Some(first);
                    }
                    bit += free;
                } else {
                    found = 0;
                    bit += rest.trailing_ones();
                }
            }
        }
        None
    }

    fn word(&self, map: *mut u64, number: u32) -> u64 {
        debug_assert!(number < self.count / WORD);
        // SAFETY: both maps have a bit for each page.
        unsafe { *map.add(number as usize) }
    }

    fn bit(&self, map: *mut u64, page: u32) -> bool {
        self.word(map, page / WORD) >> (page % WORD) & 1 == 1
    }

    fn mark(&mut self, first: u32, pages: u32, taken: bool) {
        self.each_word(first, pages, |this, word, mask| {
            // SAFETY: `word` is one of the range's.
            let word = unsafe { &mut *this.taken.add(word) };
            *word = if taken { *word | mask } else { *word & !mask };
        });
    }

    /// Pages that someone has from now on; how many of them were dirty.
    fn clean(&mut self, first: u32, pages: u32) -> u32 {
        let mut dirty = 0;
        self.each_word(first, pages, |this, word, mask| {
            // SAFETY: `word` is one of the range's.
            let word = unsafe { &mut *this.dirty.add(word) };
            dirty += (*word & mask).count_ones();
            *word &= !mask;
        });
        self.dirty_pages -= dirty;
        self.fewest_dirty = self.fewest_dirty.min(self.dirty_pages);
        dirty
    }

    fn each_word(&mut self, first: u32, pages: u32, mut action: impl FnMut(&mut Self, usize, u64)) {
        let (mut page, end) = (first, first + pages);
        while page < end {
            let bit = page % WORD;
            let bits = (WORD - bit).min(end - page);
            action(self, (page / WORD) as usize, mask(bit, bits));
            page += bits;
        }
    }
}

/// So many ones from a bit on.
fn mask(bit: u32, bits: u32) -> u64 {
    (u64::MAX >> (WORD - bits)) << bit
}
