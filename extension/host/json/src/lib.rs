//! What the host does to JSON byte by byte.

mod quote;
pub mod raw;
pub mod surrogates;

pub use quote::quote;
