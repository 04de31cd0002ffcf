//! Stands where a server would: on two ports of three addresses, in two folders and under an abstract name.
//! It lets nobody in, and writes down what a client sends until then.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;

/// `SSLRequest`, `GSSENCRequest` and the version in a `StartupMessage` (manual, "Message Formats").
const SSL_REQUEST: u32 = 80_877_103;
const GSSENC_REQUEST: u32 = 80_877_104;
const PROTOCOL_3_0: u32 = 196_608;

/// How long a client may be silent in the middle of a message.
const SILENCE: Duration = Duration::from_secs(10);
/// How often it is looked whether somebody comes.
const PAUSE: Duration = Duration::from_millis(1);

/// A connection, as far as it came.
#[derive(Debug, Default)]
pub(crate) struct Connection {
    pub(crate) place: String,
    pub(crate) asked_for_tls: bool,
    pub(crate) startup: Option<BTreeMap<String, String>>,
    pub(crate) password: Option<String>,
}

pub(crate) struct Listener {
    files: TempDir,
    ports: [u16; 2],
    tcp: Vec<TcpListener>,
    unix: Vec<(String, UnixListener)>,
    more: Vec<(&'static str, String)>,
}

impl Listener {
    pub(crate) fn new() -> Self {
        let files = tempfile::tempdir().unwrap();
        let ((one, mut tcp), (other, more)) = (port(), port());
        tcp.extend(more);
        let mut unix = Vec::new();
        for port in [one, other] {
            for folder in ["a", "b c"] {
                let path = files.path().join(folder);
                std::fs::create_dir_all(&path).unwrap();
                let path = path.join(format!(".s.PGSQL.{port}"));
                unix.push((socket(&path), UnixListener::bind(&path).unwrap()));
            }
        }
        let name = format!("pgsql-state-{}-{one}/.s.PGSQL.{one}", std::process::id());
        let address = SocketAddr::from_abstract_name(name.as_bytes()).unwrap();
        unix.push((
            format!("socket @{name}"),
            UnixListener::bind_addr(&address).unwrap(),
        ));
        for (_, listener) in &unix {
            listener.set_nonblocking(true).unwrap();
        }
        Self {
            files,
            ports: [one, other],
            tcp,
            unix,
            more: Vec::new(),
        }
    }

    /// Puts this listener's places into a string.
    pub(crate) fn fill(&self, text: &str) -> String {
        let [one, other] = self.ports;
        let folder = |name| self.files.path().join(name).display().to_string();
        text.replace("{port}", &one.to_string())
            .replace("{other}", &other.to_string())
            .replace("{dir}", &folder("a"))
            .replace("{dir%}", &folder("a").replace('/', "%2F"))
            .replace(
                "{user}",
                uzers::get_current_username().unwrap().to_str().unwrap(),
            )
            .replace("{dir 2}", &folder("b c"))
            .replace(
                "{abstract}",
                &format!("@pgsql-state-{}-{one}", std::process::id()),
            )
    }

    /// The environment in which a string is read.
    pub(crate) fn variables(&self) -> BTreeMap<&'static str, String> {
        let folder = self.home().join("system").display().to_string();
        [
            ("PGHOST", "{dir}".to_owned()),
            ("PGPORT", "{port}".into()),
            ("PGSYSCONFDIR", folder),
        ]
        .into_iter()
        .chain(self.more.iter().cloned())
        .map(|(name, value)| (name, self.fill(&value)))
        .collect()
    }

