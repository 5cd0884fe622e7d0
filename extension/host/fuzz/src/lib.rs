//! Runs a property on random input: for `FUZZ_SECONDS` (2), from seed `FUZZ_SEED` (1) on. When it fails, the seed that
//! it failed with is named; with that as `FUZZ_SEED` it fails at once.

pub use arbitrary::{Result, Unstructured};
use std::time::{Duration, Instant};

/// The most random bytes that a property has to make its input of.
const MOST_BYTES: u64 = 4096;

/// The property panics where it does not hold. An error says only that the random bytes were too few.
pub fn fuzz(property: impl Fn(&mut Unstructured<'_>) -> Result<()>) {
    let first = setting("FUZZ_SEED", 1);
    let duration = Duration::from_secs(setting("FUZZ_SECONDS", 2));
    let start = Instant::now();
    let mut seed = first;
    while seed == first || start.elapsed() < duration {
        let bytes = random_bytes(seed);
        let told = Told(seed);
        let _ = property(&mut Unstructured::new(&bytes));
        std::mem::forget(told);
        seed += 1;
    }
    println!("{} inputs, from seed {first} on", seed - first);
}

/// Names the seed when it is dropped, which happens in a panic alone.
struct Told(u64);

impl Drop for Told {
    fn drop(&mut self) {
        eprintln!("failed with FUZZ_SEED={}", self.0);
    }
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text}: not a number")))
}

fn random_bytes(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    // SplitMix64 (Steele, Lea, Flood, 2014).
    let mut next = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    };
    let length = next() % MOST_BYTES;
    (0..length.div_ceil(8)).flat_map(|_| next().to_le_bytes()).collect()
}
