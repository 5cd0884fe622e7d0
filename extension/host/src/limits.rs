//! Limits that this process sets for itself.

/// A core dump would have every secret in it that the bundle knows. A limit of 1 keeps the kernel from writing a file, as 0
/// would, and also, as 0 would not, from handing the memory to a program (core(5), "Piping core dumps to a program").
/// The process stays readable by its own user through /proc, which debuggers and monitors may need.
pub fn forbid_core_dumps() {
    let limit = libc::rlimit { rlim_cur: 1, rlim_max: 1 };
    // SAFETY: the pointer is valid during the call. Where it fails, everything is as it was.
    unsafe { libc::setrlimit(libc::RLIMIT_CORE, &limit) };
}
