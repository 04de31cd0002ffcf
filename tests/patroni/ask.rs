//! A client of HTTP/1.0, which is all that Patroni speaks: one request, and whatever comes until the end.

use std::io::{self, Read, Write};
use std::net::{SocketAddrV4, TcpStream};

use crate::SECONDS;

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// Asks once.
pub(crate) fn ask(address: SocketAddrV4, method: &str, target: &str) -> Result<Reply, String> {
    let said = exchange(address, method, target).map_err(|error| error.to_string())?;
    let (head, body) = said.split_once("\r\n\r\n").unwrap_or((&said, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    Ok(Reply {
        status: status.ok_or_else(|| format!("no status in {head:?}"))?,
        body: body.to_owned(),
    })
}

fn exchange(address: SocketAddrV4, method: &str, target: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(SECONDS))?;
    stream.write_all(format!("{method} {target} HTTP/1.0\r\n\r\n").as_bytes())?;
    let mut said = String::new();
    stream.read_to_string(&mut said)?;
    Ok(said)
}
