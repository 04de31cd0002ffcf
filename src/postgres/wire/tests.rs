//! Tests of conversations with a server that sends what the test gives it.

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use super::*;
use crate::postgres::conninfo::{Environment, RequireAuth, ServiceFile, Target};

/// A message with its length, which counts itself.
fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).expect("a length");
    [&[tag], &length.to_be_bytes()[..], body].concat()
}

fn error(severity: &str, code: &str, text: &str) -> Vec<u8> {
    let fields = format!("SFEHLER\0V{severity}\0C{code}\0M{text}\0\0");
    message(b'E', fields.as_bytes())
}

/// A row of one column that is one byte.
fn row(byte: u8) -> Vec<u8> {
    message(b'D', &[0, 1, 0, 0, 0, 1, byte])
}

fn ready() -> Vec<u8> {
    message(b'Z', b"I")
}

fn request() -> Request {
    Request::statement("SELECT true").expect("a request")
}

/// The answer to one request from a server that says this and closes.
async fn answer_of(said: &[Vec<u8>]) -> Result<bool, WireError> {
    let (ours, mut server) = tokio::io::duplex(1 << 20);
    server.write_all(&said.concat()).await.expect("room");
    drop(server);
    let row = Messages::over(ours).ask_one(&request()).await?;
    Row::known(row.bool(0)?)
}

#[tokio::test]
async fn one_row_is_the_answer_whatever_comes_between() {
    let setting = message(b'S', b"in_hot_standby\0off\0");
    let notice = message(b'N', b"SNOTICE\0C00000\0Mproduction\0\0");
    let bound = message(b'2', b"");
    let complete = message(b'C', b"SELECT 1\0");
    for (byte, value) in [(0, false), (1, true)] {
        let said = [&setting, &bound, &row(byte), &notice, &complete, &ready()].map(Clone::clone);
        assert_eq!(answer_of(&said).await.expect("an answer"), value);
    }
}

#[tokio::test]
async fn an_answer_may_come_byte_by_byte() {
    let (ours, mut server) = tokio::io::duplex(1);
    let mut messages = Messages::over(ours);
    let request = request();
    let serve = async {
        let mut heard = vec![0; request.bytes().len()];
        server.read_exact(&mut heard).await.expect("the request");
        for byte in [row(1), ready()].concat() {
            server.write_u8(byte).await.expect("a reader");
        }
        heard
    };
    let (heard, row) = tokio::join!(serve, messages.ask_one(&request));
    assert_eq!(heard, request.bytes());
    assert_eq!(row.expect("a row").bool(0).expect("a value"), Some(true));
}

#[tokio::test]
async fn no_row_two_rows_and_a_broken_one_are_no_answer() {
    let cut = message(b'D', &[0, 1, 0, 0, 0, 9, 1]);
    let null = message(b'D', &[0, 1, 255, 255, 255, 255]);
    for rows in [vec![], vec![row(1), row(1)], vec![cut], vec![null]] {
        let said = [rows.clone(), vec![ready()]].concat();
        let answer = answer_of(&said).await;
        assert!(matches!(answer, Err(WireError::Protocol(_))), "{rows:?}");
    }
}

#[tokio::test]
async fn a_row_before_an_error_or_the_end_does_not_count() {
    let failed = error("ERROR", "55000", "promoted");
    let answer = answer_of(&[row(0), failed, ready()]).await;
    let Err(WireError::Server(said)) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(said.code, Some(SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE));
    let answer = answer_of(&[row(0)]).await;
    assert!(matches!(answer, Err(WireError::Closed)), "{answer:?}");
}

