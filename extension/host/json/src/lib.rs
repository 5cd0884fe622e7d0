//! What the host does to JSON byte by byte.

mod fields;
mod quote;
pub mod raw;
pub mod surrogates;

pub use fields::Fields;
pub use quote::quote;
