//! Bits as deflate packs them: the first one is the lowest of its byte.

pub struct Bits {
    bytes: Vec<u8>,
    waiting: u64,
    /// How many wait; fewer than 32 between calls.
    count: u32,
}

impl Bits {
    pub fn new(capacity: usize) -> Self {
        Self { bytes: Vec::with_capacity(capacity), waiting: 0, count: 0 }
    }

    /// Adds the lowest `count` bits, 32 at most; those above must be 0.
    #[inline(always)]
    pub fn push(&mut self, bits: u32, count: u32) {
        self.waiting |= u64::from(bits) << self.count;
        self.count += count;
        if self.count >= 32 {
            self.bytes.extend_from_slice(&(self.waiting as u32).to_le_bytes());
            self.waiting >>= 32;
            self.count -= 32;
        }
    }

    /// Fills the byte up that was begun.
    pub fn align(&mut self) {
        while self.count > 0 {
            self.bytes.push(self.waiting as u8);
            self.waiting >>= 8;
            self.count = self.count.saturating_sub(8);
        }
    }

    /// Adds whole bytes, where the one before is complete.
    pub fn bytes(&mut self, bytes: &[u8]) {
        debug_assert_eq!(self.count, 0);
        self.bytes.extend_from_slice(bytes);
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}