#[tokio::test]
async fn an_error_that_ends_the_session_is_returned_without_waiting() {
    let (ours, mut server) = tokio::io::duplex(1 << 16);
    let fatal = error("FATAL", "57P01", "terminating\nstandby");
    server.write_all(&fatal).await.expect("room");
    let answer = Messages::over(ours).ask(&request(), drop).await;
    let Err(WireError::Server(said)) = answer else {
        panic!("no error of the server");
    };
    assert_eq!(said.code, Some(SqlState::ADMIN_SHUTDOWN));
    assert_eq!(
        said.to_string(),
        "FEHLER: terminating standby, SQLSTATE 57P01"
    );
    drop(server);
}

#[tokio::test]
async fn a_long_error_of_the_server_is_cut() {
    let fatal = error("FATAL", "57P01", &"words ".repeat(10_000));
    let (ours, mut server) = tokio::io::duplex(1 << 17);
    server.write_all(&fatal).await.expect("room");
    let answer = Messages::over(ours).ask(&request(), drop).await;
    let Err(WireError::Server(said)) = answer else {
        panic!("no error of the server");
    };
    let said = said.to_string();
    assert!(said.len() < 600, "{}", said.len());
    assert!(said.ends_with("words wo [...], SQLSTATE 57P01"), "{said}");
    drop(server);
}

#[tokio::test]
async fn the_servers_last_message_is_read_although_sending_fails() {
    let (ours, mut server) = tokio::net::UnixStream::pair().expect("a pair");
    let fatal = error("FATAL", "57P02", "crash");
    server.write_all(&fatal).await.expect("room");
    drop(server);
    let answer = Messages::over(ours).ask(&request(), drop).await;
    assert!(
        matches!(&answer, Err(WireError::Server(said)) if said.code == Some(SqlState::CRASH_SHUTDOWN))
    );
}

#[tokio::test]
async fn a_message_that_announces_too_much_is_not_read() {
    let endless = [&[b'D'][..], &0x7fff_ffff_u32.to_be_bytes()].concat();
    let answer = answer_of(&[endless]).await;
    assert!(matches!(answer, Err(WireError::TooLong(_))), "{answer:?}");
}

/// An answer of many rows, to a request that accepts so many bytes; the rows that were passed on, with the outcome.
async fn rows_of(said: &[Vec<u8>], accepted: usize) -> (usize, Result<(), WireError>) {
    let (ours, mut server) = tokio::io::duplex(1 << 20);
    server.write_all(&said.concat()).await.expect("room");
    drop(server);
    let mut passed = 0;
    let request = request().answered_within(accepted);
    let outcome = Messages::over(ours).ask(&request, |_| passed += 1).await;
    (passed, outcome)
}

#[tokio::test]
async fn the_messages_of_an_answer_are_limited_together() {
    let bytes = row(1).len();
    let many = vec![row(1); 100];
    let whole = [many.clone(), vec![ready()]].concat();
    let (passed, outcome) = rows_of(&whole, 100 * bytes + ready().len()).await;
    assert!(outcome.is_ok() && passed == 100, "{outcome:?}");
    for said in [
        many,
        vec![message(b'N', b"SNOTICE\0C00000\0Mwait\0\0"); 100],
        vec![message(b'S', b"in_hot_standby\0off\0"); 100],
        vec![message(b'2', b""); 200],
    ] {
        let (passed, outcome) = rows_of(&said, 40 * bytes).await;
        assert!(
            matches!(outcome, Err(WireError::TooLong(accepted)) if accepted == 40 * bytes),
            "{outcome:?}"
        );
        assert!(passed <= 40, "{passed}");
    }
}

#[tokio::test]
async fn each_answer_has_a_limit_of_its_own() {
    let (ours, mut server) = tokio::io::duplex(1 << 20);
    let mut messages = Messages::over(ours);
    let request = request().answered_within(row(1).len() + ready().len());
    for _ in 0..3 {
        server
            .write_all(&[row(1), ready()].concat())
            .await
            .expect("room");
        messages.ask_one(&request).await.expect("an answer");
    }
}

