use proptest::prelude::*;

use super::*;

const V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

fn complete(length: usize, announced: Option<&str>) -> ProxyHeader {
    let announced = announced.map(|text| text.parse().unwrap());
    ProxyHeader::Complete { length, announced }
}

fn v2(version_and_command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
    let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
    [V2, &[version_and_command, family], &length, rest].concat()
}

/// 10.1.2.3:1000 connects to 10.1.2.4:5431.
const PAIR: [u8; 12] = [10, 1, 2, 3, 10, 1, 2, 4, 3, 232, 21, 55];

#[test]
fn version_1_announces_the_source() {
    for (line, announced) in [
        (
            "PROXY TCP4 10.1.2.3 10.1.2.4 1000 5431\r\n",
            Some("10.1.2.3"),
        ),
        (
            "PROXY TCP6 2001:db8::1 2001:db8::2 1000 5431\r\n",
            Some("2001:db8::1"),
        ),
        (
            "PROXY TCP6 ::ffff:10.1.2.3 ::1 1000 5431\r\n",
            Some("10.1.2.3"),
        ),
        ("PROXY UNKNOWN\r\n", None),
        ("PROXY UNKNOWN ffff:: ffff:: 65535 65535\r\n", None),
    ] {
        let expected = complete(line.len(), announced);
        assert_eq!(read(line.as_bytes()), expected, "{line:?}");
        let more = [line.as_bytes(), b"token\r\n"].concat();
        assert_eq!(read(&more), expected, "{line:?}");
    }
}

#[test]
fn version_2_announces_the_source() {
    let header = v2(0x21, 0x11, &PAIR);
    assert_eq!(read(&header), complete(28, Some("10.1.2.3")));
    assert_eq!(
        read(&[&header[..], b"more"].concat()),
        complete(28, Some("10.1.2.3"))
    );
    let mut six = [0; 36];
    six[0] = 0xfe;
    six[15] = 7;
    assert_eq!(read(&v2(0x21, 0x21, &six)), complete(52, Some("fe00::7")));
    let with_more = [&PAIR[..], &[0x04, 0, 1, 0]].concat();
    assert_eq!(
        read(&v2(0x21, 0x11, &with_more)),
        complete(32, Some("10.1.2.3"))
    );
}

#[test]
fn local_and_unknown_announce_no_address() {
    // The first is exactly what HAProxy sends with its checks.
    assert_eq!(read(&v2(0x20, 0x00, &[])), complete(16, None));
    assert_eq!(read(&v2(0x20, 0x11, &PAIR)), complete(28, None));
    assert_eq!(read(&v2(0x21, 0x00, &[])), complete(16, None));
    assert_eq!(read(&v2(0x21, 0x31, &[b'x'; 216])), complete(232, None));
}

#[test]
fn other_bytes_are_broken_as_soon_as_they_differ_from_a_header() {
    for bytes in [
        &b"G"[..],
        b"GET / HTTP/1.1\r\n",
        b"PROXI",
        b"PROXY TCP4 10.1.2.3 10.1.2.4 1000 5431\n",
        b"PROXY TCP4 10.1.2.3 10.1.2.4 1000\r\n",
        b"PROXY TCP4 10.1.2 10.1.2.4 1000 5431\r\n",
        b"PROXY TCP4 ::1 ::1 1000 5431\r\n",
        b"PROXY UDP4 10.1.2.3 10.1.2.4 1000 5431\r\n",
        b"PROXY TCP4 10.1.2.3 10.1.2.4 1000 65536\r\n",
        b"\r\n\r\n\0\r\nQUIX",
    ] {
        assert_eq!(read(bytes), ProxyHeader::Broken, "{bytes:?}");
    }
    for (command, family, rest) in [
        (0x11, 0x11, &PAIR[..]),
        (0x22, 0x11, &PAIR),
        (0x21, 0x11, &PAIR[..11]),
        (0x21, 0x51, &PAIR),
    ] {
        let header = v2(command, family, rest);
        assert_eq!(read(&header), ProxyHeader::Broken, "{header:?}");
    }
}

#[test]
fn an_endless_header_is_broken_at_the_limit() {
    let mut line = b"PROXY UNKNOWN ".to_vec();
    line.resize(MOST_V1 - 1, b'x');
    assert_eq!(read(&line), ProxyHeader::Incomplete);
    line.push(b'x');
    assert_eq!(read(&line), ProxyHeader::Broken);
    let mut long = v2(0x21, 0x11, &PAIR);
    long[14..16].copy_from_slice(&[0xff, 0xff]);
    assert_eq!(read(&long), ProxyHeader::Broken);
}

proptest! {
    #[test]
    fn any_bytes_are_read_and_never_beyond_the_bound(bytes: Vec<u8>) {
        if let ProxyHeader::Complete { length, .. } = read(&bytes) {
            prop_assert!(length <= bytes.len() && length <= MOST);
        }
    }

    #[test]
    fn the_beginning_of_a_header_is_incomplete_and_the_rest_changes_nothing(
        cut in any::<prop::sample::Index>(),
        header in prop::sample::select(vec![
            b"PROXY TCP4 10.1.2.3 10.1.2.4 1000 5431\r\n".to_vec(),
            b"PROXY UNKNOWN\r\n".to_vec(),
            v2(0x21, 0x11, &PAIR),
            v2(0x20, 0x00, &[]),
        ]),
        rest: Vec<u8>,
    ) {
        let cut = cut.index(header.len());
        prop_assert_eq!(read(&header[..cut]), ProxyHeader::Incomplete);
        prop_assert_eq!(read(&[&header[..], &rest[..]].concat()), read(&header));
    }
}
