//! Whether an order is in force, looked up anew when the last look was a moment ago. Knows nothing of
//! who asks.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tracing::warn;

use super::file::now;
use super::order::MaintenanceOrder;
use crate::base::regular_file;
use crate::health::Maintenance;

/// Oldest look that counts: thousands of checks a second need not open the file as often.
const LOOK: Duration = Duration::from_millis(100);

/// Longest text that is read: no order is longer.
const MOST: u64 = 256;

/// What was found in the file, and when.
#[derive(Debug, Default)]
pub struct MaintenanceWatch {
    looked: Option<(Instant, Arc<Path>)>,
    found: OrderFound,
    complained: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum OrderFound {
    #[default]
    Nothing,
    Order(MaintenanceOrder),
    /// Something is there that cannot be read as an order: somebody wanted one, and the stricter cannot
    /// be wrong.
    Illegible,
}

impl MaintenanceWatch {
    /// What the file at `path` orders at `moment`.
    pub fn ordered(&mut self, moment: Instant, path: &Arc<Path>) -> Option<Maintenance> {
        let fresh = self.looked.as_ref().is_some_and(|(at, looked_at)| {
            looked_at == path && moment.saturating_duration_since(*at) < LOOK
        });
        if !fresh {
            self.looked = Some((moment, Arc::clone(path)));
            self.found = look(path);
        }
        if self.found != OrderFound::Illegible {
            self.complained = false;
        } else if !self.complained {
            self.complained = true;
            warn!(
                "{} is no order that can be read, so it counts as \"down\"; write \"drain\" or \
                 \"down\" into it, or remove it",
                path.display()
            );
        }
        match self.found {
            OrderFound::Nothing => None,
            OrderFound::Order(order) => order.at(now()),
            OrderFound::Illegible => Some(Maintenance::Down),
        }
    }
}

fn look(path: &Path) -> OrderFound {
    let text = match regular_file::read_text(path, MOST) {
        Ok(text) => text,
        Err(error) if is_absent(&error) => return OrderFound::Nothing,
        Err(_) => return OrderFound::Illegible,
    };
    MaintenanceOrder::parse(&text).map_or(OrderFound::Illegible, OrderFound::Order)
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::{give, take_back};
    use super::*;

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn path(&self) -> Arc<Path> {
            self.0.path().join("made/maintenance").into()
        }

        /// What somebody who never looked before finds.
        fn found(&self) -> Option<Maintenance> {
            MaintenanceWatch::default().ordered(Instant::now(), &self.path())
        }

        fn write(&self, text: &[u8]) {
            fs::create_dir_all(self.path().parent().unwrap()).unwrap();
            fs::write(self.path(), text).unwrap();
        }
    }

    #[test]
    fn an_order_is_in_force_until_it_is_taken_back() {
        let folder = Folder::new();
        assert_eq!(folder.found(), None);
        for how in [Maintenance::Drain, Maintenance::Down] {
            give(&folder.path(), MaintenanceOrder { how, until: None }).unwrap();
            assert_eq!(folder.found(), Some(how));
        }
        take_back(&folder.path()).unwrap();
        assert_eq!(folder.found(), None);
        take_back(&folder.path()).unwrap();
    }

    #[test]
    fn an_order_whose_time_has_come_is_none() {
        let folder = Folder::new();
        folder.write(b"down until 2001-01-01T00:00:00Z\n");
        assert_eq!(folder.found(), None);
    }

    #[test]
    fn what_cannot_be_read_as_an_order_counts_as_the_stricter_one() {
        let folder = Folder::new();
        for text in [&b"perhaps"[..], b"\xff", &[b'x'; 4096]] {
            folder.write(text);
            assert_eq!(folder.found(), Some(Maintenance::Down));
        }
        fs::remove_file(folder.path()).unwrap();
        fs::create_dir(folder.path()).unwrap();
        assert_eq!(folder.found(), Some(Maintenance::Down));
    }

    #[test]
    fn what_stands_in_the_files_place_counts_as_the_stricter_order() {
        let folder = Folder::new();
        fs::create_dir_all(folder.path().parent().unwrap()).unwrap();
        regular_file::traps::each(&folder.path(), |trap| {
            assert_eq!(folder.found(), Some(Maintenance::Down), "{trap}");
        });
    }

    #[test]
    fn the_file_is_not_opened_for_every_check_but_soon_again() {
        let folder = Folder::new();
        let (mut watch, start) = (MaintenanceWatch::default(), Instant::now());
        assert_eq!(watch.ordered(start, &folder.path()), None);
        folder.write(b"down");
        let soon = start + LOOK / 2;
        assert_eq!(watch.ordered(soon, &folder.path()), None);
        let later = start + LOOK;
        assert_eq!(
            watch.ordered(later, &folder.path()),
            Some(Maintenance::Down)
        );
    }

    #[test]
    fn an_end_that_cannot_be_told_is_none() {
        let day = Duration::from_secs(86_400);
        assert!(super::super::file::from_now(day * 3_000).is_some());
        for days in [3_000_000, u32::MAX] {
            assert_eq!(super::super::file::from_now(day * days), None);
        }
    }

    #[test]
    fn another_file_is_looked_at_at_once() {
        let (empty, full) = (Folder::new(), Folder::new());
        full.write(b"drain");
        let (mut watch, now) = (MaintenanceWatch::default(), Instant::now());
        assert_eq!(watch.ordered(now, &empty.path()), None);
        assert_eq!(watch.ordered(now, &full.path()), Some(Maintenance::Drain));
    }
}