#[tokio::test]
async fn what_a_server_says_during_a_login_is_limited() {
    use crate::postgres::conninfo::ChannelBinding::Prefer;
    let notice = message(b'N', &[&b"SNOTICE\0M"[..], &[b'x'; 1000], b"\0\0"].concat());
    let (outcome, _) = log_in(None, Prefer, &vec![notice; 70]).await;
    assert!(matches!(outcome, Err(WireError::TooLong(_))), "{outcome:?}");
}

#[tokio::test]
async fn terminate_is_sent_without_waiting() {
    let (ours, mut server) = tokio::io::duplex(64);
    Messages::over(ours).terminate();
    let mut heard = Vec::new();
    server.read_to_end(&mut heard).await.expect("an end");
    assert_eq!(heard, message(b'X', b""));
}

/// A client that authenticates with a password, and what it sent.
async fn log_in(
    password: Option<&[u8]>,
    binding: crate::postgres::conninfo::ChannelBinding,
    said: &[Vec<u8>],
) -> (Result<(), WireError>, Vec<u8>) {
    log_in_by(&RequireAuth::any(), password, binding, said).await
}

/// A client that authenticates with a password by the allowed methods, and what it sent.
async fn log_in_by(
    allowed: &RequireAuth,
    password: Option<&[u8]>,
    binding: crate::postgres::conninfo::ChannelBinding,
    said: &[Vec<u8>],
) -> (Result<(), WireError>, Vec<u8>) {
    let (ours, mut server): (DuplexStream, DuplexStream) = tokio::io::duplex(1 << 17);
    server.write_all(&said.concat()).await.expect("room");
    let mut messages = Messages::over(ours);
    let credentials = authenticate::Credentials {
        user: "me",
        password,
        allowed,
        channel_binding: binding,
        end_point: None,
    };
    let outcome = authenticate::authenticate(&mut messages, &credentials).await;
    drop(messages);
    let mut heard = Vec::new();
    server.read_to_end(&mut heard).await.expect("an end");
    (outcome, heard)
}

fn demand(kind: u32, rest: &[u8]) -> Vec<u8> {
    message(b'R', &[&kind.to_be_bytes()[..], rest].concat())
}

#[tokio::test]
async fn a_password_is_sent_as_demanded_and_only_if_channel_binding_allows_it() {
    use crate::postgres::conninfo::ChannelBinding::{Prefer, Require};
    let consent = demand(0, b"");
    let clear = [demand(3, b""), consent.clone()];
    let (outcome, heard) = log_in(Some(b"secret"), Prefer, &clear).await;
    outcome.expect("consent");
    assert_eq!(heard, message(b'p', b"secret\0"));

    let hashed = [demand(5, b"salt"), consent.clone()];
    let (outcome, heard) = log_in(Some(b"secret"), Prefer, &hashed).await;
    outcome.expect("consent");
    assert!(heard.starts_with(&[b'p', 0, 0, 0, 40, b'm', b'd', b'5']));

    let refusals = [
        (None, Prefer, &clear[..]),
        (Some(&b"secret"[..]), Require, &clear[..]),
        (Some(&b"secret"[..]), Require, &hashed[..]),
        (None, Require, &[consent][..]),
        (Some(&b"secret"[..]), Prefer, &[demand(7, b"")][..]),
    ];
    for (password, binding, said) in refusals {
        let (outcome, heard) = log_in(password, binding, said).await;
        assert!(matches!(outcome, Err(WireError::Auth(_))), "{outcome:?}");
        assert!(heard.is_empty());
    }
}

