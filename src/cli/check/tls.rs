//! The options for requests to a daemon over TLS.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::base::https::{Certificates, Identity, PrivateKey, TlsClient, TlsFileError};
use crate::base::regular_file;

/// Largest file that is read, in bytes.
const MOST: u64 = 1 << 20;

/// Arguments of `check` that accompany `--at`.
#[derive(Debug, clap::Args)]
pub(super) struct TlsArguments {
    /// Ask it over TLS; the file contains the authorities of its certificate, which must be valid for the address of --at
    #[arg(long, value_name = "FILE", requires = "at")]
    ca_file: Option<PathBuf>,
    /// A name for which its certificate may be valid instead of the address
    #[arg(long, value_name = "NAME", requires = "ca_file")]
    server_name: Option<String>,
    /// A client certificate to present
    #[arg(long, value_name = "FILE", requires = "ca_file")]
    certificate_file: Option<PathBuf>,
    /// Its private key [default: the one in --certificate-file]
    #[arg(long, value_name = "FILE", requires = "certificate_file")]
    key_file: Option<PathBuf>,
}

impl TlsArguments {
    /// The TLS configuration for the daemon at this address; `None` without these options. The error names the option.
    pub(super) fn client(&self, at: SocketAddr) -> Result<Option<TlsClient>, String> {
        let Some(ca_file) = &self.ca_file else {
            return Ok(None);
        };
        let authorities = content("--ca-file", ca_file)?;
        let own = self.certificate_file.as_deref();
        let own = own.map(|path| self.identity(path)).transpose()?;
        let names = self.server_name.iter();
        let names = names.map(|name| (at.ip(), name.clone())).collect();
        let client = TlsClient::of_nodes(&authorities, names, own.as_ref());
        client.map(Some).map_err(wrong("--ca-file", ca_file))
    }

    fn identity(&self, path: &Path) -> Result<Identity, String> {
        const CERTIFICATE: &str = "--certificate-file";
        const KEY: &str = "--key-file";
        let text = content(CERTIFICATE, path)?;
        let certificates = Certificates::read(&text).map_err(wrong(CERTIFICATE, path))?;
        let (option, path, key) = match &self.key_file {
            Some(path) => (KEY, path.as_path(), PrivateKey::read(&content(KEY, path)?)),
            None => (CERTIFICATE, path, PrivateKey::read_beside(&text, &KEY)),
        };
        let key = key.map_err(wrong(option, path))?;
        Identity::new(certificates, key).map_err(wrong(option, path))
    }
}

fn content(option: &str, path: &Path) -> Result<Vec<u8>, String> {
    let read = regular_file::read(path, MOST);
    read.map_err(|error| format!("{option}: cannot read {}: {error}", path.display()))
}

fn wrong(option: &str, path: &Path) -> impl Fn(TlsFileError) -> String {
    move |error| format!("{option}: {}: {error}", path.display())
}
