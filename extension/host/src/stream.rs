//! A TCP connection, bare or under TLS, as the HTTP library wants to see it: one type for server and client alike.

use crate::passage::Passage;
use hyper::rt::{Read, ReadBufCursor, Write};
use std::io::{IoSlice, Result};
use std::os::fd::{AsRawFd, RawFd};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{ready, Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

pub struct Stream {
    transport: Transport,
    /// Whether a write has failed. From then on what is written is dropped, and it is left to the reader to find out
    /// what happened: the peer may have said why it closed (an early 413, a TLS alert that refuses the client's
    /// certificate), which a failed write would hide. If it did not, reading fails, too.
    unheard: bool,
    /// Told of each flush.
    passage: Option<Rc<Passage>>,
}

enum Transport {
    Plain(TcpStream),
    Secure(Box<TlsStream<TcpStream>>),
}

impl Stream {
    pub fn plain(stream: TcpStream) -> Self {
        Self { transport: Transport::Plain(stream), unheard: false, passage: None }
    }

    pub fn secure(stream: TlsStream<TcpStream>) -> Self {
        Self { transport: Transport::Secure(Box::new(stream)), unheard: false, passage: None }
    }

    /// The same stream, which tells `passage` when what it was given has been written.
    pub fn telling(self, passage: Rc<Passage>) -> Self {
        Self { passage: Some(passage), ..self }
    }

    /// The socket, open for as long as this exists.
    pub fn socket(&self) -> RawFd {
        match &self.transport {
            Transport::Plain(stream) => stream.as_raw_fd(),
            Transport::Secure(stream) => stream.get_ref().0.as_raw_fd(),
        }
    }

    /// The result of a write, `all` bytes where it failed.
    fn heard(&mut self, written: Result<usize>, all: usize) -> Result<usize> {
        self.unheard |= written.is_err();
        Ok(written.unwrap_or(all))
    }
}

macro_rules! either {
    ($self:expr, $stream:ident => $call:expr) => {
        match &mut $self.transport {
            Transport::Plain(stream) => {
                let $stream = Pin::new(stream);
                $call
            }
            Transport::Secure(stream) => {
                let $stream = Pin::new(stream.as_mut());
                $call
            }
        }
    };
}

impl Read for Stream {
    fn poll_read(mut self: Pin<&mut Self>, task: &mut Context<'_>, mut cursor: ReadBufCursor<'_>) -> Poll<Result<()>> {
        // SAFETY: the buffer is only ever written to, by the reader below, which keeps count of what it has filled.
        let mut buffer = ReadBuf::uninit(unsafe { cursor.as_mut() });
        ready!(either!(self, stream => stream.poll_read(task, &mut buffer)))?;
        let filled = buffer.filled().len();
        // SAFETY: so many bytes have just been filled.
        unsafe { cursor.advance(filled) };
        Poll::Ready(Ok(()))
    }
}

impl Write for Stream {
    fn poll_write(mut self: Pin<&mut Self>, task: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        if self.unheard {
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = ready!(either!(self, stream => stream.poll_write(task, bytes)));
        Poll::Ready(self.heard(written, bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<()>> {
        if !self.unheard {
            let flushed = ready!(either!(self, stream => stream.poll_flush(task)));
            self.unheard = flushed.is_err();
        }
        if let Some(passage) = &self.passage {
            passage.flushed(task);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<()>> {
        either!(self, stream => stream.poll_shutdown(task))
    }

    fn is_write_vectored(&self) -> bool {
        match &self.transport {
            Transport::Plain(stream) => stream.is_write_vectored(),
            Transport::Secure(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let all = slices.iter().map(|slice| slice.len()).sum();
        if self.unheard {
            return Poll::Ready(Ok(all));
        }
        let written = ready!(either!(self, stream => stream.poll_write_vectored(task, slices)));
        Poll::Ready(self.heard(written, all))
    }
}
