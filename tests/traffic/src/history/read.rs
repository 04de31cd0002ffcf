//! From the clients' files to a history.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::line::Line;
use super::{History, Operation};
use crate::error::Error;

impl History {
    /// Reads the files of clients that have ended, still go on, or were killed: a last line without its end is left
    /// out.
    pub fn read(paths: &[PathBuf]) -> Result<Self, Error> {
        let mut history = Self::default();
        for (file, path) in paths.iter().enumerate() {
            let text = fs::read_to_string(path).map_err(Error::file("read", path.as_path()))?;
            history.add(file, path, &text)?;
        }
        Ok(history)
    }

    fn add(&mut self, file: usize, path: &Path, text: &str) -> Result<(), Error> {
        let lines = text
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'));
        let mut client = None;
        let mut places = BTreeMap::new();
        for (index, line) in lines.enumerate() {
            let wrong = |source| Error::Record {
                path: path.to_owned(),
                line: index + 1,
                source,
            };
            let line = serde_json::from_str(line).map_err(|error| wrong(Some(error)))?;
            match (line, &client) {
                (
                    Line::Begin {
                        client: name,
                        at,
                        wall,
                    },
                    None,
                ) => {
                    client = Some(name);
                    self.wall = wall.saturating_sub(at);
                }
                (
                    Line::Ask {
                        number,
                        connection,
                        at,
                        asked,
                    },
                    Some(client),
                ) => {
                    places.insert(number, self.operations.len());
                    self.operations.push(Operation {
                        client: client.clone(),
                        connection: in_file(file, connection),
                        asked,
                        sent: at,
                        told: None,
                    });
                }
                (Line::Tell { number, at, told }, Some(_)) => {
                    let place = places.remove(&number);
                    let operation = place.and_then(|place| self.operations.get_mut(place));
                    operation.ok_or_else(|| wrong(None))?.told = Some((at, told));
                }
                (Line::Begin { .. }, Some(_)) | (Line::Ask { .. } | Line::Tell { .. }, None) => {
                    return Err(wrong(None));
                }
            }
        }
        Ok(())
    }

    /// The time of day of a moment, since 1970.
    pub fn time_of_day(&self, moment: Duration) -> Duration {
        self.wall + moment
    }
}

/// A client that was started twice has two files, each with a first connection.
fn in_file(file: usize, connection: u64) -> u64 {
    u64::try_from(file).unwrap_or(u64::MAX) * 1_000_000_000 + connection
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Asked, Server, Told};

    const BEGIN: &str = "{\"begin\":{\"client\":\"srv1\",\"at_us\":5,\"wall_us\":105}}\n";
    const ASK: &str = "{\"ask\":{\"number\":0,\"connection\":1,\"at_us\":7,\"asked\":{\"add\":{\"member\":7}}}}\n";
    const TELL: &str = "{\"tell\":{\"number\":0,\"at_us\":9,\"told\":{\"acknowledged\":{\"host\":\"srv2\",\"writes\":3}}}}\n";

    fn read(text: &str) -> Result<History, Error> {
        let mut history = History::default();
        history.add(2, Path::new("file"), text)?;
        Ok(history)
    }

    #[test]
    fn an_operation_without_an_end_is_one_of_which_nothing_is_known() {
        let whole = read(&format!("{BEGIN}{ASK}{TELL}")).unwrap();
        let server = Server {
            host: "srv2".into(),
            writes: Some(3),
        };
        let micros = Duration::from_micros;
        let expected = Operation {
            client: "srv1".into(),
            connection: 2_000_000_001,
            asked: Asked::Add { member: 7 },
            sent: micros(7),
            told: Some((micros(9), Told::Acknowledged(server))),
        };
        assert_eq!(whole.operations, std::slice::from_ref(&expected));
        assert_eq!(whole.time_of_day(micros(7)), micros(107));

        let torn = read(&format!("{BEGIN}{ASK}{}", TELL.trim_end())).unwrap();
        let told = None;
        assert_eq!(torn.operations, [Operation { told, ..expected }]);
    }

    #[test]
    fn what_is_no_history_is_refused_with_the_line() {
        for (text, line) in [
            (ASK.to_owned(), 1),
            (format!("{BEGIN}{TELL}"), 2),
            (format!("{BEGIN}{ASK}{TELL}{TELL}"), 4),
            (format!("{BEGIN}{BEGIN}"), 2),
            ("nothing\n".to_owned(), 1),
        ] {
            let said = read(&text).unwrap_err().to_string();
            assert!(said.contains(&format!("line {line},")), "{said}");
        }
    }
}
