//! Records made by hand, and what they are summed up to.

mod gaps;
mod primaries;
mod reads;
mod rows;

use super::*;
use crate::record::{Begin, Note, Read, Seen, Unreached, Write};
use crate::report::Gap;

const SECOND: Duration = Duration::from_secs(1);

fn ms(number: u64) -> Duration {
    Duration::from_millis(number)
}

fn primary(host: &str, timeline: i64) -> Primary {
    Primary {
        host: host.into(),
        timeline,
    }
}

/// A run of ten seconds with one writer and one reader.
fn record() -> Record {
    let mut record = Record::of(Begin {
        run: "run".into(),
        at: ms(7),
        writers: vec!["writers".into()],
        readers: vec!["readers".into()],
    });
    record.end = Some(10 * SECOND);
    record
}

/// A row that was sent and acknowledged.
fn written(record: &mut Record, number: i64, (sent, ended): (u64, u64), by: &Primary) {
    record.add(Note::Write(Write {
        writer: 0,
        number,
        sent: ms(sent),
        ended: ms(ended),
        outcome: Ok(by.clone()),
    }));
}

fn failed(record: &mut Record, number: i64, ended: u64, why: Failure) {
    record.add(Note::Write(Write {
        writer: 0,
        number,
        sent: ms(ended),
        ended: ms(ended),
        outcome: Err(why),
    }));
}

fn read(record: &mut Record, at: u64, host: &str, in_recovery: bool, newest: Option<i64>) {
    record.add(Note::Read(Read {
        reader: 0,
        sent: ms(at),
        ended: ms(at + 1),
        outcome: Ok(Seen {
            host: host.into(),
            in_recovery,
            newest,
        }),
    }));
}

fn sum(record: &Record) -> Report {
    tally(record, SECOND, None)
}

fn gap(begin: u64, end: u64) -> Gap {
    Gap {
        begin: ms(begin),
        length: ms(end - begin),
    }
}
