//! One gzip member from one text.

use flate2::{Compress, Compression, FlushCompress, Status};
use std::cell::RefCell;

/// Measured on logs: a quarter fewer bytes than level 1 for a tenth more of all processor time that a line takes. The
/// levels above save a tenth at most, and take more than that in processor time.
const LEVEL: u32 = 2;

/// What the gzip header and trailer take, and blocks that can't be made smaller, rounded up.
const OVERHEAD: usize = 64;

thread_local! {
    /// Kept, as its third of a megabyte of tables would otherwise have to be mapped and cleared for every push, which
    /// takes far longer than the compression of a hundred lines.
    static COMPRESSOR: RefCell<Option<Compress>> = const { RefCell::new(None) };
}

/// Compresses `bytes`; `None` only if the compressor breaks its own contract.
pub fn compress(bytes: &[u8]) -> Option<Vec<u8>> {
    COMPRESSOR.with(|kept| {
        let mut kept = kept.borrow_mut();
        let compressor = kept.get_or_insert_with(|| Compress::new_gzip(Compression::new(LEVEL), 15));
        compressor.reset();
        run(compressor, bytes)
    })
}

fn run(compressor: &mut Compress, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut output = Vec::with_capacity(bytes.len() / 6 + OVERHEAD);
    loop {
        let done = usize::try_from(compressor.total_in()).ok()?;
        let status = compressor.compress_vec(bytes.get(done..)?, &mut output, FlushCompress::Finish).ok()?;
        match status {
            Status::StreamEnd => return Some(output),
            _ => output.reserve(output.len() / 2 + OVERHEAD),
        }
    }
}
