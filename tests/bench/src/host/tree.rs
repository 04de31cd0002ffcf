//! The processes below some roots and their CPU time, from `/proc/PID/stat` (proc(5)), where there are
//! no control groups: what a process used and what its ended children used.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;

use super::account::Pid;
use super::cores::ticks_to_time;
use crate::error::Error;

/// What is taken from one line of `/proc/PID/stat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stat {
    parent: Pid,
    ticks: u64,
}

/// CPU time of the processes below `roots` and of their ended children.
pub(super) fn cpu(roots: &[Pid]) -> Result<Duration, Error> {
    let all = all_processes()?;
    let ticks = below(&all, roots)
        .into_iter()
        .filter_map(|pid| all.get(&pid))
        .map(|stat| stat.ticks);
    Ok(ticks_to_time(ticks.sum()))
}

/// The processes below `roots`, they included, as far as they live.
pub(super) fn pids(roots: &[Pid]) -> Result<BTreeSet<Pid>, Error> {
    Ok(below(&all_processes()?, roots))
}

fn all_processes() -> Result<BTreeMap<Pid, Stat>, Error> {
    let entries = fs::read_dir("/proc").map_err(Error::file("/proc"))?;
    Ok(entries
        .filter_map(|entry| {
            let pid: Pid = entry.ok()?.file_name().to_str()?.parse().ok()?;
            // A process that ended since the folder was read is no error.
            let line = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            Some((pid, stat(&line)?))
        })
        .collect())
}

fn below(all: &BTreeMap<Pid, Stat>, roots: &[Pid]) -> BTreeSet<Pid> {
    let mut found: BTreeSet<Pid> = roots
        .iter()
        .copied()
        .filter(|root| all.contains_key(root))
        .collect();
    loop {
        let before = found.len();
        let children = all.iter().filter(|(_, stat)| found.contains(&stat.parent));
        let children: Vec<Pid> = children.map(|(pid, _)| *pid).collect();
        found.extend(children);
        if found.len() == before {
            return found;
        }
    }
}

/// The parent is the second field after the name in parentheses, which may itself contain any
/// character; user and system time, own and of waited-for children, are the twelfth to fifteenth.
fn stat(line: &str) -> Option<Stat> {
    let (_, fields) = line.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let times = fields
        .get(11..15)?
        .iter()
        .map(|ticks| ticks.parse::<u64>().ok());
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        ticks: times.sum::<Option<u64>>()?,
    })
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_name_with_parentheses_and_spaces_does_not_shift_the_fields() {
        let line = "7 (a) b (c) S 3 7 7 0 -1 4194560 9 9 9 9 1 20 300 4000 20 0 1 0 5 6 7";
        assert_eq!(
            stat(line),
            Some(Stat {
                parent: 3,
                ticks: 4321
            })
        );
    }

    #[test]
    fn grandchildren_belong_to_the_root_and_untrusted_clients_do_not() {
        let child_of = |parent| Stat { parent, ticks: 1 };
        let all = [
            (9, child_of(1)),
            (3, child_of(9)),
            (5, child_of(3)),
            (6, child_of(1)),
        ]
        .into();
        assert_eq!(below(&all, &[9]), [3, 5, 9].into());
        assert_eq!(below(&all, &[77]), [].into());
    }

    #[test]
    fn the_time_of_a_child_that_ended_is_counted() {
        let script = "(i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done); echo; read -r line";
        let mut child = Command::new("sh")
            .args(["-c", script])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut ended = [0];
        std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut ended).unwrap();
        let used = cpu(&[child.id()]).unwrap();
        drop(child.stdin.take());
        child.wait().unwrap();
        assert!(used >= Duration::from_millis(10), "{used:?}");
    }
}
