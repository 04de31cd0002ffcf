//! What must hold for any bytes that programs of the host and servers print: a CIB, the rules of `pg_hba.conf`,
//! and the messages of a server.

use std::collections::BTreeMap;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use pgsql_state::postgres::conninfo::{ChannelBinding, RequireAuth};
use pgsql_state::postgres::wire::authenticate::{Credentials, authenticate};
use pgsql_state::postgres::wire::{Messages, Request};
use pgsql_state::tools::doctor::{Report, pacemaker, pg_hba};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A CIB is refused or judged, and each finding says how it is mended, in text that a terminal can show.
pub(crate) fn cib(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(cib) = pacemaker::cib::Cib::read(&text) else {
        return;
    };
    let mut report = Report::default();
    pacemaker::judge(&cib, &mut report);
    assert!(
        report
            .findings()
            .iter()
            .all(|found| !found.remedy.is_empty())
    );
    let said = report.to_string();
    assert!(!said.is_empty() && !said.contains(['\u{1b}', '\r', '\0']));
}

/// Rows of the view up to an empty line, then the text of the file. To mark quotes twice is to mark them once.
pub(crate) fn hba(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (rows, file) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut lines: Vec<pg_hba::HbaLine> = rows.lines().filter_map(pg_hba::read).collect();
    pg_hba::quotes::mark(&mut lines, file, |_| true);
    let marked = lines.clone();
    pg_hba::quotes::mark(&mut lines, file, |_| true);
    assert_eq!(lines, marked);
    let mut report = Report::default();
    let facts = pg_hba::HbaFacts {
        lines: &lines,
        file: "pg_hba.conf",
        own: &["10.0.0.1".parse().unwrap(), "::1".parse().unwrap()],
        node: Some("srv1"),
        hosts: &BTreeMap::new(),
        psql: "psql",
        members: "",
    };
    assert!(
        pg_hba::hosts(&lines)
            .iter()
            .all(|name| !name.starts_with('.'))
    );
    pg_hba::judge(facts, &mut report);
    assert!(!report.to_string().contains(['\u{1b}', '\r', '\0']));
}

/// A server that says these bytes and closes: whatever they are, a login and a question come to an end.
pub(crate) fn messages(bytes: &[u8]) {
    let credentials = Credentials {
        user: "monitor",
        password: Some(b"right"),
        allowed: &RequireAuth::any(),
        channel_binding: ChannelBinding::Prefer,
        end_point: None,
    };
    let request = Request::statement("SELECT true").unwrap();
    let asked = at_once(Messages::over(Said::new(bytes)).ask_one(&request));
    if let Ok(row) = asked {
        drop((row.bool(0), row.int8(1), row.lsn(2)));
        drop(row.text(3));
    }
    let mut messages = Messages::over(Said::new(bytes));
    if let Err(error) = at_once(authenticate(&mut messages, &credentials)) {
        assert!(!error.to_string().contains(char::is_control), "{error}");
    }
}

/// The stream never has anybody wait.
#[expect(clippy::panic, reason = "a reader that waits fails its test")]
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => panic!("it waits"),
    }
}

struct Said(io::Cursor<Vec<u8>>);

impl Said {
    fn new(bytes: &[u8]) -> Self {
        Self(io::Cursor::new(bytes.to_vec()))
    }
}

impl AsyncRead for Said {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Said {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
