//! Those whom the daemon asks, and who lie: a peer of the cluster that never ends its answer, and a server that never
//! stops talking.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::{self, Scope};
use std::time::Duration;

use super::attack::Lie;
use crate::contender::LIARS_SOCKET;
use crate::error::Error;
use crate::interrupt::pause;

/// Where the lying peer is.
pub(super) const PEER: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(127, 66, 0, 2), 8008);

/// How long a lie may wait for a hearer before it is looked whether all is done.
const WAIT: Duration = Duration::from_millis(100);

/// What each kind says first, and then again and again.
fn words(lie: Lie) -> (&'static [u8], &'static [u8]) {
    match lie {
        Lie::Informational => (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        Lie::Body => (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"8\r\n[[[[[[[[\r\n",
        ),
        // AuthenticationOk; then NoticeResponse.
        Lie::Notices => (
            b"R\0\0\0\x08\0\0\0\0",
            b"N\0\0\0\x1dSNOTICE\0C00000\0Mproduct\0\0",
        ),
    }
}

/// Lies to everybody who comes until told to stop, and returns how many came.
pub(super) fn lie(lie: Lie, folder: &Path, done: &AtomicBool) -> Result<u32, Error> {
    let listener = match lie {
        Lie::Informational | Lie::Body => Listener::peer()?,
        Lie::Notices => Listener::server(folder)?,
    };
    let came = AtomicU32::new(0);
    thread::scope(|scope| {
        while !done.load(Ordering::Relaxed) {
            if listener.accept(scope, lie, done)? {
                came.fetch_add(1, Ordering::Relaxed);
            } else {
                pause();
            }
        }
        Ok(())
    })
    .map(|()| came.into_inner())
}

enum Listener {
    Peer(TcpListener),
    Server(UnixListener),
}

impl Listener {
    fn peer() -> Result<Self, Error> {
        let listen = || -> std::io::Result<Self> {
            let listener = TcpListener::bind(PEER)?;
            listener.set_nonblocking(true)?;
            Ok(Self::Peer(listener))
        };
        listen().map_err(|error| Error::io("listen as a peer", error))
    }

    fn server(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(LIARS_SOCKET);
        let listen = || -> std::io::Result<Self> {
            let listener = UnixListener::bind(&path)?;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o777))?;
            listener.set_nonblocking(true)?;
            Ok(Self::Server(listener))
        };
        listen().map_err(Error::file(&path))
    }

    /// Whether somebody came.
    fn accept<'scope>(
        &self,
        scope: &'scope Scope<'scope, '_>,
        lie: Lie,
        done: &'scope AtomicBool,
    ) -> Result<bool, Error> {
        let came = match self {
            Self::Peer(listener) => listener.accept().and_then(|(stream, _)| {
                stream.set_nonblocking(false)?;
                stream.set_read_timeout(Some(WAIT))?;
                stream.set_write_timeout(Some(WAIT))?;
                scope.spawn(move || talk(stream, lie, done));
                Ok(())
            }),
            Self::Server(listener) => listener.accept().and_then(|(stream, _)| {
                stream.set_nonblocking(false)?;
                stream.set_read_timeout(Some(WAIT))?;
                stream.set_write_timeout(Some(WAIT))?;
                scope.spawn(move || talk(stream, lie, done));
                Ok(())
            }),
        };
        match came {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(Error::io("hear who comes", error)),
        }
    }
}

fn talk(mut stream: impl Read + Write, lie: Lie, done: &AtomicBool) {
    let (first, again) = words(lie);
    let mut asked = [0; 512];
    if stream.read(&mut asked).is_err() || stream.write_all(first).is_err() {
        return;
    }
    let much = again.repeat(1000);
    let mut rest: &[u8] = &much;
    while !done.load(Ordering::Relaxed) {
        match stream.write(rest) {
            Ok(0) => return,
            Ok(written) => {
                rest = rest.get(written..).unwrap_or_default();
                if rest.is_empty() {
                    rest = &much;
                }
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_as_long_as_it_says() {
        let (_, notice) = words(Lie::Notices);
        let length: [u8; 4] = notice.get(1..5).unwrap().try_into().unwrap();
        assert_eq!(
            u32::from_be_bytes(length) + 1,
            u32::try_from(notice.len()).unwrap()
        );
    }
}
