//! The bundle: QuickJS bytecode that the build appends to this executable, followed by a trailer of sixteen bytes:
//! its length as a little-endian 64-bit number, and eight bytes that mark it.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;

const MARK: &[u8; 8] = b"\x00bundle\x01";
const TRAILER: u64 = 16;

/// The bytecode of the bundle, or a line that says why there is none.
pub fn read() -> Result<Vec<u8>, String> {
    read_from_executable().map_err(|error| format!("This executable carries no usable bundle: {error}"))
}

fn read_from_executable() -> std::io::Result<Vec<u8>> {
    // The link works even where the file has been replaced or deleted since; the name is for systems without /proc.
    let file = File::open("/proc/self/exe").or_else(|_| File::open(std::env::current_exe()?))?;
    let size = file.metadata()?.len();
    let mut trailer = [0u8; TRAILER as usize];
    file.read_exact_at(&mut trailer, size.saturating_sub(TRAILER))?;
    let (length, mark) = trailer.split_at(8);
    let length = length.iter().rev().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
    if mark != MARK || length > size - TRAILER {
        return Err(ErrorKind::InvalidData.into());
    }
    let mut bytecode = vec![0; length as usize];
    file.read_exact_at(&mut bytecode, size - TRAILER - length)?;
    Ok(bytecode)
}
