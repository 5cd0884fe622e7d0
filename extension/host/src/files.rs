//! Reading of small text files, such as certificates.

use crate::errors::{Code, Failure};
use std::io::ErrorKind;

/// The whole file as text, U+FFFD for what is not UTF-8.
pub fn read_text(path: &str) -> Result<String, Failure> {
    let bytes = std::fs::read(path).map_err(|error| {
        let code = match error.kind() {
            ErrorKind::NotFound => Code::NoEntry,
            ErrorKind::PermissionDenied => Code::NoAccess,
            _ => Code::Io,
        };
        Failure::new(code, format!("{path}: {error}"))
    })?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    })
}
