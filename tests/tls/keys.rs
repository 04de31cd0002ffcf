//! The client's private key, in the forms that `openssl` writes.

use std::path::Path;

use crate::matrix::openssl;
use crate::operator::{Client, Operator};
use crate::server::{AUTHORITY, WITH_TLS};

#[test]
fn a_key_is_taken_from_the_forms_that_libpq_takes() {
    let operator = Operator::new();
    let folder = operator.path("");
    let identity = AUTHORITY.certify("certified", &[], 9);
    let certificate = operator.file("crt", &identity.certificate, 0o644);
    operator.file("pem", &identity.key, 0o600);
    let conversions: [&[&str]; 4] = [
        &[
            "pkcs8", "-topk8", "-nocrypt", "-in", "pem", "-outform", "DER", "-out",
        ],
        &["ec", "-in", "pem", "-outform", "DER", "-out"],
        &["ec", "-in", "pem", "-out"],
        &["pkey", "-in", "pem", "-out"],
    ];
    let written = |name: &str, settings: &str| {
        format!(
            "sslmode=require sslcert={} sslkey={} {settings}",
            certificate.display(),
            operator.path(name).display()
        )
    };
    for conversion in conversions {
        operator.file("key", "", 0o600);
        openssl(&folder, &[conversion, &["key"]].concat());
        let met = WITH_TLS.meet(&operator, "certified", &written("key", ""));
        assert_eq!(met, "TLSv1.3", "{conversion:?}");
    }
    operator.file("marked", &format!("\u{feff}{}", identity.key), 0o600);
    assert_eq!(
        WITH_TLS.meet(&operator, "certified", &written("marked", "")),
        "TLSv1.3"
    );
    operator.file("broken", "0\u{1}\u{2}", 0o600);
    assert_eq!(
        WITH_TLS.meet(&operator, "certified", &written("broken", "")),
        "down tls"
    );
}

/// An operator with a client certificate in `crt` and its key in `pem`.
fn operator() -> Operator {
    let operator = Operator::new();
    let identity = AUTHORITY.certify("certified", &[], 9);
    operator.file("crt", &identity.certificate, 0o644);
    operator.file("pem", &identity.key, 0o600);
    operator
}

/// The settings with the key in `key`.
fn settings(operator: &Operator, more: &str) -> String {
    let path = |name: &str| operator.path(name).display().to_string();
    format!(
        "sslmode=require sslcert={} sslkey={} {more}",
        path("crt"),
        path("key")
    )
}

/// Has `openssl` write the key into `key`.
fn convert(operator: &Operator, conversion: &[&str]) {
    let folder: &Path = &operator.path("");
    operator.file("key", "", 0o600);
    openssl(
        folder,
        &[conversion, &["-in", "pem", "-out", "key"]].concat(),
    );
}

#[test]
fn a_key_with_a_passphrase_is_taken_where_libpq_takes_it() {
    let operator = operator();
    let pkcs8 = ["pkcs8", "-topk8", "-passout", "pass:open sesame"];
    for more in [
        &[][..],
        &["-v2", "aes-128-cbc"],
        &["-v2", "des3"],
        &["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA1"],
        &["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA512"],
        &["-iter", "10000"],
    ] {
        convert(&operator, &[&pkcs8[..], more].concat());
        for (passphrase, end) in [
            ("sslpassword='open sesame'", "TLSv1.3"),
            ("sslpassword=wrong", "down tls"),
            ("sslpassword=''", "down tls"),
            ("", "down tls"),
        ] {
            let met = WITH_TLS.meet(&operator, "certified", &settings(&operator, passphrase));
            assert_eq!(met, end, "{more:?} {passphrase}");
        }
    }
    // What is not needed changes nothing.
    convert(&operator, &["pkey"]);
    let met = WITH_TLS.meet(
        &operator,
        "certified",
        &settings(&operator, "sslpassword=x"),
    );
    assert_eq!(met, "TLSv1.3");
    // libpq gives no passphrase to the binary form.
    convert(&operator, &[&pkcs8[..], &["-outform", "DER"]].concat());
    let met = WITH_TLS.meet(
        &operator,
        "certified",
        &settings(&operator, "sslpassword='open sesame'"),
    );
    assert_eq!(met, "down tls");
}

#[test]
fn a_key_that_libpq_alone_takes_is_told_with_how_to_convert_it() {
    let operator = operator();
    let pkcs8 = ["pkcs8", "-topk8", "-passout", "pass:right"];
    for (conversion, named) in [
        (&["ec", "-aes256", "-passout", "pass:right"][..], "old form"),
        (
            &[&pkcs8[..], &["-v1", "PBE-SHA1-3DES"]].concat(),
            "something other than PBES2",
        ),
        (&[&pkcs8[..], &["-scrypt"]].concat(), "scrypt"),
        (
            &[&pkcs8[..], &["-iter", "100001"]].concat(),
            "100001 iterations",
        ),
    ] {
        convert(&operator, conversion);
        let conninfo = WITH_TLS.conninfo("certified", &settings(&operator, "sslpassword=right"));
        let psql = operator.connect_alone(Client::Psql, &conninfo);
        assert!(psql.status.success(), "{conversion:?}: {psql:?}");
        let probe = operator.connect_alone(Client::Probe, &conninfo);
        let said = String::from_utf8_lossy(&probe.stderr);
        assert!(
            said.contains(named) && said.contains("openssl pkcs8 -topk8"),
            "{conversion:?}: {probe:?}"
        );
        // The command that it tells does what is needed.
        operator.file("new", "", 0o600);
        let told = [
            "pkcs8",
            "-topk8",
            "-v2",
            "aes-256-cbc",
            "-iter",
            "2048",
            "-in",
            "key",
            "-out",
            "new",
        ];
        let passphrases = ["-passin", "pass:right", "-passout", "pass:right"];
        openssl(&operator.path(""), &[&told[..], &passphrases].concat());
        let new = format!(
            "sslkey={} sslpassword=right",
            operator.path("new").display()
        );
        let met = WITH_TLS.meet(&operator, "certified", &settings(&operator, &new));
        assert_eq!(met, "TLSv1.3", "{conversion:?}");
    }
}
