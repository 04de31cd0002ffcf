//! The bare tokio server: accepts, writes a line, closes. It knows nothing of PostgreSQL and is the
//! least that an answer over TCP costs on this runtime.

use std::io;
use std::net::{SocketAddr, SocketAddrV4};
use std::process::Command;

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime;

use super::{Contender, Name, Running};
use crate::client::Endpoint;
use crate::error::Error;
use crate::host::packages::Needed;
use crate::host::{Enclosure, Host, ports};

/// Enough for every client of the widest load to wait in the kernel.
const BACKLOG: u32 = 4096;

/// This program, started again as the server.
pub(crate) struct Bare;

impl Contender for Bare {
    fn name(&self) -> Name {
        Name::Bare
    }

    fn needs(&self) -> Vec<Needed> {
        Vec::new()
    }

    fn version(&self) -> Result<String, Error> {
        Ok(format!(
            "bare server of pgsql-state-bench {}",
            env!("CARGO_PKG_VERSION")
        ))
    }

    fn start(&self, host: &Host) -> Result<Running, Error> {
        let own = std::env::current_exe()
            .map_err(|error| Error::io("find the program that runs", error))?;
        let program = host.folder.copy_program(&own)?;
        let address = ports::free()?;
        let mut enclosure = Enclosure::new(host, self.name().tag());
        enclosure.spawn(Command::new(program).arg("bare").arg(address.to_string()))?;
        let endpoint = Endpoint::speaks_first(address, b"production\n");
        Running {
            name: self.name(),
            endpoint,
            enclosure,
            postgres: None,
        }
        .ready(host)
    }
}

/// The server itself; ends only with an error.
pub(crate) fn serve(address: SocketAddrV4) -> io::Result<()> {
    let runtime = runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let listener = listener(address)?;
        loop {
            // A client that went away while it waited is none to answer.
            if let Ok((mut stream, _)) = listener.accept().await {
                drop(stream.write_all(b"production\n").await);
            }
        }
    })
}

/// A listening socket whose queue no load fills.
pub(super) fn listener(address: SocketAddrV4) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(SocketAddr::V4(address))?;
    socket.listen(BACKLOG)
}
