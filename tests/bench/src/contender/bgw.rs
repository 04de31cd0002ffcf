//! The closest rival: an extension whose background worker answers from inside PostgreSQL.

use std::process::Command;

use super::{Contender, Name, Running};
use crate::client::Endpoint;
use crate::error::Error;
use crate::host::folder::run;
use crate::host::packages::{Needed, for_postgres, of_major};
use crate::host::{Host, ports};

fn package() -> String {
    of_major("postgresql-", "-bgw-replstatus")
}

/// `bgw_replstatus` of Debian.
pub(crate) struct Bgw;

impl Contender for Bgw {
    fn name(&self) -> Name {
        Name::Bgw
    }

    fn needs(&self) -> Vec<Needed> {
        let library = Needed::of_postgres("lib/bgw_replstatus.so", package());
        for_postgres().into_iter().chain([library]).collect()
    }

    fn version(&self) -> Result<String, Error> {
        let version = run(Command::new("dpkg-query").args(["-W", "-f=${Version}", &package()]))?;
        Ok(format!("bgw_replstatus {version}"))
    }

    fn start(&self, host: &Host) -> Result<Running, Error> {
        let address = ports::free()?;
        let settings = [
            "shared_preload_libraries=bgw_replstatus".into(),
            format!("bgw_replstatus.bind={}", address.ip()),
            format!("bgw_replstatus.port={}", address.port()),
        ];
        Running::asking_postgres(host, self.name(), &settings, |_, _| {
            Ok(Endpoint::speaks_first(address, b"MASTER"))
        })
    }
}
