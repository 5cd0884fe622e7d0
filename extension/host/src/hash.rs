//! Hashes: those of SHA-2 by the cryptography that TLS brings along, and a fast one.

use ring::{digest, hmac};
use xxhash_rust::xxh3::xxh3_128;

pub fn sha256(data: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, data).as_ref().to_vec()
}

pub fn hmac_sha256(key: &[u8], data: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), data).as_ref().to_vec()
}

/// XXH3 in hexadecimal digits: at memory speed, and easy to collide with on purpose.
pub fn fingerprint(data: &[u8]) -> String {
    format!("{:032x}", xxh3_128(data))
}
