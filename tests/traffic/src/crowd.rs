//! A crowd on one port: so many connections at once, each of which does what strangers do and comes again.
//! It knows nothing of what is said there.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use clap::{Args, ValueEnum};
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::error::Error;
use crate::plan::some_time;

/// Longest that one connection may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Before a client comes again that was not let in.
const PAUSE: Duration = Duration::from_millis(10);

/// What a crowd is to do.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Crowd {
    /// Where it connects
    #[arg(long, value_name = "ADDRESS:PORT")]
    to: SocketAddr,

    /// The address from which it comes [default: the system's choice]
    #[arg(long, value_name = "ADDRESS")]
    from: Option<IpAddr>,

    /// How many connections at once
    #[arg(long, default_value_t = 300)]
    connections: usize,

    /// What each does
    #[arg(long, value_enum, default_value_t = Doing::Read)]
    doing: Doing,

    /// How long
    #[arg(long = "for", default_value = "15s", value_name = "TIME", value_parser = some_time)]
    length: Duration,
}

/// What a client does with its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Doing {
    /// Reads to the end.
    Read,
    /// Nothing, for as long as it may take.
    Nothing,
    /// Sends half a PROXY header, and reads.
    Header,
    /// Sends a byte a second, and does not read.
    Bytes,
    /// Resets it, as `HAProxy` does after a check.
    Reset,
}

/// What became of its connections.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Came {
    answered: usize,
    empty: usize,
    refused: usize,
}

impl fmt::Display for Came {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            answered,
            empty,
            refused,
        } = self;
        write!(
            f,
            "{answered} answered, {empty} heard nothing, {refused} cut off or not let in"
        )
    }
}

impl Crowd {
    /// Comes until the time is over.
    pub(crate) async fn come(self) -> Result<Came, Error> {
        let end = Instant::now() + self.length;
        let mut clients = JoinSet::new();
        for _ in 0..self.connections {
            clients.spawn(self.come_again_until(end));
        }
        let all = clients.join_all().await;
        Ok(all.into_iter().fold(Came::default(), |sum, one| Came {
            answered: sum.answered + one.answered,
            empty: sum.empty + one.empty,
            refused: sum.refused + one.refused,
        }))
    }

    async fn come_again_until(self, end: Instant) -> Came {
        let mut came = Came::default();
        while Instant::now() < end {
            match timeout_at(end, timeout(PATIENCE, self.visit())).await {
                Ok(Ok(Ok(0))) => came.empty += 1,
                Ok(Ok(Ok(_))) => came.answered += 1,
                Ok(Ok(Err(_)) | Err(_)) => {
                    came.refused += 1;
                    sleep(PAUSE).await;
                }
                // One that was under way at the end counts for nothing.
                Err(_) => {}
            }
        }
        came
    }

    /// How many bytes were heard.
    async fn visit(&self) -> std::io::Result<usize> {
        let mut stream = self.connect().await?;
        let mut said = Vec::new();
        match self.doing {
            Doing::Read => stream.read_to_end(&mut said).await,
            Doing::Header => {
                stream.write_all(b"PROXY TCP4 10.20.").await?;
                stream.read_to_end(&mut said).await
            }
            Doing::Nothing => {
                sleep(PATIENCE).await;
                Ok(0)
            }
            Doing::Bytes => loop {
                stream.write_all(b"P").await?;
                sleep(Duration::from_secs(1)).await;
            },
            Doing::Reset => {
                SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
                Ok(0)
            }
        }
    }

    async fn connect(&self) -> std::io::Result<TcpStream> {
        let socket = match self.to {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        if let Some(from) = self.from {
            socket.bind(SocketAddr::new(from, 0))?;
        }
        socket.connect(self.to).await
    }
}
