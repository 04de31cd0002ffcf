//! Reads the TLS files that a configuration names; leaves their content to `base::https`.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustls::pki_types::UnixTime;

use super::unreadable;
use crate::base::certificates::is_exposed;
use crate::base::https::{
    Certificates, ClientAuthorities, ClientDemand, Identity, PresentedTo, PrivateKey, TlsClient,
    TlsFileError, TlsServer,
};
use crate::base::regular_file;
use crate::config::keys::{CA_FILE, CERTIFICATE_FILE, CLIENT_CA_FILE, HTTP_KEY_FILE, Key};
use crate::config::model::{ClusterSettings, Https, ReadHttps};
use crate::config::modes::for_group_of_root;
use crate::config::problem::{Problem, Wrong};

/// Most bytes of a file: the certificate authorities of a whole system have some 200 kB.
const MOST: u64 = 1 << 20;

/// Reads the port's certificate, the authorities for clients and those for the nodes; notes what is wrong or strange.
pub(super) fn read(
    https: Option<&mut Https>,
    cluster: &mut ClusterSettings,
    problems: &mut Vec<Problem>,
) {
    let mut files = CertificateFiles { problems };
    let nodes = &cluster.nodes;
    let own = https.and_then(|https| {
        let own = files.identity(https);
        let clients = files.clients(https);
        let (own, clients) = (own?, clients?);
        let made = || {
            Ok(ReadHttps {
                server: TlsServer::new(&own, &clients, https.min_tls)?,
                own: TlsClient::of_itself(&own)?,
                identifies: nodes
                    .iter()
                    .filter(|node| own.identifies(node.address, &node.name))
                    .cloned()
                    .collect(),
            })
        };
        let made: Result<_, TlsFileError> = made();
        https.read = files.usable(CERTIFICATE_FILE, &https.certificate_file, made);
        let is_shown = https.clients.is_some();
        files.note_refused(https, &own, is_shown.then_some(PresentedTo::Daemons));
        Some(own)
    });
    cluster.tls = cluster.ca_file.as_deref().and_then(|path| {
        let (text, _) = files.content(CA_FILE, path)?;
        let nodes = cluster.nodes.iter();
        let nodes = nodes.map(|node| (node.address, node.name.clone()));
        let client = TlsClient::of_nodes_with_objections(
            &text,
            nodes.collect(),
            own.as_ref(),
            UnixTime::now(),
        );
        let (client, objections) = files.usable(CA_FILE, path, client)?;
        files.note_objections(
            CA_FILE,
            path,
            &objections,
            "the daemons of the nodes refuse one another",
        );
        Some(client)
    });
}

struct CertificateFiles<'p> {
    problems: &'p mut Vec<Problem>,
}

impl CertificateFiles<'_> {
    fn note(&mut self, key: Key, wrong: Wrong) {
        self.problems.push(Problem::from(wrong).key(key));
    }

    fn content(&mut self, key: Key, path: &Path) -> Option<(Vec<u8>, Metadata)> {
        let read = || {
            let file = regular_file::open(path)?;
            let metadata = file.metadata()?;
            Ok::<_, io::Error>((regular_file::contents(&file, MOST)?, metadata))
        };
        let read = read().map_err(|error| self.note(key, unreadable(path, &error)));
        read.ok()
    }

    fn usable<V>(&mut self, key: Key, path: &Path, outcome: Result<V, TlsFileError>) -> Option<V> {
        let wrong = |error| Wrong::new(format!("{}: {error}", path.display()), "");
        outcome.map_err(|error| self.note(key, wrong(error))).ok()
    }

    fn identity(&mut self, https: &Https) -> Option<Identity> {
        let path = &https.certificate_file;
        let (text, metadata) = self.content(CERTIFICATE_FILE, path)?;
        let certificates = self.usable(CERTIFICATE_FILE, path, Certificates::read(&text));
        let (key, path, private, metadata) = if let Some(path) = &https.key_file {
            let (text, metadata) = self.content(HTTP_KEY_FILE, path)?;
            (HTTP_KEY_FILE, path, PrivateKey::read(&text), metadata)
        } else {
            let private = PrivateKey::read_beside(&text, &HTTP_KEY_FILE);
            (CERTIFICATE_FILE, path, private, metadata)
        };
        let private = self.usable(key, path, private)?;
        if is_exposed(metadata.uid(), metadata.mode()) {
            let mode = metadata.mode() & 0o7777;
            let shown = path.display();
            let message = format!("the private key {shown} has group or world access ({mode:04o})");
            let hint = format!("take that away with: {}", for_group_of_root(path));
            self.note(key, Wrong::warning(message, hint));
        }
        let identity = Identity::new(certificates?, private);
        self.usable(key, path, identity)
    }

    /// Warns of a certificate that those refuse to whom it is presented: clients, and perhaps daemons.
    fn note_refused(&mut self, https: &Https, own: &Identity, daemons: Option<PresentedTo>) {
        let now = UnixTime::now();
        let clients = own.refused_by(PresentedTo::Clients, now).map(|why| {
            (
                why,
                "clients that verify the daemon refuse it; install another certificate",
            )
        });
        let daemons = || {
            let why = own.refused_by(daemons?, now)?;
            let hint = "daemons that require a certificate (client_ca_file) refuse it from other nodes' daemons and from \
                        pgsql-state check; install one for servers and clients";
            Some((why, hint))
        };
        if let Some((why, hint)) = clients.or_else(daemons) {
            let path = https.certificate_file.display();
            self.note(
                CERTIFICATE_FILE,
                Wrong::warning(format!("the certificate {path} {why}"), hint),
            );
        }
    }

    /// Warns of authorities that let in nobody.
    fn note_objections(&mut self, key: Key, path: &Path, objections: &[String], so: &str) {
        for objection in objections {
            let message = format!("{}: {objection}", path.display());
            self.note(key, Wrong::warning(message, so));
        }
    }

    fn clients(&mut self, https: &Https) -> Option<ClientDemand> {
        let Some(clients) = &https.clients else {
            return Some(ClientDemand::None);
        };
        let (text, _) = self.content(CLIENT_CA_FILE, &clients.ca_file)?;
        let trusted = self.usable(
            CLIENT_CA_FILE,
            &clients.ca_file,
            ClientAuthorities::read(&text),
        )?;
        let objections = trusted.out_of_time(UnixTime::now());
        let so = "clients with a certificate of that authority are refused";
        self.note_objections(CLIENT_CA_FILE, &clients.ca_file, &objections, so);
        Some(ClientDemand::Certificate(trusted, clients.demand))
    }
}
