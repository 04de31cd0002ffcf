//! An address at which connections neither stand nor are refused, as at a host that has lost its power.

use std::net::{SocketAddrV4, TcpStream};
use std::os::fd::OwnedFd;

use rustix::net::{AddressFamily, SocketType, bind, listen, socket};

use crate::trouble::Trouble;

/// A socket whose queue is full: the kernel answers no further SYN (listen(2), tcp(7)).
#[derive(Debug)]
pub struct Deaf {
    _listener: OwnedFd,
    _first: TcpStream,
}

impl Deaf {
    /// Takes an address, and the one connection that its queue has room for.
    pub fn at(address: SocketAddrV4) -> Result<Self, Trouble> {
        let failed = |what: &str| Trouble::io(format!("{what} {address}"));
        let listener = socket(AddressFamily::INET, SocketType::STREAM, None);
        let listener = listener.map_err(|error| failed("make a socket for")(error.into()))?;
        bind(&listener, &address).map_err(|error| failed("bind")(error.into()))?;
        listen(&listener, 0).map_err(|error| failed("listen at")(error.into()))?;
        let first = TcpStream::connect(address).map_err(failed("fill the queue of"))?;
        Ok(Self {
            _listener: listener,
            _first: first,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::time::Duration;

    use super::*;
    use crate::ports;

    #[test]
    fn nobody_gets_in_and_nobody_is_refused() {
        let address = ports::free().unwrap();
        let _deaf = Deaf::at(address).unwrap();
        let refused = TcpStream::connect_timeout(&address.into(), Duration::from_millis(200));
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::TimedOut);
    }
}
