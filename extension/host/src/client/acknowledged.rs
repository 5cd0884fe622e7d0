//! What the peer has received of a request, as its TCP says.

use super::pool::Connection;
use std::future::{pending, poll_fn};
use std::os::fd::RawFd;
use std::time::{Duration, Instant};

/// The kernel tells nobody when its queue has become empty, so it is asked: after this, then less and less often …
const SHORTEST_PAUSE: Duration = Duration::from_millis(1);

/// … so that no more than this part of the time is added to it.
const PAUSES: u32 = 16;

/// Resolves when the peer has acknowledged every byte that was written to the connection since its passage is followed;
/// never where the connection ends before that.
pub async fn acknowledged(connection: &Connection) {
    poll_fn(|task| connection.passage.poll_written(task)).await;
    let written = Instant::now();
    // The descriptor is open as long as the connection's task has not ended, which this says.
    while !connection.sender.is_closed() {
        match unacknowledged_bytes(connection.socket) {
            Some(0) if is_established(connection.socket) => return,
            Some(0) | None => break,
            Some(_) => tokio::time::sleep((written.elapsed() / PAUSES).max(SHORTEST_PAUSE)).await,
        }
    }
    pending().await
}

fn unacknowledged_bytes(socket: RawFd) -> Option<usize> {
    let mut bytes: libc::c_int = 0;
    // SAFETY: the call only fills the integer that it is given (SIOCOUTQ has the number of TIOCOUTQ).
    let outcome = unsafe { libc::ioctl(socket, libc::TIOCOUTQ as _, &raw mut bytes) };
    if outcome < 0 {
        return None;
    }
    usize::try_from(bytes).ok()
}

/// The queue of a connection that was reset is empty, too.
fn is_established(socket: RawFd) -> bool {
    const ESTABLISHED: u8 = 1;
    // The state is the first byte of the kernel's `tcp_info`, which it cuts to the room that it is given.
    let mut info = [0u8; 8];
    let mut length = info.len() as libc::socklen_t;
    // SAFETY: the call fills no more than `length` bytes of the array.
    let outcome = unsafe {
        libc::getsockopt(socket, libc::IPPROTO_TCP, libc::TCP_INFO, info.as_mut_ptr().cast(), &raw mut length)
    };
    outcome == 0 && length > 0 && info[0] == ESTABLISHED
}
