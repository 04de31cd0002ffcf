use std::io::Write;
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener};
use std::thread;

use super::*;

const RIGHT: &[u8] = b"production\n";

fn listener() -> (TcpListener, SocketAddrV4) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, SocketAddrV4::new(Ipv4Addr::LOCALHOST, port))
}

/// A server that answers its connections with `answer(number)`, `None` being a close without a byte,
/// until the test ends.
fn server(answer: impl Fn(u32) -> Option<&'static [u8]> + Send + 'static) -> Endpoint {
    let (listener, address) = listener();
    thread::spawn(move || {
        for (number, stream) in (0..).zip(listener.incoming()) {
            if let Some(answer) = answer(number) {
                drop(stream.unwrap().write_all(answer));
            }
        }
    });
    Endpoint::speaks_first(address, RIGHT)
}

fn run(endpoint: &Endpoint, width: u32, until: Until) -> Tally {
    Load::new(endpoint, width, &Interrupt::default())
        .unwrap()
        .run(until)
        .unwrap()
}

#[test]
fn every_client_asks_again_until_enough_was_asked() {
    let tally = run(&server(|_| Some(RIGHT)), 4, Until::Checks(100));
    // Who is under way when the hundredth comes is waited for.
    assert!((100..108).contains(&tally.answers()), "{}", tally.answers());
    assert_eq!(tally.losses(), 0);
    assert!(tally.percentile(99).is_some());
}

#[test]
fn a_wrong_answer_and_an_empty_one_are_lost() {
    let wrong = server(|number| match number % 3 {
        0 => Some(b"standby\n"),
        1 => None,
        _ => Some(RIGHT),
    });
    let tally = run(&wrong, 1, Until::Checks(5));
    assert_eq!((tally.answers(), tally.losses()), (1, 4));
}

#[test]
fn a_refused_client_rests_instead_of_counting_as_fast_as_it_can() {
    let (listener, address) = listener();
    drop(listener);
    let endpoint = Endpoint::speaks_first(address, RIGHT);
    let length = TICK * 4;
    let tally = run(&endpoint, 1, Until::Elapsed(length));
    assert_eq!(tally.answers(), 0);
    assert!((1..=5).contains(&tally.losses()), "{}", tally.losses());
}

#[test]
fn who_is_never_answered_is_lost_after_the_patience_though_the_time_was_up_before() {
    let (listener, address) = listener();
    let endpoint = Endpoint::speaks_first(address, RIGHT);
    let began = Instant::now();
    let tally = run(&endpoint, 3, Until::Elapsed(TICK));
    assert!(began.elapsed() >= PATIENCE);
    assert_eq!((tally.answers(), tally.losses()), (0, 3));
    drop(listener);
}

#[test]
fn a_request_is_sent_before_the_answer_is_awaited() {
    let (listener, address) = listener();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4];
            io::Read::read_exact(&mut stream, &mut request).unwrap();
            stream.write_all(&request).unwrap();
        }
    });
    let endpoint = Endpoint {
        address,
        request: b"ask\n",
        expected: b"ask\n",
        end: End::Close,
    };
    let tally = run(&endpoint, 1, Until::Checks(3));
    assert!(tally.answers() >= 3, "{}", tally.answers());
    assert_eq!(tally.losses(), 0);
}

/// A server of kept connections that answers so many requests on each, and closes upon the next.
fn keeping(answers: u32) -> Endpoint {
    let (listener, address) = listener();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = vec![0; Endpoint::http(address, End::EmptyLine).request.len()];
            for _ in 0..answers {
                if io::Read::read_exact(&mut stream, &mut request).is_err() {
                    break;
                }
                drop(stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"));
            }
        }
    });
    Endpoint::http(address, End::EmptyLine)
}

#[test]
fn a_kept_connection_is_asked_again_and_its_end_is_a_loss() {
    let endpoint = keeping(u32::MAX);
    let tally = run(&endpoint, 1, Until::Checks(50));
    // Who is under way when the fiftieth comes is waited for.
    assert!(tally.answers() >= 50, "{}", tally.answers());
    assert_eq!(tally.losses(), 0);
    assert_eq!(endpoint.ask().ok(), Some(true));
    let tally = run(&keeping(4), 1, Until::Checks(10));
    assert_eq!((tally.answers(), tally.losses()), (8, 2));
}
