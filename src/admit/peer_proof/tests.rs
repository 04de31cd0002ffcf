use std::net::{Ipv4Addr, SocketAddrV6};

use super::*;

const OLD: &[u8] = b"00000000000000000000000000000000";
const NEW: &[u8] = b"11111111111111111111111111111111";
const NONCE: Nonce = Nonce([7; 16]);
const AT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)), 8008);
const BODY: &[u8] = b"{\"role\": \"primary\"}";

fn keys(lines: &[&[u8]]) -> ClusterKeys {
    ClusterKeys::new(&lines.join(&b'\n')).unwrap()
}

#[test]
fn only_the_same_key_nonce_and_body_are_proven() {
    let (own, other) = (keys(&[OLD]), keys(&[NEW]));
    let proof = own.prove(NONCE, AT, BODY);
    assert!(own.proves(NONCE, AT, BODY, proof.as_bytes()));
    assert!(!other.proves(NONCE, AT, BODY, proof.as_bytes()));
    assert!(!own.proves(Nonce([8; 16]), AT, BODY, proof.as_bytes()));
    assert!(!own.proves(NONCE, AT, b"{\"role\": \"standby\"}", proof.as_bytes()));
    for forged in [
        "",
        ",",
        "00",
        proof.get(1..).unwrap(),
        &format!("{proof}00"),
        &"0".repeat(64),
    ] {
        assert!(
            !own.proves(NONCE, AT, BODY, forged.as_bytes()),
            "{forged:?}"
        );
    }
}

#[test]
fn a_proof_is_the_hmac_of_its_purpose_the_nonce_the_address_and_the_body() {
    let at = [&[0; 10][..], &[0xff, 0xff, 10, 0, 0, 1], &[0x1f, 0x48]].concat();
    let message = [PURPOSE, &[7; 16], &at, BODY].concat();
    let expected = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, OLD), &message);
    let expected = Proof(expected).to_string();
    assert_eq!(keys(&[OLD]).prove(NONCE, AT, BODY), expected);
    assert_eq!(expected.len(), 64);
}

#[test]
fn a_proof_holds_at_the_address_that_was_asked_alone() {
    let keys = keys(&[OLD]);
    let proof = keys.prove(NONCE, AT, BODY);
    for other in ["10.0.0.2:8008", "10.0.0.1:8009", "[::1]:8008"] {
        let other = other.parse().unwrap();
        assert!(
            !keys.proves(NONCE, other, BODY, proof.as_bytes()),
            "{other}"
        );
    }
    // A socket of IPv6 has IPv4's addresses in another form, and zones have other numbers on the other host.
    let mapped = "[::ffff:10.0.0.1]:8008".parse().unwrap();
    assert!(keys.proves(NONCE, mapped, BODY, proof.as_bytes()));
    let zoned = |zone| SocketAddrV6::new("fe80::1".parse().unwrap(), 8008, 0, zone).into();
    let proof = keys.prove(NONCE, zoned(2), BODY);
    assert!(keys.proves(NONCE, zoned(3), BODY, proof.as_bytes()));
}

#[test]
fn while_keys_are_exchanged_nodes_with_old_and_new_keys_accept_each_others_proofs() {
    let steps = [
        keys(&[OLD]),
        keys(&[OLD, NEW]),
        keys(&[NEW, OLD]),
        keys(&[NEW]),
    ];
    for pair in steps.windows(2) {
        for (asked, asker) in [(&pair[0], &pair[1]), (&pair[1], &pair[0])] {
            assert!(asker.proves(NONCE, AT, BODY, asked.prove(NONCE, AT, BODY).as_bytes()));
        }
    }
    assert!(!steps[3].proves(NONCE, AT, BODY, steps[0].prove(NONCE, AT, BODY).as_bytes()));
}

#[test]
fn a_key_file_has_one_or_two_keys_of_valid_length() {
    assert_eq!(
        ClusterKeys::new(b"00000000000000000000000000000000\r\n\n"),
        Ok(keys(&[OLD]))
    );
    for (content, error) in [
        (&b""[..], ClusterKeyError::Count),
        (b"\n\r\n", ClusterKeyError::Count),
        (&[OLD, OLD, NEW].join(&b'\n'), ClusterKeyError::Count),
        (b"short", ClusterKeyError::Length),
        (&[b'x'; 257], ClusterKeyError::Length),
        (
            b"0000000000000000 000000000000000",
            ClusterKeyError::Characters,
        ),
    ] {
        assert_eq!(ClusterKeys::new(content), Err(error));
    }
}

#[test]
fn a_nonce_is_parsed_only_in_the_form_in_which_it_is_written() {
    assert_eq!(Nonce::parse(NONCE.to_string().as_bytes()), Some(NONCE));
    for wrong in [
        "",
        "07",
        &"+7".repeat(16),
        &"g7".repeat(16),
        &"07".repeat(17),
    ] {
        assert_eq!(Nonce::parse(wrong.as_bytes()), None, "{wrong:?}");
    }
}

#[test]
fn keys_are_not_shown() {
    assert_eq!(format!("{:?}", keys(&[OLD])), "ClusterKeys(\"…\")");
}
