//! Reads the TLS settings, which depend on each other as in libpq (PostgreSQL
//! manual, "Parameter Key Words"; where that is silent, `pqConnectOptions2` and
//! `conninfo_add_defaults` in `src/interfaces/libpq/fe-connect.c`).

use std::path::{Path, PathBuf};

use super::{ClientCertificate, NameIndication, Negotiation, Roots, SslMode, Tls, Versions};
use crate::postgres::conninfo::endpoint::Endpoint;
use crate::postgres::conninfo::error::TargetError;
use crate::postgres::conninfo::file_choice::FileChoice;
use crate::postgres::conninfo::keyword::Keyword;
use crate::postgres::conninfo::secret::Secret;
use crate::postgres::conninfo::values::Values;

const MODES: [(&str, SslMode); 6] = [
    ("disable", SslMode::Disable),
    ("allow", SslMode::Allow),
    ("prefer", SslMode::Prefer),
    ("require", SslMode::Require),
    ("verify-ca", SslMode::VerifyCa),
    ("verify-full", SslMode::VerifyFull),
];

const NEGOTIATIONS: [(&str, Negotiation); 2] = [
    ("postgres", Negotiation::Postgres),
    ("direct", Negotiation::Direct),
];

#[derive(Clone, Copy)]
enum TlsVersion {
    Tls12,
    Tls13,
}

/// A lower bound below 1.2 is raised to 1.2, the oldest version that is offered.
const LOWEST: [(&str, TlsVersion); 4] = [
    ("TLSv1", TlsVersion::Tls12),
    ("TLSv1.1", TlsVersion::Tls12),
    ("TLSv1.2", TlsVersion::Tls12),
    ("TLSv1.3", TlsVersion::Tls13),
];

/// `None` for a version that is never offered.
const HIGHEST: [(&str, Option<TlsVersion>); 4] = [
    ("TLSv1", None),
    ("TLSv1.1", None),
    ("TLSv1.2", Some(TlsVersion::Tls12)),
    ("TLSv1.3", Some(TlsVersion::Tls13)),
];

#[derive(Clone, Copy)]
enum CertificateMode {
    Disable,
    Allow,
    Require,
}

const CERTIFICATE_MODES: [(&str, CertificateMode); 3] = [
    ("disable", CertificateMode::Disable),
    ("allow", CertificateMode::Allow),
    ("require", CertificateMode::Require),
];

impl Tls {
    pub(in crate::postgres::conninfo) fn from_values(
        values: &Values<'_>,
        home: Option<&Path>,
        endpoint: &Endpoint,
    ) -> Result<Self, TargetError> {
        let roots = roots(values, home);
        let mode = mode(values, &roots)?;
        if mode == SslMode::VerifyFull
            && values.text(Keyword::Host).is_none()
            && matches!(endpoint, Endpoint::Tcp { .. })
        {
            return Err(TargetError::NoNameToVerify);
        }
        Ok(Self {
            mode,
            negotiation: negotiation(values, mode)?,
            versions: versions(values)?,
            name_indication: match values.find(Keyword::SslSni) {
                Some(value) if !value.text.starts_with('1') => NameIndication::Withheld,
                _ => NameIndication::Sent,
            },
            roots,
            revocations: revocations(values, home),
            revocation_folder: revocation_folder(values),
            client: client(values, home)?,
        })
    }
}

fn roots(values: &Values<'_>, home: Option<&Path>) -> Roots {
    if values
        .text(Keyword::SslRootCert)
        .is_some_and(|value| value.text == "system")
    {
        return Roots::System;
    }
    FileChoice::from_values(values, Keyword::SslRootCert, home, ".postgresql/root.crt")
        .map_or(Roots::Nowhere, Roots::File)
}

/// Returns the file of revocation lists. As in libpq, a folder replaces the default file.
fn revocations(values: &Values<'_>, home: Option<&Path>) -> Option<FileChoice> {
    let file = FileChoice::from_values(values, Keyword::SslCrl, home, ".postgresql/root.crl");
    file.filter(|file| match file {
        FileChoice::Named(_) => true,
        FileChoice::Default(_) => revocation_folder(values).is_none(),
    })
}

