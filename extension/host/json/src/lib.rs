//! What the host does to JSON byte by byte.

mod compact;
mod fields;
pub mod forms;
mod key;
pub mod list;
mod plain;
mod quote;
pub mod rows;
mod scanner;

pub use compact::compact;
pub use fields::Fields;
pub use quote::quote;
