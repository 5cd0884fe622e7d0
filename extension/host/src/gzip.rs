//! One gzip member from one text.

use lambdawatch_deflate::Compressor;
use std::cell::RefCell;

thread_local! {
    /// Kept, as its tables would otherwise have to be mapped for every push.
    static COMPRESSOR: RefCell<Compressor> = RefCell::default();
}

pub fn compress(bytes: &[u8]) -> Vec<u8> {
    COMPRESSOR.with(|kept| kept.borrow_mut().gzip(bytes))
}
