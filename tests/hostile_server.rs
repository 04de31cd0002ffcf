//! Whatever a server says, no client is told anything but the truth in words of our own. The server
//! here is a stand-in: it speaks as much of the protocol as it takes to be heard out.
#![expect(
    clippy::unwrap_used,
    reason = "a stand-in that cannot be set up fails the test"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use pgsql_state::answer::state_port::line;
use pgsql_state::daemon::observe::{ObservationSettings, once};
use pgsql_state::health::role_words::{PRIMARY_WORDS, STANDBY_WORDS};
use pgsql_state::health::{Depth, DownReason, Policy, QuorumGuard, RoleWords, TwoPrimaries};
use pgsql_state::postgres::conninfo::{Environment, ServiceFile, Target};
use proptest::prelude::*;
use proptest::sample::select;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;
use tokio::runtime;

/// Servers tried; each takes some milliseconds.
const CASES: u32 = 400;

/// Time that a silent server is given.
const TIMEOUT: Duration = Duration::from_millis(50);

/// What a stand-in says: an element after each message of the client, then it closes or is silent.
#[derive(Clone, Debug)]
struct Script {
    replies: Vec<Vec<u8>>,
    end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Closes,
    Silent,
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(CASES) })]

    #[test]
    fn no_server_puts_a_role_word_into_an_answer(script in script(), words in words()) {
        let answer = told_beside(&script, &words);
        let known = DownReason::ALL.iter().map(|reason| format!("down {}\n", reason.word()));
        prop_assert!(known.into_iter().any(|known| known == answer), "{answer:?}");
        let answer = answer.to_ascii_lowercase();
        let configured = [words.production(), words.standby()];
        for word in PRIMARY_WORDS.iter().chain(&STANDBY_WORDS).chain(&configured) {
            prop_assert!(!answer.contains(&word.to_ascii_lowercase()), "{answer:?} has {word}");
        }
    }
}

/// The stand-in does reach the code that a real server reaches: it is let to log somebody in, and its
/// refusals count as a server's.
#[test]
fn the_stand_in_is_taken_for_a_server() {
    let says = |replies: &[Vec<u8>]| {
        let script = Script {
            replies: replies.to_vec(),
            end: End::Closes,
        };
        told_beside(&script, &RoleWords::default())
    };
    let refusal = |code: &[u8]| refusal(code.to_vec(), b"standby".to_vec(), Vec::new());
    assert_eq!(says(&[refusal(b"28000")]), "down auth\n");
    assert_eq!(says(&[refusal(b"3D000")]), "down no-database\n");
    assert_eq!(says(&[login(), refusal(b"57P01")]), "down shutting-down\n");
    assert_eq!(says(&[login()]), "down lost\n");
}

/// The answer of a check while a stand-in plays its script to whoever comes.
fn told_beside(script: &Script, words: &RoleWords) -> String {
    let directory = TempDir::new().unwrap();
    let terms = ObservationSettings {
        target: Arc::new(target(directory.path())),
        timeout: TIMEOUT,
        policy: Policy::default(),
        maintenance_file: directory.path().join("maintenance").into(),
        quorum: QuorumGuard::Off,
        quorum_file: Path::new("/nonexistent").into(),
        two_primaries: TwoPrimaries::Report,
        nodes: Arc::from([]),
        credentials: Arc::default(),
    };
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(async {
        let socket = UnixListener::bind(directory.path().join(".s.PGSQL.5432")).unwrap();
        tokio::select! {
            (seen, _) = once(&terms, Depth::Verdict) => line(seen.verdict, words),
            () = play(&socket, script) => unreachable!("a stand-in plays for ever"),
        }
    })
}

/// Plays the script to one client after another.
async fn play(socket: &UnixListener, script: &Script) {
    loop {
        let (mut client, _) = socket.accept().await.unwrap();
        let mut buffer = [0; 4096];
        for reply in &script.replies {
            // A client that has gone hears no more.
            let heard = client.read(&mut buffer).await;
            if heard.is_err() || client.write_all(reply).await.is_err() {
                break;
            }
        }
        if script.end == End::Silent {
            std::future::pending::<()>().await;
        }
    }
}

fn target(directory: &Path) -> Target {
    let conninfo = format!(
        "host={} user=standby dbname=production password=master",
        directory.display()
    );
    let environment = Environment {
        variable: &|_| None,
        service_file: &|_| ServiceFile::Missing,
        user: None,
        home: None,
    };
    Target::resolve(&conninfo, &environment).unwrap()
}

