//! The bare hyper server: answers every request with 200 and an empty body. It knows nothing of PostgreSQL
//! and is the least that an answer over HTTP costs with this library and runtime.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddrV4;
use std::process::Command;

use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::runtime;

use super::bare::listener;
use super::{Contender, Name, Running};
use crate::client::{End, Endpoint};
use crate::error::Error;
use crate::host::packages::Needed;
use crate::host::{Enclosure, Host, ports};

/// This program, started again as the server, and asked in this way.
pub(crate) struct BareHttp(pub(crate) End);

impl Contender for BareHttp {
    fn name(&self) -> Name {
        match self.0 {
            End::Close => Name::BareHttp,
            End::EmptyLine => Name::BareHttpKept,
        }
    }

    fn needs(&self) -> Vec<Needed> {
        Vec::new()
    }

    fn version(&self) -> Result<String, Error> {
        super::Bare.version()
    }

    fn start(&self, host: &Host) -> Result<Running, Error> {
        let own = std::env::current_exe()
            .map_err(|error| Error::io("find the program that runs", error))?;
        let program = host.folder.copy_program(&own)?;
        let address = ports::free()?;
        let mut enclosure = Enclosure::new(host, self.name().tag());
        let mut command = Command::new(program);
        enclosure.spawn(command.arg("bare-http").arg(address.to_string()))?;
        Running {
            name: self.name(),
            endpoint: Endpoint::http(address, self.0),
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
            if let Ok((stream, _)) = listener.accept().await {
                let connection = http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service_fn(answer));
                tokio::spawn(connection);
            }
        }
    })
}

async fn answer(_: Request<Incoming>) -> Result<Response<Empty<Bytes>>, Infallible> {
    Ok(Response::new(Empty::new()))
}
