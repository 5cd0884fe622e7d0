//! The few calls of the operating system that the standard library has no name for.

use std::ffi::c_void;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

extern "C" {
    fn clock_gettime(clock: i32, time: *mut Timespec) -> i32;
    fn kill(process: i32, signal: i32) -> i32;
    fn prctl(option: i32, argument: usize, ...) -> i32;
    fn posix_fadvise(file: i32, offset: i64, length: i64, advice: i32) -> i32;
    fn mmap(address: *mut c_void, length: usize, protection: i32, flags: i32, file: i32, offset: i64) -> *mut c_void;
    fn munmap(address: *mut c_void, length: usize) -> i32;
    fn mincore(address: *mut c_void, length: usize, pages: *mut u8) -> i32;
}

const CLOCK_MONOTONIC: i32 = 1;
const PR_SET_PDEATHSIG: i32 = 1;
const SIGKILL: usize = 9;
const SIGSTOP: i32 = 19;
const SIGCONT: i32 = 18;
const POSIX_FADV_DONTNEED: i32 = 4;
const PROT_READ: i32 = 1;
const MAP_SHARED: i32 = 1;
const PAGE: usize = 4096;

fn nanoseconds_of(clock: i32) -> io::Result<u64> {
    let mut time = Timespec { seconds: 0, nanoseconds: 0 };
    // SAFETY: `time` is a valid place for the answer.
    if unsafe { clock_gettime(clock, &mut time) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(time.seconds as u64 * 1_000_000_000 + time.nanoseconds as u64)
}

/// A clock that all processes share, in nanoseconds. May be called between fork and exec.
pub fn monotonic() -> io::Result<u64> {
    nanoseconds_of(CLOCK_MONOTONIC)
}

/// CPU time of all threads of a process, ended ones too, user and system, in nanoseconds.
pub fn cpu_time(process: u32) -> io::Result<u64> {
    // The kernel's name for the clock of another process: its id, inverted, and in the low bits 2, "scheduler, whole
    // process".
    nanoseconds_of((!(process as i32) << 3) | 2)
}

/// Has the kernel kill the calling process as soon as its parent is gone.
pub fn die_with_parent() {
    // SAFETY: takes a number only.
    unsafe { prctl(PR_SET_PDEATHSIG, SIGKILL) };
}

/// Freezes a process. One that has ended is none of our business.
pub fn stop(process: u32) {
    // SAFETY: takes numbers only.
    unsafe { kill(process as i32, SIGSTOP) };
}

/// Lets it go on.
pub fn resume(process: u32) {
    // SAFETY: takes numbers only.
    unsafe { kill(process as i32, SIGCONT) };
}

/// Throws a file out of the page cache and tells how many of its pages are still there.
pub fn evict(path: &str) -> io::Result<usize> {
    let file = File::open(path)?;
    // Pages that are not yet on the disk can't be dropped.
    file.sync_all()?;
    // SAFETY: works on an open file.
    let failed = unsafe { posix_fadvise(file.as_raw_fd(), 0, 0, POSIX_FADV_DONTNEED) };
    if failed != 0 {
        return Err(io::Error::from_raw_os_error(failed));
    }
    resident_pages(&file)
}

fn resident_pages(file: &File) -> io::Result<usize> {
    let length = file.metadata()?.len() as usize;
    let mut pages = vec![0_u8; length.div_ceil(PAGE)];
    // SAFETY: the mapping is only asked about, never read, and `pages` has a byte for each of its pages.
    unsafe {
        let mapping = mmap(std::ptr::null_mut(), length, PROT_READ, MAP_SHARED, file.as_raw_fd(), 0);
        if mapping as isize == -1 {
            return Err(io::Error::last_os_error());
        }
        let failed = mincore(mapping, length, pages.as_mut_ptr()) != 0;
        let error = io::Error::last_os_error();
        munmap(mapping, length);
        if failed {
            return Err(error);
        }
    }
    Ok(pages.iter().filter(|&&page| page & 1 == 1).count())
}
