//! Certificates and files as `openssl` makes them, each with `psql` beside: where psql gets in, so do we, or the
//! reason names what is wrong; where it does not, nor do we.

use std::fs;
use std::path::Path;
use std::process::Command;

use support::{Postgres, Trouble, ports};

use crate::operator::{Client, Operator};
use crate::pki::Identity;
use crate::server::{AUTHORITY, WITH_TLS};

const NAME: &str = "db.test";

/// What comes of a server's certificate.
enum End {
    In,
    /// Neither gets in.
    Refused(&'static str),
    /// psql gets in.
    Ours(&'static str),
}

/// An authority's certificate, and the server's that it signed.
struct Case {
    authority: &'static str,
    key: &'static [&'static str],
    extensions: &'static str,
    serial: &'static str,
    end: End,
}

const RSA: &[&str] = &["-newkey", "rsa:2048"];
const P521: &[&str] = &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp521r1"];
const GOOD: &str = "basicConstraints=critical,CA:TRUE";

#[test]
fn a_certificate_gets_in_as_with_psql_or_its_flaw_is_named() -> Result<(), Trouble> {
    let case = |authority, end| Case {
        authority,
        key: RSA,
        extensions: "",
        serial: "7",
        end,
    };
    for (index, case) in [
        case(GOOD, End::In),
        Case {
            serial: "0x00ffffffffffffffffffffffffffffffffffffffffffffffff",
            ..case(GOOD, End::In)
        },
        Case {
            extensions: "basicConstraints=CA:TRUE",
            ..case(GOOD, End::Ours("CA:TRUE"))
        },
        // The extension of Netscape, which OpenSSL still reads.
        Case {
            extensions: "nsCertType=server",
            ..case(GOOD, End::In)
        },
        Case {
            extensions: "nsCertType=client",
            ..case(GOOD, End::Refused("nsCertType"))
        },
        Case {
            key: P521,
            ..case(GOOD, End::Ours("P-521"))
        },
        case(
            "basicConstraints=critical,CA:FALSE",
            End::Refused("CA:FALSE"),
        ),
        case("keyUsage=digitalSignature", End::Refused("keyCertSign")),
        case("keyUsage=keyCertSign", End::In),
        case(
            "subjectKeyIdentifier=none",
            End::Refused("basicConstraints"),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        meet(index, &case)?;
    }
    Ok(())
}

fn meet(index: usize, case: &Case) -> Result<(), Trouble> {
    let operator = Operator::new();
    let Identity { certificate, key } = made(&operator, case);
    operator.file(
        ".postgresql/root.crt",
        &read(&operator.path("ca.crt")),
        0o644,
    );
    let address = ports::free()?;
    let server = Postgres::primary()
        .tcp(address)
        .hba("local all all trust\nhost all all all trust\n")
        .setting("ssl", "on")
        .file("server.crt", &certificate)
        .file("server.key", &key)
        .start()?;
    let conninfo = format!(
        "host={NAME} hostaddr={} port={} dbname=postgres user=postgres sslmode=verify-full",
        address.ip(),
        address.port()
    );
    let psql = operator.connect_alone(Client::Psql, &conninfo);
    let probe = operator.connect_alone(Client::Probe, &conninfo);
    let told = format!("{index}: {psql:?} {probe:?}");
    let said = String::from_utf8_lossy(&probe.stderr);
    let (in_with_psql, in_with_us, named) = match case.end {
        End::In => (true, true, ""),
        End::Refused(named) => (false, false, named),
        End::Ours(named) => (true, false, named),
    };
    assert_eq!(psql.status.success(), in_with_psql, "{told}");
    assert_eq!(probe.status.success(), in_with_us, "{told}");
    assert!(said.contains(named), "{told}");
    drop(server);
    Ok(())
}

fn made(operator: &Operator, case: &Case) -> Identity {
    let folder = operator.path("");
    let root = ["req", "-x509", "-nodes", "-days", "30", "-subj", "/CN=ours"];
    let files = ["-keyout", "ca.key", "-out", "ca.crt"];
    // Of its own no certificate of a root may have CA:TRUE here.
    let config = operator.file(
        "bare.cnf",
        "[req]\ndistinguished_name = name\n[name]\n",
        0o644,
    );
    let config = ["-config", config.to_str().unwrap()];
    openssl(
        &folder,
        &[
            &root[..],
            RSA,
            &files,
            &config,
            &["-addext", case.authority],
        ]
        .concat(),
    );
    let request = [
        "req",
        "-nodes",
        "-subj",
        "/CN=db.test",
        "-keyout",
        "key",
        "-out",
        "csr",
    ];
    openssl(&folder, &[&request[..], case.key].concat());
    let extensions = format!("subjectAltName=DNS:{NAME}\n{}\n", case.extensions);
    operator.file("ext", &extensions, 0o644);
    let sign = [
        "x509", "-req", "-in", "csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-days", "30",
    ];
    let files = ["-extfile", "ext", "-out", "crt", "-set_serial", case.serial];
    openssl(&folder, &[&sign[..], &files].concat());
    Identity {
        certificate: read(&operator.path("crt")),
        key: read(&operator.path("key")),
    }
}

pub(crate) fn openssl(folder: &Path, arguments: &[&str]) {
    let output = Command::new("openssl")
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {arguments:?}: {said}");
}

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn roots_are_taken_from_the_texts_that_openssl_takes() {
    let operator = Operator::new();
    let folder = operator.path("");
    let plain = AUTHORITY.certificate();
    operator.file("plain", &plain, 0o644);
    let settings: [(&str, &[&str]); 6] = [
        ("no settings", &[]),
        ("a name", &["-setalias", "ours"]),
        ("for servers", &["-addtrust", "serverAuth"]),
        ("for clients", &["-addtrust", "clientAuth"]),
        ("not for servers", &["-addreject", "serverAuth"]),
        ("for any use", &["-addtrust", "anyExtendedKeyUsage"]),
    ];
    let mut texts = vec![
        ("a mark before it", format!("\u{feff}{plain}"), "TLSv1.3"),
        (
            "words around it",
            format!("Subject: ours\n{plain}\nthat was it\n"),
            "TLSv1.3",
        ),
        (
            "an old label",
            plain.replace("CERTIFICATE", "X509 CERTIFICATE"),
            "TLSv1.3",
        ),
        ("Windows", plain.replace('\n', "\r\n"), "TLSv1.3"),
    ];
    for (name, settings) in settings {
        let convert = ["x509", "-in", "plain", "-trustout", "-out", "trusted"];
        openssl(&folder, &[&convert[..], settings].concat());
        let text = read(&operator.path("trusted"));
        assert!(text.contains("BEGIN TRUSTED CERTIFICATE"), "{text}");
        let end = if matches!(name, "for clients" | "not for servers") {
            "down tls"
        } else {
            "TLSv1.3"
        };
        texts.push((name, text, end));
    }
    for (name, text, end) in texts {
        let file = operator.file("root", &text, 0o644);
        let settings = format!("sslmode=verify-full sslrootcert={}", file.display());
        assert_eq!(WITH_TLS.meet(&operator, "either", &settings), end, "{name}");
    }
}
