//! A client that speaks as little HTTP as will do.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddrV4, TcpStream};
use std::time::Duration;

use support::{Trouble, until_ok};

use crate::{SECONDS, Served};

/// What came back.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<String>,
    pub(crate) body: String,
}

impl Response {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// An open connection.
pub(crate) struct Client(BufReader<TcpStream>);

impl Client {
    pub(crate) fn connect(address: SocketAddrV4) -> Result<Self, Trouble> {
        let connect = || {
            let stream = TcpStream::connect(address)?;
            stream.set_read_timeout(Some(SECONDS))?;
            stream.set_write_timeout(Some(SECONDS))?;
            Ok(Self(BufReader::new(stream)))
        };
        connect().map_err(Trouble::io(format!("connect to {address}")))
    }

    /// Sends bytes as they are.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.get_mut().write_all(bytes)
    }

    /// Sends a request and reads its response. `request` is `METHOD TARGET`.
    pub(crate) fn ask(&mut self, request: &str) -> Result<Response, Trouble> {
        let head = format!("{request} HTTP/1.1\r\nHost: srv1\r\n\r\n");
        let response = self.send(head.as_bytes());
        let bodiless = !request.starts_with("GET ");
        let response = response.and_then(|()| self.response(bodiless));
        response.map_err(Trouble::io(format!("ask {request}")))
    }

    /// Reads one response; that to a HEAD has no body whatever its length says.
    pub(crate) fn response(&mut self, bodiless: bool) -> io::Result<Response> {
        let invalid = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
        let first = self.line()?;
        let status = first.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.ok_or_else(|| invalid(&format!("no status in {first:?}")))?;
        let mut headers = Vec::new();
        loop {
            match self.line()? {
                line if line.is_empty() => break,
                line => headers.push(line),
            }
        }
        let mut response = Response {
            status,
            headers,
            body: String::new(),
        };
        let length = response.header("content-length").map(str::parse);
        let length: u64 = match length {
            Some(Ok(length)) if !bodiless => length,
            Some(Ok(_)) | None => 0,
            Some(Err(_)) => return Err(invalid("no content-length")),
        };
        (&mut self.0)
            .take(length)
            .read_to_string(&mut response.body)?;
        Ok(response)
    }

    /// Whatever comes until the server closes.
    pub(crate) fn read_to_end(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.0.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.0.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}

impl Served {
    /// Asks on a connection of its own.
    pub(crate) fn ask(&self, request: &str) -> Result<Response, Trouble> {
        Client::connect(self.http)?.ask(request)
    }

    /// The status of a request.
    pub(crate) fn status(&self, request: &str) -> Result<u16, Trouble> {
        self.ask(request).map(|response| response.status)
    }

    /// Waits until a request has this status.
    pub(crate) fn wait_for(
        &self,
        deadline: Duration,
        request: &str,
        status: u16,
    ) -> Result<(), Trouble> {
        until_ok(
            deadline,
            &format!("{request} to be {status}"),
            || match self.status(request) {
                Ok(seen) if seen == status => Ok(()),
                Ok(seen) => Err(format!("it is {seen}")),
                Err(trouble) => Err(trouble.to_string()),
            },
        )
    }
}
