//! Bundles: QuickJS bytecode that the build appends to this executable, each followed by a trailer of sixteen bytes:
//! its length as a little-endian 64-bit number, and eight bytes that mark it. The last one is run at the start; those
//! before it are parts that it may import while it runs.

use std::fs::File;
use std::io::{Error, ErrorKind};
use std::ops::Deref;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::ptr::null_mut;

const MARK: &[u8; 8] = b"\x00bundle\x01";
const TRAILER: u64 = 16;

const PAGE: u64 = 4096;

/// Bytecode where it stands in the file, as long as it is needed: to read it into memory would take twice as long.
pub struct Bytecode {
    mapping: *mut libc::c_void,
    mapped: usize,
    /// Bytes before it in the first page.
    before: usize,
}

impl Deref for Bytecode {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: the mapping has that many bytes. Nobody can write to a program that runs.
        unsafe { std::slice::from_raw_parts(self.mapping.cast::<u8>().add(self.before), self.mapped - self.before) }
    }
}

impl Drop for Bytecode {
    fn drop(&mut self) {
        // SAFETY: nothing borrows from it any longer.
        unsafe { libc::munmap(self.mapping, self.mapped) };
    }
}

/// The bytecode of a bundle, the last one being number 0, or a line that says why there is none.
pub fn read(number: usize) -> Result<Bytecode, String> {
    read_from_executable(number).map_err(|error| format!("This executable carries no usable bundle {number}: {error}"))
}

fn read_from_executable(number: usize) -> std::io::Result<Bytecode> {
    // The link works even where the file has been replaced or deleted since; the name is for systems without /proc.
    let file = File::open("/proc/self/exe").or_else(|_| File::open(std::env::current_exe()?))?;
    let mut end = file.metadata()?.len();
    let mut length = 0;
    for _ in 0..=number {
        end -= length;
        length = length_of_bundle_before(&file, end)?;
        end -= TRAILER;
    }
    let start = end - length;
    let before = start % PAGE;
    let mapped = (before + length) as usize;
    let (protection, flags) = (libc::PROT_READ, libc::MAP_PRIVATE | libc::MAP_POPULATE);
    // SAFETY: a new mapping, which only `Bytecode` knows.
    let mapping =
        unsafe { libc::mmap(null_mut(), mapped, protection, flags, file.as_raw_fd(), (start - before) as libc::off_t) };
    if mapping == libc::MAP_FAILED {
        return Err(Error::last_os_error());
    }
    Ok(Bytecode { mapping, mapped, before: before as usize })
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
