//! The files that a configuration names, and what each of them is; opens none of them.

use std::path::PathBuf;

use crate::daemon::Configured;
use crate::postgres::conninfo::{FileChoice, Roots};

/// A file that a setting names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NamedFile {
    /// The setting.
    pub(super) key: &'static str,
    pub(super) path: PathBuf,
    pub(super) kind: NamedFileKind,
}

/// What a file is, as far as its owner and its mode depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NamedFileKind {
    /// A file with certificates, or with a secret that a group may share.
    Ordinary,
    /// A private key, which only root may share with a group.
    PrivateKey,
    /// A password file, which only its owner may read.
    PasswordFile,
    /// A folder of files.
    Folder,
}

/// The files of these settings. One that libpq looks for without being told its name is not among them: it may be missing.
pub(super) fn files(settings: &Configured) -> Vec<NamedFile> {
    use NamedFileKind::{Folder, Ordinary, PasswordFile, PrivateKey};
    let target = &settings.postgres.target;
    let roots = match &target.tls.roots {
        Roots::File(file) => chosen(Some(file)),
        Roots::System | Roots::Nowhere => None,
    };
    let client = target.tls.client.as_ref();
    let conninfo = [
        (chosen(target.passfile.as_ref()), PasswordFile),
        (roots, Ordinary),
        (chosen(target.tls.revocations.as_ref()), Ordinary),
        (target.tls.revocation_folder.clone(), Folder),
        (chosen(client.map(|client| &client.certificate)), Ordinary),
        (chosen(client.map(|client| &client.key)), PrivateKey),
        (
            target.service.as_ref().map(|service| service.file.clone()),
            Ordinary,
        ),
    ];
    let conninfo = conninfo.map(|(path, kind)| ("postgres.conninfo", path, kind));
    let https = settings.https.as_ref();
    let clients = https.and_then(|https| https.clients.as_ref());
    let keys = [
        (
            "admission.token_file",
            settings.admission.token_file.clone(),
            Ordinary,
        ),
        (
            "cluster.key_file",
            settings.cluster.key_file.clone(),
            Ordinary,
        ),
        (
            "cluster.ca_file",
            settings.cluster.ca_file.clone(),
            Ordinary,
        ),
        (
            "http.certificate_file",
            https.map(|https| https.certificate_file.clone()),
            match https.and_then(|https| https.key_file.as_ref()) {
                Some(_) => Ordinary,
                // The key is in the same file.
                None => PrivateKey,
            },
        ),
        (
            "http.key_file",
            https.and_then(|https| https.key_file.clone()),
            PrivateKey,
        ),
        (
            "http.client_ca_file",
            clients.map(|clients| clients.ca_file.clone()),
            Ordinary,
        ),
    ];
    let all = conninfo.into_iter().chain(keys);
    let named = all.filter_map(|(key, path, kind)| {
        let path = path?;
        Some(NamedFile { key, path, kind })
    });
    named.collect()
}

fn chosen(file: Option<&FileChoice>) -> Option<PathBuf> {
    match file {
        Some(FileChoice::Named(path)) => Some(path.clone()),
        Some(FileChoice::Default(_)) | None => None,
    }
}
