//! `make demo`: three PostgreSQL servers, a daemon for each and one HAProxy on this machine; the
//! primary is stopped, a standby promoted, and the route is seen to follow.
//!
//! - [`places`]: addresses and ports.
//! - [`cluster`]: the hosts and HAProxy, and how they are made.
//! - [`picture`]: what each host answers and where HAProxy leads, at one moment.
//! - [`checks`]: what must be true before and after.
//! - [`failover`]: the primary is stopped and a standby promoted while the client writes.
//! - [`stay`]: the cluster stays up until Ctrl-C.
//! - [`stage`]: steps and waits, on the [`screen`], until an [`interrupt`].
//! - [`end`]: why the demo ended early.

mod checks;
mod cluster;
mod end;
mod failover;
mod interrupt;
mod picture;
mod places;
mod screen;
mod stage;
mod stay;

use std::process::ExitCode;

use checks::{readers_are_led_to, wait_for_picture, wait_for_streaming};
use cluster::Cluster;
use end::End;
use picture::Part;
use places::Places;
use stage::{Stage, announce};
use support::Ports;

const USAGE: &str = "usage: demo [--once]

  --once  end by itself, and fail if anything was not as it should be";

/// What to do after the last chapter.
#[derive(Clone, Copy)]
enum Afterwards {
    /// Wait for Ctrl-C.
    StayUp,
    /// End.
    End,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let afterwards = match arguments.as_slice() {
        [] => Afterwards::StayUp,
        [one] if one == "--once" => Afterwards::End,
        _ => {
            screen::complain(USAGE);
            return ExitCode::from(64);
        }
    };
    match run(afterwards) {
        Ok(()) => ExitCode::SUCCESS,
        Err(End::Interrupted) => ExitCode::from(130),
        Err(end) => {
            screen::complain(&format!("demo: {end:?}"));
            ExitCode::FAILURE
        }
    }
}

fn run(afterwards: Afterwards) -> Result<(), End> {
    let stage = Stage::open()?;
    let places = Places::choose()?;
    screen::title("Three PostgreSQL servers behind HAProxy, without a virtual IP");
    if places.ports != Ports::USUAL {
        screen::line("a server of this machine has one of the usual ports; others are taken");
    }
    let mut cluster = Cluster::start(&stage, places)?;
    let ended = chapters(&stage, &mut cluster, afterwards);
    // Whatever came before: nobody can interrupt this.
    announce("stopping everything and removing it", || {
        drop(cluster);
        Ok(())
    })?;
    ended
}

fn chapters(stage: &Stage, cluster: &mut Cluster, afterwards: Afterwards) -> Result<(), End> {
    wait_for_streaming(stage, &cluster.srv1, &[&cluster.srv2, &cluster.srv3])?;
    wait_for_picture(
        stage,
        cluster,
        [Part::Primary, Part::Standby, Part::Standby],
    )?;
    readers_are_led_to(cluster, &[&cluster.srv2, &cluster.srv3])?;
    let written = failover::run(stage, cluster)?;
    wait_for_streaming(stage, &cluster.srv2, &[&cluster.srv3])?;
    wait_for_picture(stage, cluster, [Part::Down, Part::Primary, Part::Standby])?;
    readers_are_led_to(cluster, &[&cluster.srv3])?;
    failover::judge(cluster, &written)?;
    match afterwards {
        Afterwards::End => Ok(()),
        Afterwards::StayUp => stay::until_interrupted(stage, cluster),
    }
}
