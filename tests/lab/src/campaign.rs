//! Faults at random, in random pairs and at random moments, while real clients write and read with synchronous
//! replication; what the clients saw is held against what can be. A seed gives the same faults each time, though not
//! the same moments of the cluster.
//!
//! - [`fault`]: something that is done; [`kinds`]: all that can be, and what it may come to; [`mod@plan`]: from a seed to the faults of a
//!   campaign. Both pure.
//! - [`targets`]: the hosts that have a role now; [`inject`]: does a fault and takes it back.
//! - [`clients`]: clients on all hosts, and what they noted.
//! - [`entry`]: plays one entry of a plan; [`settle`]: waits until the cluster is whole again; [`forked`]: servers
//!   that can never follow.
//! - [`judge`]: what of an entry must not be; [`table`]: all entries, for people and as JSON; [`gap`]: why there was no
//!   primary. All pure.
//! - [`played`]: what has been played at which commit; [`evidence`]: what is kept of an entry that went wrong.

mod clients;
mod entry;
mod evidence;
mod fault;
mod forked;
mod gap;
mod inject;
mod judge;
mod kinds;
mod plan;
mod played;
mod settle;
mod table;
mod targets;

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use clap::Args;

use crate::cluster::Cluster;
use crate::error::Error;
use crate::host::Host;
use crate::lab::Lab;
use crate::places::Places;
use crate::program::{output, within};
use crate::say::say;
use crate::scenario::make_whole;
use clients::Clients;
use judge::Verdict;
use plan::Entry;
use played::Played;
use table::Campaigned;
use targets::Targets;

/// What to play.
#[derive(Clone, Debug, Args)]
pub(crate) struct Campaign {
    /// What the faults, their moments and their pairs are drawn from [default: one at random, which is told]
    #[arg(long)]
    seed: Option<u64>,

    /// How many faults
    #[arg(long, default_value_t = 20)]
    faults: usize,

    /// Only this entry of the plan, or these
    #[arg(long, value_name = "NUMBER")]
    entry: Vec<usize>,

    /// Appends what was played to a file, goes on where an earlier run at this commit with this seed ended, and tells
    /// the sum of all runs at this commit
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,

    /// Appends a line of JSON to a file
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,

    /// Tell the faults of the seed, and do none
    #[arg(long)]
    dry_run: bool,
}

/// Plays a campaign, and returns the table of what came of it, and whether nothing in it must not be.
pub(crate) fn play(
    places: &Places,
    lab: &Lab,
    campaign: &Campaign,
) -> Result<(String, bool), Error> {
    let seed = campaign.seed.unwrap_or_else(|| fastrand::u64(..1 << 40));
    let commit = commit(places)?;
    let mut entries = plan::plan(seed, campaign.faults);
    if !campaign.entry.is_empty() {
        entries.retain(|entry| campaign.entry.contains(&entry.number));
    }
    if campaign.dry_run {
        let told: Vec<String> = entries.iter().map(Entry::to_string).collect();
        return Ok((told.join("\n") + "\n", true));
    }
    if let Some(file) = &campaign.proof {
        let before = played::entries(file, &commit, seed)?;
        entries.retain(|entry| !before.contains(&entry.number));
        for number in before {
            say(&format!("entry {number} was played at {commit} before"));
        }
    }
    say(&format!(
        "seed {seed}, {} entries, at {commit}",
        entries.len()
    ));
    prepare(lab)?;
    let mut campaigned = Campaigned::new(commit, seed);
    for entry in entries {
        let verdict = play_one(places, lab, seed, &entry)?;
        if let Some(file) = &campaign.proof {
            played::add(file, &campaigned.commit, seed, Played::of(&entry, &verdict))?;
        }
        let is_over = verdict.is_over();
        campaigned.add(entry, verdict);
        if is_over {
            say("the cluster cannot be made whole; the campaign ends here");
            break;
        }
    }
    let mut told = campaigned.for_people();
    if let Some(file) = &campaign.proof {
        told.push_str(&played::sum(file, &campaigned.commit)?.to_string());
    }
    if let Some(file) = &campaign.report {
        played::append(file, &campaigned.as_json()?)?;
    }
    Ok((told, campaigned.is_well()))
}

fn play_one(places: &Places, lab: &Lab, seed: u64, entry: &Entry) -> Result<Verdict, Error> {
    say(&entry.to_string());
    let outcome = entry::play(lab, entry)?;
    let verdict = judge::judge(&outcome);
    say(&format!("     {verdict}"));
    if !verdict.violations.is_empty() {
        let folder = places.campaign().join(format!("{seed}-{}", entry.number));
        evidence::keep(lab, &folder, entry, &outcome, &verdict)?;
        say(&format!(
            "     {} has what is known of it",
            folder.display()
        ));
    }
    Ok(verdict)
}

/// A whole cluster whose writes wait for a standby, whatever an interrupted campaign has left.
fn prepare(lab: &Lab) -> Result<(), Error> {
    let cluster = Cluster::new(lab);
    Clients::stop_all(lab);
    let targets = Targets::of(lab, cluster.primary().unwrap_or(Host::Srv1));
    inject::heal_all(&targets);
    make_whole(lab)?;
    let primary = cluster.wait_until_whole_within(Duration::from_secs(120))?;
    let names = lab.host(primary).sql("SHOW synchronous_standby_names")?;
    if names.is_empty() {
        let why = "no write of this lab waits for a standby; start it with SYNC=1";
        return Err(Error::Unfit(why.into()));
    }
    Ok(())
}

/// What is played, as git calls it.
fn commit(places: &Places) -> Result<String, Error> {
    let limit = Duration::from_secs(10);
    let mut git: Command = within(limit, "git");
    git.current_dir(places.checkout());
    git.args(["describe", "--always", "--dirty", "--abbrev=12"]);
    Ok(output(&mut git, "asking git for the commit")?.trim().into())
}