#[tokio::test]
async fn nothing_is_sent_for_a_method_that_is_not_allowed() {
    use crate::postgres::conninfo::ChannelBinding::Prefer;
    let consent = demand(0, b"");
    let offer = demand(10, b"SCRAM-SHA-256\0\0");
    let clear = [demand(3, b""), consent.clone()];
    let hashed = [demand(5, b"salt"), consent.clone()];
    for (list, said, is_allowed) in [
        ("password", &clear[..], true),
        ("!password", &clear[..], false),
        ("md5,scram-sha-256", &clear[..], false),
        ("md5", &hashed[..], true),
        ("scram-sha-256", &hashed[..], false),
        ("none", &hashed[..], false),
        ("none", &[consent.clone()][..], true),
        ("!none", &[consent.clone()][..], false),
        ("scram-sha-256", &[consent.clone()][..], false),
        ("md5,none", &[offer.clone()][..], false),
    ] {
        let environment = Environment {
            variable: &|_| None,
            service_file: &|_| ServiceFile::Missing,
            user: Some("me".into()),
            home: None,
        };
        let target = Target::resolve(&format!("require_auth={list}"), &environment);
        let allowed = target.expect(list).require_auth;
        let (outcome, heard) = log_in_by(&allowed, Some(b"secret"), Prefer, said).await;
        assert_eq!(outcome.is_ok(), is_allowed, "{list}: {outcome:?}");
        if let Err(error) = outcome {
            assert!(error.to_string().contains("require_auth"), "{error}");
            assert!(heard.is_empty(), "{list}");
        }
    }
}

/// The client's nonce is random, so a challenge has to be made of it.
async fn log_in_with_iterations(iterations: &str) -> Result<(), WireError> {
    use crate::postgres::conninfo::ChannelBinding::Prefer;
    let (ours, mut server) = tokio::io::duplex(1 << 16);
    let offer = demand(10, b"SCRAM-SHA-256\0\0");
    server.write_all(&offer).await.expect("room");
    let mut messages = Messages::over(ours);
    let allowed = RequireAuth::any();
    let credentials = authenticate::Credentials {
        user: "me",
        password: Some(b"secret"),
        allowed: &allowed,
        channel_binding: Prefer,
        end_point: None,
    };
    let challenge = async {
        let mut heard = vec![0; 1024];
        let read = server.read(&mut heard).await.expect("a response");
        let first = String::from_utf8_lossy(&heard[..read]).into_owned();
        let nonce = first.rsplit_once("r=").expect("a nonce").1;
        let challenge = format!("r={nonce}x,s=c2FsdA==,i={iterations}");
        let challenge = demand(11, challenge.as_bytes());
        server.write_all(&challenge).await.expect("room");
        // The proof, or the end if the client gives up.
        server.read_u8().await.ok();
        drop(server);
    };
    let login = async {
        let outcome = authenticate::authenticate(&mut messages, &credentials).await;
        drop(messages);
        outcome
    };
    tokio::join!(login, challenge).0
}

#[tokio::test]
async fn iterations_of_scram_are_taken_up_to_the_limit_that_is_told() {
    let taken = log_in_with_iterations("100000").await;
    assert!(matches!(taken, Err(WireError::Closed)), "{taken:?}");
    for many in ["100001", "1000000", "99999999999999999999999"] {
        let refused = log_in_with_iterations(many).await;
        let said = refused.expect_err(many).to_string();
        assert!(said.contains("more than 100000 iterations"), "{said}");
        assert!(said.contains("scram_iterations"), "{said}");
    }
}

/// RFC 7677, section 3, has the messages of one exchange; here the server does not know the password.
#[tokio::test]
async fn a_server_that_does_not_know_the_password_is_not_believed() {
    use crate::postgres::conninfo::ChannelBinding::Prefer;
    let offer = demand(10, b"SCRAM-SHA-256\0\0");
    let consent = demand(0, b"");
    for (said, proven) in [
        (vec![offer.clone(), consent.clone()], "skipped"),
        (
            vec![
                offer.clone(),
                demand(11, b"r=x,s=eA==,i=4096"),
                consent.clone(),
            ],
            "another nonce",
        ),
        (vec![demand(10, b"OTHER\0\0"), consent], "no SCRAM"),
    ] {
        let (outcome, _) = log_in(Some(b"secret"), Prefer, &said).await;
        assert!(outcome.is_err(), "{proven}");
    }
}
