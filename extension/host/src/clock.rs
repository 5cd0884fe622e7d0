//! The clocks, in milliseconds with fractions.

/// Wall-clock time since the Unix epoch.
pub fn wall() -> f64 {
    read(libc::CLOCK_REALTIME)
}

/// Time that never goes back.
pub fn monotonic() -> f64 {
    read(libc::CLOCK_MONOTONIC)
}

/// Like [`monotonic`], but it also counts while the machine is suspended.
pub fn since_boot() -> f64 {
    read(libc::CLOCK_BOOTTIME)
}

fn read(clock: libc::clockid_t) -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call only fills the structure that it is given.
    unsafe { libc::clock_gettime(clock, &mut time) };
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}
