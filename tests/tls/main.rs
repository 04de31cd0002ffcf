//! Logs in over TCP with `pgsql-state probe` and with the real `psql`, each time with the same
//! connection string, home and environment: libpq's end has to be ours.
//!
//! - [`pki`]: authorities and certificates, made for one run.
//! - [`operator`]: both clients, as one and the same person starts them.
//! - [`server`]: a server with TLS and one without, shared by the tests of a process.
//! - [`modes`]: `sslmode` against servers, root certificates and names.
//! - [`certificates`]: what a server's certificate has to prove.
//! - [`logins`]: passwords, channel binding, client certificates.
//! - [`matrix`]: what `openssl` makes.
//! - [`keys`]: the client's private key, and its passphrase.
//! - [`revocations`]: lists of revoked certificates.
//! - [`demands`]: what the operator demands of a server.
//! - [`services`]: service files.
//! - [`passfile`]: the password file.
//! - [`unreachable`]: no server at all.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot go on fails its test"
)]

mod authorities;
mod certificates;
mod demands;
mod keys;
mod logins;
mod matrix;
mod modes;
mod operator;
mod passfile;
mod pki;
mod revocations;
mod server;
mod services;
mod unreachable;