fn script() -> impl Strategy<Value = Script> {
    let said = prop::collection::vec(hostile(), 1..4);
    let logins = prop::bool::ANY;
    let end = prop_oneof![15 => Just(End::Closes), 1 => Just(End::Silent)];
    (logins, said, end).prop_map(|(lets_in, mut replies, end)| {
        if lets_in {
            replies.insert(0, login());
        }
        Script { replies, end }
    })
}

/// What a server may say at any moment: errors and notices with any fields, settings with any values,
/// demands for any authentication, and bytes that are no protocol at all.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let fields = || prop::collection::vec((select(b"SVCMDHPpqWsFLR".to_vec()), text()), 0..6);
    let refusal =
        (code(), text(), fields()).prop_map(|(code, text, fields)| refusal(code, text, fields));
    let cut = (text(), 0..20_usize).prop_map(|(text, length)| {
        let whole = message(b'E', &text);
        whole.into_iter().take(length).collect()
    });
    prop_oneof![
        6 => refusal,
        1 => fields().prop_map(|fields| error(&fields)),
        1 => fields().prop_map(|fields| message(b'N', &encode(&fields))),
        1 => (text(), text()).prop_map(|(name, value)| message(b'S', &[name, value].join(&0))),
        1 => (0..14_u32, text()).prop_map(|(kind, rest)| {
            message(b'R', &[kind.to_be_bytes().to_vec(), rest].concat())
        }),
        1 => (any::<u8>(), text()).prop_map(|(tag, body)| message(tag, &body)),
        1 => cut,
        1 => prop::collection::vec(any::<u8>(), 0..300),
    ]
}

/// An SQLSTATE that is known, one that looks like one, or none at all.
fn code() -> impl Strategy<Value = Vec<u8>> {
    let known = [
        "57P03", "57P01", "57P02", "57014", "53300", "28000", "28P01", "3D000", "42501", "55000",
        "XX000",
    ];
    prop_oneof![
        4 => select(known.to_vec()).prop_map(|code| code.as_bytes().to_vec()),
        1 => "[0-9A-Z]{5}".prop_map(String::into_bytes),
        1 => text(),
    ]
}

/// Any bytes without NUL, most of them around a role word or a whole answer.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let words = [
        "production",
        "STANDBY",
        "primary",
        "Replica",
        "master",
        "slave",
        "leader",
        "production\n",
        "\nstandby\n",
        "down starting\nproduction\n",
        "f",
        "t",
    ];
    let any_bytes = || prop::collection::vec(1..=u8::MAX, 0..20);
    prop_oneof![
        (any_bytes(), select(words.to_vec()), any_bytes()).prop_map(|(before, word, after)| [
            &before,
            word.as_bytes(),
            &after
        ]
        .concat()),
        select(words.to_vec()).prop_map(|word| word.as_bytes().to_vec()),
    ]
}

/// Words an operator could configure.
fn words() -> impl Strategy<Value = RoleWords> {
    prop_oneof![
        Just(RoleWords::default()),
        Just(RoleWords::new("MASTER", "STANDBY").unwrap()),
        ("[a-zA-Z0-9_-]{4,10}", "[a-zA-Z0-9_-]{4,10}").prop_filter_map(
            "refused words",
            |(production, standby)| RoleWords::new(&production, &standby).ok()
        ),
    ]
}

/// `AuthenticationOk` and `ReadyForQuery` (PostgreSQL manual, "Message Formats").
fn login() -> Vec<u8> {
    [message(b'R', &0_u32.to_be_bytes()), message(b'Z', b"I")].concat()
}

/// An `ErrorResponse` with the fields that every real one has, and more of them.
fn refusal(code: Vec<u8>, text: Vec<u8>, more: Vec<(u8, Vec<u8>)>) -> Vec<u8> {
    let mut fields = vec![(b'S', b"FATAL".to_vec()), (b'C', code), (b'M', text)];
    fields.extend(more);
    error(&fields)
}

/// `ErrorResponse`.
fn error(fields: &[(u8, Vec<u8>)]) -> Vec<u8> {
    message(b'E', &encode(fields))
}

/// The fields of an `ErrorResponse` or a `NoticeResponse`: each a code and a string, then a NUL.
fn encode(fields: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let fields = fields
        .iter()
        .map(|(code, text)| [&[*code], &**text, &[0]].concat());
    [fields.collect::<Vec<_>>().concat(), vec![0]].concat()
}

/// A message with its length, which counts itself.
fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap();
    [&[tag], &length.to_be_bytes()[..], body].concat()
}
