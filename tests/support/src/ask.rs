//! A client of the state port: connects, says nothing, reads to the end.

use std::io::{self, Read};
use std::net::{SocketAddrV4, TcpStream};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::wait::sleep;

/// One check and what came of it.
#[derive(Debug)]
pub struct Exchange {
    /// When the client began to connect.
    pub asked: Instant,
    /// When the server had closed.
    pub answered: Instant,
    /// The line without its end, or why there is none.
    pub answer: io::Result<String>,
}

/// Longest that one of the checks of [`ask_flat_out`] may take.
const FLAT_OUT_DEADLINE: Duration = Duration::from_secs(10);

/// Asks once and returns the line without its end; nothing if the server closed without a byte.
/// Anything but one whole line, followed by the server's close within `deadline`, is an error.
pub fn ask(address: SocketAddrV4, deadline: Duration) -> io::Result<String> {
    let end = Instant::now() + deadline;
    let mut stream = TcpStream::connect_timeout(&address.into(), deadline)?;
    let mut text = Vec::new();
    let mut buffer = [0; 512];
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut buffer)? {
            0 => return line(&text),
            count => text.extend(buffer.iter().take(count)),
        }
    }
}

fn line(text: &[u8]) -> io::Result<String> {
    let invalid = || {
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!("not one line: {text:?}"),
        )
    };
    if text.is_empty() {
        return Ok(String::new());
    }
    let line = text.strip_suffix(b"\n").ok_or_else(invalid)?;
    if line.contains(&b'\n') {
        return Err(invalid());
    }
    String::from_utf8(line.to_vec()).map_err(|_| invalid())
}

/// Lets so many clients ask without a pause while `during` runs; returns its value and every check,
/// in the order in which they were answered. Each client has asked once before `during` begins, and
/// asks once more after it has ended.
pub fn ask_flat_out<T>(
    address: SocketAddrV4,
    clients: usize,
    during: impl FnOnce() -> T,
) -> (T, Vec<Exchange>) {
    ask_during(address, clients, Duration::ZERO, during)
}

/// The same with one client that pauses between its checks.
pub fn ask_every<T>(
    pause: Duration,
    address: SocketAddrV4,
    during: impl FnOnce() -> T,
) -> (T, Vec<Exchange>) {
    ask_during(address, 1, pause, during)
}

fn ask_during<T>(
    address: SocketAddrV4,
    clients: usize,
    pause: Duration,
    during: impl FnOnce() -> T,
) -> (T, Vec<Exchange>) {
    let done = AtomicBool::new(false);
    let begin = Barrier::new(clients + 1);
    thread::scope(|scope| {
        let asking: Vec<_> = (0..clients)
            .map(|_| scope.spawn(|| ask_until(address, pause, &begin, &done)))
            .collect();
        let value = {
            // Also when `during` panics: the scope waits for its threads.
            let _stop = Stop(&done);
            begin.wait();
            during()
        };
        let mut exchanges: Vec<Exchange> = asking
            .into_iter()
            .flat_map(|client| client.join().unwrap_or_default())
            .collect();
        exchanges.sort_by_key(|exchange| exchange.answered);
        (value, exchanges)
    })
}

struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn ask_until(
    address: SocketAddrV4,
    pause: Duration,
    begin: &Barrier,
    done: &AtomicBool,
) -> Vec<Exchange> {
    let mut exchanges = vec![exchange(address)];
    begin.wait();
    while !done.load(Ordering::Relaxed) {
        exchanges.push(exchange(address));
        if !pause.is_zero() {
            sleep(pause);
        }
    }
    exchanges.push(exchange(address));
    exchanges
}

fn exchange(address: SocketAddrV4) -> Exchange {
    let asked = Instant::now();
    let answer = ask(address, FLAT_OUT_DEADLINE);
    Exchange {
        asked,
        answered: Instant::now(),
        answer,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::TcpListener;

    use super::*;
    use crate::ports;

    fn server(text: &'static [u8]) -> SocketAddrV4 {
        let address = ports::free().unwrap();
        let listener = TcpListener::bind(address).unwrap();
        thread::spawn(move || {
            for stream in listener.incoming() {
                stream.unwrap().write_all(text).unwrap();
            }
        });
        address
    }

    /// Enough on a machine that does everything at once.
    const PATIENCE: Duration = Duration::from_secs(30);

    #[test]
    fn one_line_is_read_to_the_end() {
        assert_eq!(ask(server(b"standby\n"), PATIENCE).unwrap(), "standby");
        assert_eq!(ask(server(b""), PATIENCE).unwrap(), "");
        for wrong in [&b"standby"[..], b"a\nb\n", b"\xff\n"] {
            let error = ask(server(wrong), PATIENCE).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{wrong:?}");
        }
    }

    #[test]
    fn an_answer_without_an_end_is_none() {
        let listener = TcpListener::bind(ports::free().unwrap()).unwrap();
        let std::net::SocketAddr::V4(address) = listener.local_addr().unwrap() else {
            panic!("bound to IPv4");
        };
        let error = ask(address, Duration::from_millis(50)).unwrap_err();
        let kind = error.kind();
        assert!(
            matches!(kind, io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut),
            "{kind}"
        );
    }

    #[test]
    fn checks_flat_out_are_told_in_order_from_before_to_after() {
        let address = server(b"standby\n");
        let ((begun, ended), exchanges) = ask_flat_out(address, 3, || {
            let begun = Instant::now();
            ask(address, PATIENCE).unwrap();
            (begun, Instant::now())
        });
        assert!(exchanges.is_sorted_by_key(|exchange| exchange.answered));
        let before = exchanges
            .iter()
            .filter(|exchange| exchange.answered < begun);
        let after = exchanges.iter().filter(|exchange| exchange.asked > ended);
        assert!(before.count() >= 3);
        assert!(after.count() >= 3);
        for exchange in exchanges {
            assert_eq!(exchange.answer.unwrap(), "standby");
        }
    }
}
