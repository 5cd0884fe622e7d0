//! Limits of this process.

/// A core dump would have every secret in it that the bundle knows. A limit of 1 keeps the kernel from writing a file,
/// as 0 would, and also, as 0 would not, from handing the memory to a program (core(5), "Piping core dumps to a
/// program"). The process stays readable by its own user through /proc, which debuggers and monitors may need.
pub fn forbid_core_dumps() {
    let limit = libc::rlimit { rlim_cur: 1, rlim_max: 1 };
    // SAFETY: the pointer is valid during the call. Where it fails, everything is as it was.
    unsafe { libc::setrlimit(libc::RLIMIT_CORE, &limit) };
}

/// The bytes of stack that this thread, the first, may take.
pub fn stack_bytes() -> usize {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the pointer is valid during the call. Where it fails, the result is 0.
    unsafe { libc::getrlimit(libc::RLIMIT_STACK, &mut limit) };
    usize::try_from(limit.rlim_cur).unwrap_or(usize::MAX)
}
