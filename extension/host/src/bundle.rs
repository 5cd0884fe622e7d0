//! Bundles: QuickJS bytecode that the build appends to this executable, each followed by a trailer of sixteen bytes:
//! its length as a little-endian 64-bit number, and eight bytes that mark it. The last one is run at the start; those
//! before it are parts that it may import while it runs.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;

const MARK: &[u8; 8] = b"\x00bundle\x01";
const TRAILER: u64 = 16;

/// The bytecode of a bundle, the last one being number 0, or a line that says why there is none.
pub fn read(number: usize) -> Result<Vec<u8>, String> {
    read_from_executable(number).map_err(|error| format!("This executable carries no usable bundle {number}: {error}"))
}

fn read_from_executable(number: usize) -> std::io::Result<Vec<u8>> {
    // The link works even where the file has been replaced or deleted since; the name is for systems without /proc.
    let file = File::open("/proc/self/exe").or_else(|_| File::open(std::env::current_exe()?))?;
    let mut end = file.metadata()?.len();
    let mut length = 0;
    for _ in 0..=number {
        end -= length;
        length = length_of_bundle_before(&file, end)?;
        end -= TRAILER;
    }
    let mut bytecode = vec![0; length as usize];
    file.read_exact_at(&mut bytecode, end - length)?;
    Ok(bytecode)
}

fn length_of_bundle_before(file: &File, end: u64) -> std::io::Result<u64> {
    let mut trailer = [0u8; TRAILER as usize];
    file.read_exact_at(&mut trailer, end.saturating_sub(TRAILER))?;
    let (length, mark) = trailer.split_at(8);
    let length = length.iter().rev().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
    if mark != MARK || length > end - TRAILER {
        return Err(ErrorKind::InvalidData.into());
    }
    Ok(length)
}
