//! Attempts are made as planned, with a server that speaks only what this needs of the protocol.

use std::io;
use std::time::Duration;

use tokio::io::{
    AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, DuplexStream,
};
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::postgres;
use crate::postgres::presets::Presets;

/// `SSLRequest` (PostgreSQL manual, "Message Formats").
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// What a server does when it is asked for TLS.
#[derive(Clone, Copy, Debug)]
enum Server {
    Agrees,
    Declines,
    /// Expects TLS without being asked.
    Direct,
}

/// How the client logged in.
#[derive(Debug, PartialEq, Eq)]
enum Login {
    Plain,
    Encrypted,
}

impl Server {
    async fn serve(self, stream: DuplexStream, tls: ServerConfig) -> io::Result<Login> {
        let mut stream = BufReader::new(stream);
        let asked = stream.fill_buf().await?.starts_with(&SSL_REQUEST);
        match (self, asked) {
            (Self::Direct, _) => {}
            (Self::Agrees | Self::Declines, false) => return log_in(stream, Login::Plain).await,
            (Self::Agrees, true) => {
                stream.consume(SSL_REQUEST.len());
                stream.write_all(b"S").await?;
            }
            (Self::Declines, true) => {
                stream.consume(SSL_REQUEST.len());
                stream.write_all(b"N").await?;
                return log_in(stream, Login::Plain).await;
            }
        }
        let stream = TlsAcceptor::from(Arc::new(tls)).accept(stream).await?;
        log_in(stream, Login::Encrypted).await
    }
}

/// Reads the `StartupMessage` and lets the client in.
async fn log_in(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    login: Login,
) -> io::Result<Login> {
    let length = usize::try_from(stream.read_u32().await?).expect("a length");
    stream.read_exact(&mut vec![0; length - 4]).await?;
    // AuthenticationOk, ReadyForQuery.
    stream.write_all(b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I").await?;
    stream.flush().await?;
    Ok(login)
}

async fn connect(attempt: &Attempt, server: Server, tls: ServerConfig) -> Result<Login, String> {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let target = HomeDirectory::new().target("host=db1");
    let login = postgres::login::Login::new(
        &target,
        Duration::from_secs(10),
        postgres::login::SessionPurpose::Database,
    )
    .expect("a login");
    let ask = login.on(ours, attempt, Presets::Taken);
    let (login, asked) = tokio::join!(server.serve(theirs, tls), ask);
    let session = asked.map_err(|refusal| refusal.to_string())?;
    drop(session);
    login.map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_login_asks_for_tls_as_planned_and_goes_on_as_planned_without() {
    let identity = Authority::new("ours").certify(&params("db1", &["db1"]));
    let (bare, encrypted, failed) = (Ok(Login::Plain), Ok(Login::Encrypted), Err(()));
    for (conninfo, server, outcomes) in [
        ("sslmode=disable", Server::Agrees, vec![&bare]),
        ("sslmode=allow", Server::Agrees, vec![&bare, &encrypted]),
        ("sslmode=allow", Server::Declines, vec![&bare, &failed]),
        ("sslmode=prefer", Server::Agrees, vec![&encrypted, &bare]),
        ("sslmode=prefer", Server::Declines, vec![&bare, &bare]),
        ("sslmode=require", Server::Agrees, vec![&encrypted]),
        ("sslmode=require", Server::Declines, vec![&failed]),
        (
            "sslmode=require sslnegotiation=direct",
            Server::Direct,
            vec![&encrypted],
        ),
    ] {
        let plan = HomeDirectory::new().plan(&format!("host=db1 {conninfo}"));
        assert_eq!(plan.attempts().len(), outcomes.len(), "{conninfo}");
        for (attempt, outcome) in plan.attempts().iter().zip(outcomes) {
            let attempt = attempt.as_ref().expect(conninfo);
            let mut tls = super::server(&identity);
            tls.alpn_protocols = vec![ALPN.into()];
            let login = connect(attempt, server, tls).await;
            let told = format!("{conninfo} {server:?} {attempt:?}: {login:?}");
            assert_eq!(&login.map_err(|_| ()), outcome, "{told}");
        }
    }
}
