//! What writers and readers noted, in order; knows no socket and no clock.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::micros;

/// Everything that was noted. Every time is counted from the beginning of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// How it began.
    pub begin: Begin,
    /// Every row that was sent.
    pub writes: Vec<Write>,
    /// Every question that was sent by a reader.
    pub reads: Vec<Read>,
    /// Every connection that was not had.
    pub unreached: Vec<Unreached>,
    /// When it was told to end; `None` while it runs, and where it was killed.
    pub end: Option<Duration>,
}

/// How a run began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begin {
    /// The run's name, which its rows bear.
    pub run: String,
    /// The time of day, since 1970.
    #[serde(rename = "at_us", with = "micros")]
    pub at: Duration,
    /// Where each writer connects.
    pub writers: Vec<String>,
    /// Where each reader connects.
    pub readers: Vec<String>,
}

/// Something to note: a line of the record's file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Note {
    /// The first line.
    Begin(Begin),
    /// A row was sent.
    Write(Write),
    /// A reader asked.
    Read(Read),
    /// A connection was not had.
    Unreached(Unreached),
    /// The last line.
    End(End),
}

/// A row that was sent, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Write {
    /// Which writer, from 0.
    pub writer: usize,
    /// The row's number, which no other row of the run has.
    pub number: i64,
    /// When it was sent.
    #[serde(rename = "sent_us", with = "micros")]
    pub sent: Duration,
    /// When it was acknowledged or given up.
    #[serde(rename = "ended_us", with = "micros")]
    pub ended: Duration,
    /// Who acknowledged it, or why nobody did. Without an acknowledgement it may be there all the
    /// same.
    pub outcome: Result<Primary, Failure>,
}

/// Who acknowledged a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Primary {
    /// The host, as it names itself.
    pub host: String,
    /// The timeline to which it wrote: every promotion begins a new one.
    pub timeline: i64,
}

/// A reader's question, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read {
    /// Which reader, from 0.
    pub reader: usize,
    /// When it was sent.
    #[serde(rename = "sent_us", with = "micros")]
    pub sent: Duration,
    /// When it was answered or given up.
    #[serde(rename = "ended_us", with = "micros")]
    pub ended: Duration,
    /// The answer, or why there was none.
    pub outcome: Result<Seen, Failure>,
}

/// What a reader saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The host, as it names itself.
    pub host: String,
    /// `pg_is_in_recovery()`: whether it is a standby.
    pub in_recovery: bool,
    /// The highest number of the run's rows there.
    pub newest: Option<i64>,
}

/// A connection that was not had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreached {
    /// Who wanted it.
    pub who: Who,
    /// When.
    #[serde(rename = "began_us", with = "micros")]
    pub began: Duration,
    /// When it was given up.
    #[serde(rename = "ended_us", with = "micros")]
    pub ended: Duration,
    /// Why it was not had.
    pub why: Failure,
}

/// A client of the run, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Who {
    /// A writer.
    Writer(usize),
    /// A reader.
    Reader(usize),
}

/// The end of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// When it was told to end.
    #[serde(rename = "at_us", with = "micros")]
    pub at: Duration,
}

impl Record {
    /// A record with nothing in it yet.
    pub fn of(begin: Begin) -> Self {
        Self {
            begin,
            writes: Vec::new(),
            reads: Vec::new(),
            unreached: Vec::new(),
            end: None,
        }
    }

    /// Adds a note.
    pub fn add(&mut self, note: Note) {
        match note {
            Note::Begin(begin) => self.begin = begin,
            Note::Write(write) => self.writes.push(write),
            Note::Read(read) => self.reads.push(read),
            Note::Unreached(unreached) => self.unreached.push(unreached),
            Note::End(end) => self.end = Some(end.at),
        }
    }

    /// The rows that were acknowledged, with their primaries.
    pub fn acknowledged(&self) -> impl Iterator<Item = (&Write, &Primary)> {
        self.writes
            .iter()
            .filter_map(|write| Some((write, write.outcome.as_ref().ok()?)))
    }

    /// The questions that were answered, with what was seen.
    pub fn answered(&self) -> impl Iterator<Item = (&Read, &Seen)> {
        self.reads
            .iter()
            .filter_map(|read| Some((read, read.outcome.as_ref().ok()?)))
    }
}