fn revocation_folder(values: &Values<'_>) -> Option<PathBuf> {
    values
        .text(Keyword::SslCrlDir)
        .map(|value| value.text.into())
}

/// Returns `sslmode`. `PGREQUIRESSL` is the deprecated form of `PGSSLMODE=require` (PostgreSQL manual, "Environment
/// Variables").
fn mode(values: &Values<'_>, roots: &Roots) -> Result<SslMode, TargetError> {
    let written = values.find(Keyword::SslMode);
    let mode = match &written {
        Some(value) => value.one_of(&MODES)?,
        None if values
            .variable("PGREQUIRESSL")
            .is_some_and(|v| v.starts_with('1')) =>
        {
            SslMode::Require
        }
        None if *roots == Roots::System => SslMode::VerifyFull,
        None => SslMode::Prefer,
    };
    match (roots, mode) {
        (Roots::System, SslMode::VerifyFull) | (Roots::File(_) | Roots::Nowhere, _) => Ok(mode),
        (Roots::System, _) => Err(TargetError::WeakWithSystemRoots),
    }
}

fn negotiation(values: &Values<'_>, mode: SslMode) -> Result<Negotiation, TargetError> {
    let Some(value) = values.find(Keyword::SslNegotiation) else {
        return Ok(Negotiation::Postgres);
    };
    match (value.one_of(&NEGOTIATIONS)?, mode) {
        (Negotiation::Direct, SslMode::Disable | SslMode::Allow | SslMode::Prefer) => Err(value
            .refused(
                "without sslmode=require, verify-ca or verify-full it would fall back to \
                               no encryption; add one of these",
            )),
        (negotiation, _) => Ok(negotiation),
    }
}

fn versions(values: &Values<'_>) -> Result<Versions, TargetError> {
    let lowest = match values.text(Keyword::SslMinProtocolVersion) {
        Some(value) => value.one_of_any_case(&LOWEST)?,
        None => TlsVersion::Tls12,
    };
    let Some(value) = values.text(Keyword::SslMaxProtocolVersion) else {
        return Ok(match lowest {
            TlsVersion::Tls12 => Versions::Both,
            TlsVersion::Tls13 => Versions::Only13,
        });
    };
    let highest = value.one_of_any_case(&HIGHEST)?.ok_or_else(|| {
        value.refused("TLS older than 1.2 is never spoken; write TLSv1.2 or TLSv1.3")
    })?;
    match (lowest, highest) {
        (TlsVersion::Tls12, TlsVersion::Tls12) => Ok(Versions::Only12),
        (TlsVersion::Tls12, TlsVersion::Tls13) => Ok(Versions::Both),
        (TlsVersion::Tls13, TlsVersion::Tls13) => Ok(Versions::Only13),
        (TlsVersion::Tls13, TlsVersion::Tls12) => {
            Err(value.refused("it is below ssl_min_protocol_version; remove one of the two"))
        }
    }
}

fn client(
    values: &Values<'_>,
    home: Option<&Path>,
) -> Result<Option<ClientCertificate>, TargetError> {
    if let Some(mode) = values.find(Keyword::SslCertMode) {
        match mode.one_of(&CERTIFICATE_MODES)? {
            CertificateMode::Allow => {}
            CertificateMode::Disable => return Ok(None),
            CertificateMode::Require => {
                return Err(mode.refused(
                    "the daemon cannot tell whether the server asked for its certificate; \
                     demand clientcert in the server's pg_hba.conf",
                ));
            }
        }
    }
    let Some(certificate) =
        FileChoice::from_values(values, Keyword::SslCert, home, ".postgresql/postgresql.crt")
    else {
        return Ok(None);
    };
    let key = FileChoice::from_values(values, Keyword::SslKey, home, ".postgresql/postgresql.key")
        .ok_or(TargetError::NoClientKey)?;
    Ok(Some(ClientCertificate {
        certificate,
        key,
        passphrase: values
            .text(Keyword::SslPassword)
            .map(|value| Secret::new(value.text)),
    }))
}
