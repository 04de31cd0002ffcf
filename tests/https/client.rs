//! A client that speaks TLS, and as little HTTP as will do.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddrV4, TcpStream};
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion,
};

use crate::SECONDS;
use crate::pki::{Authority, Identity};

const BOTH: &[&SupportedProtocolVersion] = &[&TLS12, &TLS13];

/// An open connection.
pub(crate) struct Client(BufReader<StreamOwned<ClientConnection, TcpStream>>);

/// How it shakes hands.
pub(crate) struct Manner<'a> {
    pub(crate) trusted: &'a Authority,
    pub(crate) own: Option<&'a Identity>,
    pub(crate) versions: &'a [&'static SupportedProtocolVersion],
}

impl<'a> Manner<'a> {
    pub(crate) fn trusting(trusted: &'a Authority) -> Self {
        Self {
            trusted,
            own: None,
            versions: BOTH,
        }
    }

    pub(crate) fn showing(trusted: &'a Authority, own: &'a Identity) -> Self {
        Self {
            own: Some(own),
            ..Self::trusting(trusted)
        }
    }

    fn config(&self) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        let root = CertificateDer::from_pem_slice(self.trusted.pem().as_bytes()).unwrap();
        roots.add(root).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(self.versions)
            .unwrap()
            .with_root_certificates(roots);
        match self.own {
            None => builder.with_no_client_auth(),
            Some(own) => {
                let chain = CertificateDer::from_pem_slice(own.certificate.as_bytes()).unwrap();
                let key = PrivateKeyDer::from_pem_slice(own.key.as_bytes()).unwrap();
                builder.with_client_auth_cert(vec![chain], key).unwrap()
            }
        }
    }

    pub(crate) fn connect(&self, address: SocketAddrV4) -> io::Result<Client> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(SECONDS))?;
        stream.set_write_timeout(Some(SECONDS))?;
        let name = ServerName::IpAddress((*address.ip()).into());
        let connection = ClientConnection::new(Arc::new(self.config()), name);
        let connection = connection.map_err(io::Error::other)?;
        let mut stream = StreamOwned::new(connection, stream);
        // Shakes hands.
        stream.conn.complete_io(&mut stream.sock)?;
        Ok(Client(BufReader::new(stream)))
    }

    /// The status of one request on a connection of its own.
    pub(crate) fn status(&self, address: SocketAddrV4, path: &str) -> io::Result<u16> {
        self.connect(address)?.status(path)
    }
}

impl Client {
    /// The status of the next request.
    pub(crate) fn status(&mut self, path: &str) -> io::Result<u16> {
        let (first, _) = self.ask(path)?;
        let status = first.split(' ').nth(1).and_then(|code| code.parse().ok());
        status.ok_or_else(|| io::Error::other(first))
    }

    /// What the next request is answered with.
    pub(crate) fn document(&mut self, path: &str) -> io::Result<String> {
        let (_, body) = self.ask(path)?;
        String::from_utf8(body).map_err(io::Error::other)
    }

    /// Waits until the daemon ends the connection, of its own accord and in order or not.
    pub(crate) fn ends(&mut self) -> io::Result<()> {
        const ENDS: [io::ErrorKind; 2] =
            [io::ErrorKind::UnexpectedEof, io::ErrorKind::ConnectionReset];
        match self.0.read(&mut [0]) {
            Ok(0) => Ok(()),
            Ok(_) => Err(io::Error::other("it said something")),
            Err(error) if ENDS.contains(&error.kind()) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The first line of an answer, and its body.
    fn ask(&mut self, path: &str) -> io::Result<(String, Vec<u8>)> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: srv1\r\n\r\n");
        let stream = self.0.get_mut();
        stream.write_all(request.as_bytes())?;
        stream.flush()?;
        let first = self.line()?;
        let mut length = 0;
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            if let Some(("content-length", value)) = line.split_once(": ") {
                length = value.parse().map_err(io::Error::other)?;
            }
        }
        let mut body = Vec::new();
        (&mut self.0).take(length).read_to_end(&mut body)?;
        Ok((first, body))
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.0.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_ascii_lowercase())
    }
}
