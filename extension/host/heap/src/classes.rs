//! Sizes of pieces. What is larger than the largest class takes whole pages.

use crate::pages::PAGE;

pub const COUNT: usize = 21;

/// The largest piece that shares its pages with others.
pub const LARGEST: usize = 3584;

/// From 512 bytes on, in steps that waste a fifth at most. Below, where the engine asks for nothing, as it divides
/// pages of its own, a program has few pieces, and a page for each of more sizes would take more than is saved. All are
/// multiples of 16, which is the alignment that C promises.
const SIZES: [u16; COUNT] =
    [16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 640, 768, 896, 1024, 1280, 1536, 1792, 2048, 2560, 3072, 3584];

/// Up to here a page holds four pieces or more. Larger ones share [`SPAN`] pages, of which less is wasted at the end.
const LARGEST_IN_A_PAGE: usize = 1024;

const SPAN: u32 = 4;

/// The class for each size, rounded up to 16 bytes.
const CLASSES: [u8; LARGEST / 16 + 1] = {
    let mut classes = [0; LARGEST / 16 + 1];
    let mut index = 0;
    let mut class = 0;
    while index < classes.len() {
        if index * 16 > SIZES[class] as usize {
            class += 1;
        }
        classes[index] = class as u8;
        index += 1;
    }
    classes
};

/// How many pieces of each class are made of its pages.
const CAPACITIES: [u16; COUNT] = {
    let mut capacities = [0; COUNT];
    let mut class = 0;
    while class < COUNT {
        capacities[class] = (pages_of(class) as usize * PAGE / SIZES[class] as usize) as u16;
        class += 1;
    }
    capacities
};

/// The class of a piece of `size` bytes, which are no more than [`LARGEST`].
#[inline]
pub fn class_of(size: usize) -> usize {
    usize::from(CLASSES[size.div_ceil(16)])
}

#[inline]
pub fn size_of(class: usize) -> usize {
    usize::from(SIZES[class])
}

#[inline]
pub fn capacity_of(class: usize) -> u16 {
    CAPACITIES[class]
}

#[inline]
pub const fn pages_of(class: usize) -> u32 {
    if SIZES[class] as usize <= LARGEST_IN_A_PAGE {
        1
    } else {
        SPAN
    }
}
