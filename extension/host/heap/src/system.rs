//! Memory from the operating system.

use std::ptr::null_mut;

/// Room in the address space, zeroed, of which nothing takes memory before it is used; 0 where there is none.
pub fn reserve(bytes: usize) -> usize {
    let (protection, flags) =
        (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE);
    // SAFETY: asks for memory wherever there is some.
    let address = unsafe { libc::mmap(null_mut(), bytes, protection, flags, -1, 0) };
    if address == libc::MAP_FAILED {
        return 0;
    }
    // Where the system makes huge pages of its own accord, the first byte would take two megabytes.
    // SAFETY: the range has just been mapped.
    unsafe { libc::madvise(address, bytes, libc::MADV_NOHUGEPAGE) };
    address as usize
}

/// Gives a reserved range memory at once, which costs far less than a page fault for each of its pages. It is zeroed.
///
/// # Safety
/// The range is of whole pages, was reserved, and nothing is kept in it.
pub unsafe fn populate(address: usize, bytes: usize) {
    let (protection, flags) = (
        libc::PROT_READ | libc::PROT_WRITE,
        libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_FIXED | libc::MAP_POPULATE,
    );
    // Where it fails, the range has no memory yet, as before.
    libc::mmap(address as *mut _, bytes, protection, flags, -1, 0);
}

/// Gives the memory of a range back. The range stays, and is zero from now on.
///
/// # Safety
/// The range is of whole pages, was reserved, and nothing is kept in it.
pub unsafe fn give_back(address: usize, bytes: usize) {
    libc::madvise(address as *mut _, bytes, libc::MADV_DONTNEED);
}

/// # Safety
/// The range was reserved, and nothing is kept in it.
pub unsafe fn release(address: usize, bytes: usize) {
    libc::munmap(address as *mut _, bytes);
}

/// Makes a reserved range longer or shorter, and may move it: its address from now on, or 0 where it stays as it is.
///
/// # Safety
/// The range was reserved as one, and nothing points into it.
pub unsafe fn resize(address: usize, bytes: usize, wanted: usize) -> usize {
    let moved = libc::mremap(address as *mut _, bytes, wanted, libc::MREMAP_MAYMOVE);
    if moved == libc::MAP_FAILED {
        return 0;
    }
    moved as usize
}
