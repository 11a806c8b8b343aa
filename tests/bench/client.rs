//! HTTP/1.1 as little as it takes: kept alive, one request at a time, answers with `Content-Length`. What this costs is
//! taken from the core that asks, so it reads a head again only where it changed.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection that is kept alive.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
    /// The last answer's head, and what it said.
    head: Vec<u8>,
    status: u16,
    length: usize,
}

/// An answer.
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) head: &'a [u8],
    pub(crate) body: &'a [u8],
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: vec![0; 64 * 1024],
            filled: 0,
            head: Vec::new(),
            status: 0,
            length: 0,
        })
    }

    /// Sends a request and reads its answer whole.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.filled = 0;
        while !self.has_head()? || self.filled < self.head.len() + self.length {
            if self.filled == self.buffer.len() {
                return Err(io::Error::other("the answer is too long"));
            }
            let read = self.stream.read(&mut self.buffer[self.filled..]).await?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.filled += read;
        }
        if self.filled > self.head.len() + self.length {
            return Err(io::Error::other("more came than one answer"));
        }
        Ok(Answer {
            status: self.status,
            head: &self.head,
            body: &self.buffer[self.head.len()..self.filled],
        })
    }

    /// Whether the head is there; then it is read.
    fn has_head(&mut self) -> io::Result<bool> {
        let read = &self.buffer[..self.filled];
        if !self.head.is_empty() && read.starts_with(&self.head) {
            return Ok(true);
        }
        let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(false);
        };
        self.head = read[..end + 4].to_vec();
        let text = std::str::from_utf8(&self.head).map_err(io::Error::other)?;
        let status = text.get(9..12).and_then(|status| status.parse().ok());
        self.status = status.ok_or_else(|| io::Error::other("no status"))?;
        self.length = match header(&self.head, "content-length") {
            Some(length) => length.parse().map_err(io::Error::other)?,
            None if [204, 304].contains(&self.status) => 0,
            None => return Err(io::Error::other("no length")),
        };
        Ok(true)
    }
}

impl Answer<'_> {
    /// A header's value, the first if it came more than once.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(self.head, name)
    }

    /// The value of a cookie that it sets.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let text = std::str::from_utf8(self.head).ok()?;
        let value = text.split_once(&format!("set-cookie: {name}="))?.1;
        Some(value.split([';', '\r']).next()?.to_owned())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(self.body).unwrap_or_default()
    }

    /// What stands between two texts in the body.
    pub(crate) fn between(&self, before: &str, after: &str) -> Option<&str> {
        let rest = self.text().split_once(before)?.1;
        Some(rest.split_once(after)?.0)
    }

    /// What it was, for a failure.
    pub(crate) fn told(&self) -> String {
        format!("{}{}", String::from_utf8_lossy(self.head), self.text())
    }
}

fn header<'a>(head: &'a [u8], name: &str) -> Option<&'a str> {
    let text = std::str::from_utf8(head).ok()?;
    let lines = text.split("\r\n").filter_map(|line| line.split_once(": "));
    lines
        .filter(|(found, _)| found.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
        .next()
}

/// A GET with more header lines, each ended by CR LF.
pub(crate) fn get(path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost:8080\r\n{headers}\r\n").into_bytes()
}

/// A form, posted.
pub(crate) fn post(path: &str, headers: &str, form: &[(&str, &str)]) -> Vec<u8> {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost:8080\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
    .into_bytes()
}
