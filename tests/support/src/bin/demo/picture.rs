//! What each host answers and where HAProxy leads, at one moment.

use std::fmt;
use std::net::Ipv4Addr;

use support::haproxy::Row;
use support::{Status, Trouble};

use crate::cluster::{Cluster, Host};

/// All hosts at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    /// One a host.
    pub(crate) views: Vec<View>,
}

/// One host at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct View {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its address.
    pub(crate) address: Ipv4Addr,
    /// The line of its daemon.
    pub(crate) answer: String,
    /// Whether HAProxy leads writers to it.
    pub(crate) writers: Status,
    /// Whether HAProxy leads readers to it.
    pub(crate) readers: Status,
}

/// The part that a host is to play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// It says `production` and gets the writers.
    Primary,
    /// It says `standby` and gets the readers.
    Standby,
    /// It says `down` and gets nobody.
    Down,
}

impl Picture {
    /// Asks every daemon and HAProxy.
    pub(crate) fn take(cluster: &Cluster) -> Result<Self, Trouble> {
        let rows = cluster.haproxy.rows()?;
        let views = cluster.hosts().map(|host| View::take(host, &rows));
        Ok(Self {
            views: views.into(),
        })
    }

    /// The picture itself if every host plays its part; else the error says what it shows.
    pub(crate) fn shows(self, parts: [Part; 3]) -> Result<Self, String> {
        if self
            .views
            .iter()
            .zip(parts)
            .all(|(view, part)| view.plays(part))
        {
            Ok(self)
        } else {
            Err(self.to_string())
        }
    }
}

impl View {
    fn take(host: &Host, rows: &[Row]) -> Self {
        let status = |proxy| {
            let row = rows
                .iter()
                .find(|row| row.proxy == proxy && row.server == host.name);
            row.map_or(Status::NoCheck, |row| row.status)
        };
        let answer = host.daemon.ask();
        Self {
            name: host.name,
            address: host.address,
            answer: answer.unwrap_or_else(|error| format!("nothing: {error}")),
            writers: status("prod"),
            readers: status("stdby"),
        }
    }

    fn plays(&self, part: Part) -> bool {
        let answer = self.answer.as_str();
        let route = (self.writers, self.readers);
        match part {
            Part::Primary => answer == "production" && route == (Status::Up, Status::Down),
            Part::Standby => answer == "standby" && route == (Status::Down, Status::Up),
            Part::Down => answer.starts_with("down ") && route == (Status::Down, Status::Down),
        }
    }
}

impl fmt::Display for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let views = self.views.iter().map(|view| {
            format!(
                "{} answers \"{}\" and is {:?} for writers, {:?} for readers",
                view.name, view.answer, view.writers, view.readers
            )
        });
        f.write_str(&views.collect::<Vec<_>>().join("; "))
    }
}
