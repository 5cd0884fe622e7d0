//! Random numbers of the operating system.

use ring::error::Unspecified;
use ring::rand::{SecureRandom, SystemRandom};

/// A number from 0 up to, but not including, 1. Asked of the kernel at each call: two processes that were restored from
/// one snapshot of memory share the state of every generator that keeps one.
pub fn fraction() -> Result<f64, Unspecified> {
    let mut bytes = [0; 8];
    SystemRandom::new().fill(&mut bytes)?;
    // A double has room for 53 bits.
    Ok((u64::from_le_bytes(bytes) >> 11) as f64 / (1u64 << 53) as f64)
}