    /// Sets another variable.
    pub(crate) fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.more.push((name, value.into()));
    }

    /// Writes a file below the home.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.home().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, self.fill(text)).unwrap();
    }

    /// An empty home.
    pub(crate) fn home(&self) -> &Path {
        self.files.path()
    }

    /// Where it listens.
    pub(crate) fn places(&self) -> Vec<String> {
        let tcp = self
            .tcp
            .iter()
            .map(|listener| format!("tcp {}", listener.local_addr().unwrap()));
        tcp.chain(self.unix.iter().map(|(place, _)| place.clone()))
            .collect()
    }

    /// Runs a client to its end, and hears it.
    #[expect(
        clippy::disallowed_methods,
        reason = "nothing tells both of a client that comes and of one that ends"
    )]
    pub(crate) fn hear(
        &self,
        command: &mut Command,
        asks_for_password: bool,
    ) -> (Output, Vec<Connection>) {
        let mut child: Child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut heard = Vec::new();
        loop {
            let has_ended = child.try_wait().unwrap().is_some();
            let before = heard.len();
            self.accept(asks_for_password, &mut heard);
            if has_ended && heard.len() == before {
                break;
            }
            sleep(PAUSE);
        }
        (child.wait_with_output().unwrap(), heard)
    }

    fn accept(&self, asks_for_password: bool, heard: &mut Vec<Connection>) {
        for listener in &self.tcp {
            while let Some(stream) = come(listener.accept().map(|(stream, _)| stream)) {
                let place = format!("tcp {}", stream.local_addr().unwrap());
                TcpStream::set_nonblocking(&stream, false).unwrap();
                stream.set_read_timeout(Some(SILENCE)).unwrap();
                heard.push(hear(stream, place, asks_for_password));
            }
        }
        for (place, listener) in &self.unix {
            while let Some(stream) = come(listener.accept().map(|(stream, _)| stream)) {
                UnixStream::set_nonblocking(&stream, false).unwrap();
                stream.set_read_timeout(Some(SILENCE)).unwrap();
                heard.push(hear(stream, place.clone(), asks_for_password));
            }
        }
    }
}

/// How a Unix socket is called here.
pub(crate) fn socket(path: &Path) -> String {
    let folder = path.parent().unwrap();
    let folder = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.into());
    format!(
        "socket {}",
        folder.join(path.file_name().unwrap()).display()
    )
}

/// A port that is free at all three addresses.
fn port() -> (u16, Vec<TcpListener>) {
    loop {
        let first = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = first.local_addr().unwrap().port();
        let others = [format!("127.9.0.1:{port}"), format!("[::1]:{port}")];
        let others: Result<Vec<_>, _> = others.iter().map(TcpListener::bind).collect();
        let Ok(others) = others else { continue };
        let all: Vec<_> = [first].into_iter().chain(others).collect();
        for listener in &all {
            listener.set_nonblocking(true).unwrap();
        }
        return (port, all);
    }
}

fn come<T>(accepted: std::io::Result<T>) -> Option<T> {
    match accepted {
        Ok(stream) => Some(stream),
        Err(error) if error.kind() == ErrorKind::WouldBlock => None,
        Err(error) => panic!("{error}"),
    }
}

fn hear(mut stream: impl Read + Write, place: String, asks_for_password: bool) -> Connection {
    let mut met = Connection {
        place,
        ..Connection::default()
    };
    // A client that goes away ends the connection, whatever was to come.
    drop(converse(&mut stream, &mut met, asks_for_password));
    met
}

fn converse(
    stream: &mut (impl Read + Write),
    met: &mut Connection,
    asks_for_password: bool,
) -> std::io::Result<()> {
    loop {
        let body = message(stream)?;
        let (code, rest) = body.split_at(4);
        match u32::from_be_bytes(code.try_into().unwrap()) {
            SSL_REQUEST => met.asked_for_tls = true,
            GSSENC_REQUEST => {}
            PROTOCOL_3_0 => {
                met.startup = Some(parameters(rest));
                break;
            }
            other => panic!("a client begins with {other}"),
        }
        stream.write_all(b"N")?;
    }
    if asks_for_password {
        stream.write_all(b"R\0\0\0\x08\0\0\0\x03")?;
        stream.read_exact(&mut [0])?;
        let body = message(stream)?;
        met.password = Some(String::from_utf8_lossy(&body[..body.len() - 1]).into());
    }
    let fields = b"SFATAL\0VFATAL\0C28000\0Mheard\0\0";
    let length = u32::try_from(fields.len() + 4).unwrap().to_be_bytes();
    stream.write_all(&[b"E".as_slice(), &length, fields].concat())
}

fn message(stream: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let mut body = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap() - 4];
    stream.read_exact(&mut body)?;
    Ok(body)
}

fn parameters(text: &[u8]) -> BTreeMap<String, String> {
    let texts: Vec<_> = text
        .split(|byte| *byte == 0)
        .map(|text| String::from_utf8_lossy(text).into_owned())
        .collect();
    let pairs = texts.chunks_exact(2);
    pairs
        .filter(|pair| !pair[0].is_empty())
        .map(|pair| (pair[0].clone(), pair[1].clone()))
        .collect()
}
