//! What happens in one history: the seed of everything that is left to chance, and the events. A script is text, so
//! that it outlives the code that made it. Knows no consequence.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::Kind;

/// Something that happens to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Duration,
    /// What.
    pub kind: Kind,
    /// To which node, counted from 0; or to that of the primary.
    pub node: usize,
    /// For how many seconds.
    pub seconds: u64,
    /// What else there is to say.
    pub more: u64,
}

/// The node of the primary, whichever that is then.
pub const PRIMARY: usize = usize::MAX;

/// How a history ends: everything is mended, and then nothing happens for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The operator takes everything back that he has told Pacemaker.
    TakenBack,
    /// What he has told Pacemaker last holds.
    AsOrdered,
    /// The primary's host is lost for good.
    PrimaryLost,
}

impl Ending {
    const ALL: [(Self, &str); 3] = [
        (Self::TakenBack, "taken-back"),
        (Self::AsOrdered, "as-ordered"),
        (Self::PrimaryLost, "primary-lost"),
    ];
}

/// A history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// What is left to chance.
    pub seed: u64,
    /// How it ends.
    pub ending: Ending,
    /// What happens, in its order.
    pub events: Vec<Event>,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            at,
            kind,
            node,
            seconds,
            more,
        } = self;
        let (at, name) = (at.as_millis(), kind.name());
        match *node {
            PRIMARY => write!(f, "{at} {name} primary {seconds} {more}"),
            node => write!(f, "{at} {name} srv{} {seconds} {more}", node + 1),
        }
    }
}

impl FromStr for Event {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let mut words = line.split_whitespace();
        let mut next = || {
            words
                .next()
                .ok_or_else(|| format!("{line:?} ends too early"))
        };
        let number = |word: &str| {
            word.parse::<u64>()
                .map_err(|error| format!("{word:?}: {error}"))
        };
        let at = Duration::from_millis(number(next()?)?);
        let name = next()?;
        let kind = Kind::parse(name).ok_or_else(|| format!("{name:?} is no event"))?;
        let node = match next()? {
            "primary" => PRIMARY,
            name => (number(name.trim_start_matches("srv"))? as usize).saturating_sub(1),
        };
        Ok(Self {
            at,
            kind,
            node,
            seconds: number(next()?)?,
            more: number(next()?)?,
        })
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ending = Ending::ALL.iter().find(|(one, _)| *one == self.ending);
        writeln!(f, "seed {}", self.seed)?;
        writeln!(f, "ending {}", ending.map_or("", |(_, name)| name))?;
        for event in &self.events {
            writeln!(f, "{event}")?;
        }
        Ok(())
    }
}

impl FromStr for Script {
    type Err = String;

    /// Lines that begin with `#` are for people.
    fn from_str(text: &str) -> Result<Self, String> {
        let lines = text.lines().map(str::trim);
        let mut lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let first = lines.next().and_then(|line| line.strip_prefix("seed "));
        let seed = first.ok_or("the first line is to say the seed")?;
        let ending = lines.next().and_then(|line| line.strip_prefix("ending "));
        let ending = ending.and_then(|name| Ending::ALL.iter().find(|(_, one)| *one == name));
        Ok(Self {
            seed: seed.parse().map_err(|error| format!("{seed:?}: {error}"))?,
            ending: ending.ok_or("the second line is to say the ending")?.0,
            events: lines.map(str::parse).collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_read_as_it_was_written() {
        let script = Script::generate(9);
        assert_eq!(script.to_string().parse(), Ok(script));
    }
}
