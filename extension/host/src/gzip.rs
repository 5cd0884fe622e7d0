//! One gzip member from one text.

use flate2::{Compress, Compression, FlushCompress, Status};

/// Fast, and on logs nearly as small as the default level.
const LEVEL: u32 = 1;

/// What deflate and the gzip header and trailer add to bytes that can't be made smaller, rounded up.
const OVERHEAD: usize = 64;

/// Compresses `bytes`; `None` only if the compressor breaks its own contract.
pub fn compress(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut compressor = Compress::new_gzip(Compression::new(LEVEL), 15);
    let mut output = Vec::with_capacity(bytes.len() / 6 + OVERHEAD);
    loop {
        let done = compressor.total_in() as usize;
        let status = compressor.compress_vec(bytes.get(done..)?, &mut output, FlushCompress::Finish).ok()?;
        match status {
            Status::StreamEnd => break,
            _ => output.reserve(output.len() / 2 + OVERHEAD),
        }
    }
    Some(output)
}
