//! What goes wrong outside JavaScript, and how JavaScript sees it: an `Error` with a `code`.

use rquickjs::{Ctx, Exception, Object};

/// The codes of the port, and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    Invalid,
    NotFound,
    Refused,
    Reset,
    TimedOut,
    Canceled,
    Connect,
    Tls,
    Proxy,
    Protocol,
    AddressInUse,
    NoEntry,
    NoAccess,
    Io,
}

impl Code {
    pub fn name(self) -> &'static str {
        match self {
            Code::Invalid => "EINVAL",
            Code::NotFound => "ENOTFOUND",
            Code::Refused => "ECONNREFUSED",
            Code::Reset => "ECONNRESET",
            Code::TimedOut => "ETIMEDOUT",
            Code::Canceled => "ECANCELED",
            Code::Connect => "ECONNECT",
            Code::Tls => "ETLS",
            Code::Proxy => "EPROXY",
            Code::Protocol => "EPROTO",
            Code::AddressInUse => "EADDRINUSE",
            Code::NoEntry => "ENOENT",
            Code::NoAccess => "EACCES",
            Code::Io => "EIO",
        }
    }
}

/// What a failure is about, for decisions that a code alone does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    Ca,
    Cert,
    Key,
    Issuer,
    Login,
}

impl About {
    pub fn name(self) -> &'static str {
        match self {
            About::Ca => "ca",
            About::Cert => "cert",
            About::Key => "key",
            About::Issuer => "issuer",
            About::Login => "login",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Failure {
    pub code: Code,
    pub message: String,
    pub about: Option<About>,
    /// Whether it happened on a kept connection.
    pub reused: bool,
}

impl Failure {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), about: None, reused: false }
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Code::Invalid, message)
    }

    /// The same failure, marked with whether the connection was a kept one.
    pub fn on_reused(self, reused: bool) -> Self {
        Self { reused, ..self }
    }

    /// The same failure, marked with what it is about.
    pub fn about(self, about: impl Into<Option<About>>) -> Self {
        Self { about: about.into(), ..self }
    }

    /// The `Error` object for it.
    pub fn to_error<'js>(&self, ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
        let error = Exception::from_message(ctx.clone(), &self.message)?.into_object();
        error.set("code", self.code.name())?;
        if let Some(about) = self.about {
            error.set("about", about.name())?;
        }
        if self.reused {
            error.set("reused", true)?;
        }
        Ok(error)
    }

    /// Throws it.
    pub fn throw(&self, ctx: &Ctx<'_>) -> rquickjs::Error {
        match self.to_error(ctx) {
            Ok(error) => ctx.throw(error.into_value()),
            Err(error) => error,
        }
    }
}
