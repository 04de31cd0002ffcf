//! Reads the settings of `[http]` that concern TLS.

use std::path::PathBuf;

use toml::de::DeValue;

use super::document::TomlDocument;
use super::keys::{
    CERTIFICATE_FILE, CLIENT_CA_FILE, CLIENT_CERTIFICATE, HTTP_KEY_FILE, Key, MIN_TLS,
};
use super::model::{ClientCertificates, Https};
use super::problem::Wrong;
use super::values;
use crate::base::https::{CertificateDemand, MinTls};

/// Reads the TLS settings; returns `None` without a certificate. Other TLS settings without a certificate are an error,
/// because they would suggest a protection that does not exist.
pub(super) fn https(file: &mut TomlDocument<'_>) -> Option<Https> {
    let path = |file: &mut TomlDocument<'_>, key: Key, example: &str| {
        let path: Option<PathBuf> = file.read(key, |value| values::path(value, example));
        path
    };
    let secret_path = |value: &DeValue<'_>| values::secret_path(value, "/etc/pgsql-state/http.key");
    let certificate_file = file.read(CERTIFICATE_FILE, |value| {
        values::secret_path(value, "/etc/pgsql-state/http.pem")
    });
    let key_file = file.read(HTTP_KEY_FILE, secret_path);
    let ca_file = path(file, CLIENT_CA_FILE, "/etc/pgsql-state/clients-ca.pem");
    let demands = [
        ("required", CertificateDemand::Required),
        ("optional", CertificateDemand::Optional),
    ];
    let demand = file.read(CLIENT_CERTIFICATE, |value| values::choice(value, &demands));
    let versions = [("1.2", MinTls::Tls12), ("1.3", MinTls::Tls13)];
    let min_tls = file.read(MIN_TLS, |value| values::choice(value, &versions));
    if file.value(CERTIFICATE_FILE).is_none() {
        for key in [HTTP_KEY_FILE, CLIENT_CA_FILE, CLIENT_CERTIFICATE, MIN_TLS] {
            if file.value(key).is_some() {
                let message = "without http.certificate_file, HTTP is served without TLS and this setting has no effect";
                let hint =
                    "name the certificate too: certificate_file = \"/etc/pgsql-state/http.pem\"";
                file.note_wherever(key, Wrong::new(message, hint));
            }
        }
    } else if demand.is_some() && file.value(CLIENT_CA_FILE).is_none() {
        let message = "no certificate authority is named for the certificates of clients";
        let hint = "name the authorities: client_ca_file = \"/etc/pgsql-state/clients-ca.pem\"";
        file.note_wherever(CLIENT_CERTIFICATE, Wrong::new(message, hint));
    }
    Some(Https {
        certificate_file: certificate_file?,
        key_file,
        clients: ca_file.map(|ca_file| ClientCertificates {
            ca_file,
            demand: demand.unwrap_or_default(),
        }),
        min_tls: min_tls.unwrap_or_default(),
        read: None,
    })
}
