//! Reads the lists of revoked certificates (`sslcrl`, `sslcrldir`): from a file, and from a directory in OpenSSL's
//! format. Judges no server.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustls::pki_types::CertificateRevocationListDer as List;

use super::error::{TlsError, TlsFile};
use super::files;
use crate::base::certificates::revocations::Revocations;
use crate::base::regular_file;
use crate::postgres::conninfo::Tls;

const WHAT: TlsFile = TlsFile::RevocationList;

/// Most files in the directory, those with other names included.
const MOST_FILES: usize = 10_000;

pub(super) fn read(tls: &Tls) -> Result<Revocations, TlsError> {
    let mut lists = match &tls.revocations {
        Some(choice) => match files::read(choice, WHAT)? {
            Some(text) => files::items(&text, WHAT, choice.path())?,
            None => Vec::new(),
        },
        None => Vec::new(),
    };
    if let Some(folder) = &tls.revocation_folder {
        lists.extend(of_folder(folder)?);
    }
    let were_given = !lists.is_empty();
    let revocations = Revocations::new(lists);
    if were_given && revocations.is_empty() {
        return Err(TlsError::PartialRevocations);
    }
    Ok(revocations)
}

/// Reads the files of the directory whose names have the form `HASH.rN`. There must be one: with such a directory, OpenSSL
/// refuses every certificate whose issuer has no list.
fn of_folder(folder: &Path) -> Result<Vec<List<'static>>, TlsError> {
    let names = names(folder).map_err(|source| files::unreadable(WHAT, folder, source))?;
    let mut lists = Vec::new();
    let mut left = files::MOST;
    for path in names {
        let failed = |source| files::unreadable(WHAT, &path, source);
        let text = regular_file::read(&path, left).map_err(failed)?;
        left = left.saturating_sub(u64::try_from(text.len()).unwrap_or(u64::MAX));
        lists.extend(files::items::<List<'static>>(&text, WHAT, &path)?);
    }
    if lists.is_empty() {
        return Err(TlsError::NoRevocations {
            path: folder.into(),
        });
    }
    Ok(lists)
}

fn names(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for (index, entry) in entries.enumerate() {
        if index >= MOST_FILES {
            return Err(io::Error::other(format!(
                "it has more than {MOST_FILES} files"
            )));
        }
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(is_hashed) {
            names.push(entry.path());
        }
    }
    names.sort();
    Ok(names)
}

/// Whether the name is one that `openssl rehash` gives to a revocation list: the hash of its issuer, `.r` and a number.
fn is_hashed(name: &str) -> bool {
    let Some((hash, number)) = name.split_once(".r") else {
        return false;
    };
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    hash.len() == 8
        && hash.bytes().all(is_hex)
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_that_openssl_gives() {
        for (name, is_one) in [
            ("0a1b2c3d.r0", true),
            ("0a1b2c3d.r12", true),
            ("0a1b2c3d.0", false),
            ("0a1b2c3d.r", false),
            ("0a1b2c3d.r0.old", false),
            ("0A1B2C3D.r0", false),
            ("a1b2c3d.r0", false),
            ("0a1b2c3dd.r0", false),
            ("root.crl", false),
        ] {
            assert_eq!(is_hashed(name), is_one, "{name}");
        }
    }
}
