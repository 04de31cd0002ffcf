//! Determines whether an order is in force; reads the file at most every 100 ms. Does not know how the order
//! is used.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tracing::warn;

use super::file::now;
use super::order::MaintenanceOrder;
use crate::base::regular_file;
use crate::health::Maintenance;

/// Time for which the content of the file is reused: thousands of checks a second need not open the file each.
const REREAD_INTERVAL: Duration = Duration::from_millis(100);

/// Largest size of a maintenance file, in bytes: no order is longer.
const MOST: u64 = 256;

/// The last content of the maintenance file, and when it was read.
#[derive(Debug, Default)]
pub struct MaintenanceWatch {
    read_at: Option<(Instant, Arc<Path>)>,
    found: OrderFound,
    complained: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum OrderFound {
    #[default]
    Nothing,
    Order(MaintenanceOrder),
    /// The file exists but is not a valid order. An order was intended, and the stricter one, `down`, is
    /// safe whatever was meant.
    Illegible,
}

impl MaintenanceWatch {
    /// The order in force at `moment` according to the file at `path`.
    pub fn ordered(&mut self, moment: Instant, path: &Arc<Path>) -> Option<Maintenance> {
        let fresh = self.read_at.as_ref().is_some_and(|(at, read_path)| {
            read_path == path && moment.saturating_duration_since(*at) < REREAD_INTERVAL
        });
        if !fresh {
            self.read_at = Some((moment, Arc::clone(path)));
            self.found = read_order(path);
        }
        if self.found != OrderFound::Illegible {
            self.complained = false;
        } else if !self.complained {
            self.complained = true;
            warn!(
                "cannot read an order of maintenance from {}, so it counts as \"down\"; write \"drain\" or \
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

fn read_order(path: &Path) -> OrderFound {
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

        /// The order that a new watch finds.
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
    fn an_order_after_its_end_is_not_in_force() {
        let folder = Folder::new();
        folder.write(b"down until 2001-01-01T00:00:00Z\n");
        assert_eq!(folder.found(), None);
    }

    #[test]
    fn a_file_that_is_not_a_valid_order_counts_as_down() {
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
    fn anything_but_a_regular_file_counts_as_down() {
        let folder = Folder::new();
        fs::create_dir_all(folder.path().parent().unwrap()).unwrap();
        regular_file::traps::each(&folder.path(), |trap| {
            assert_eq!(folder.found(), Some(Maintenance::Down), "{trap}");
        });
    }

    #[test]
    fn the_file_is_read_again_after_the_interval_and_not_before() {
        let folder = Folder::new();
        let (mut watch, start) = (MaintenanceWatch::default(), Instant::now());
        assert_eq!(watch.ordered(start, &folder.path()), None);
        folder.write(b"down");
        let soon = start + REREAD_INTERVAL / 2;
        assert_eq!(watch.ordered(soon, &folder.path()), None);
        let later = start + REREAD_INTERVAL;
        assert_eq!(
            watch.ordered(later, &folder.path()),
            Some(Maintenance::Down)
        );
    }

    #[test]
    fn an_end_that_rfc_3339_cannot_express_is_refused() {
        let day = Duration::from_secs(86_400);
        assert!(super::super::file::from_now(day * 3_000).is_some());
        for days in [3_000_000, u32::MAX] {
            assert_eq!(super::super::file::from_now(day * days), None);
        }
    }

    #[test]
    fn another_path_is_read_at_once() {
        let (empty, full) = (Folder::new(), Folder::new());
        full.write(b"drain");
        let (mut watch, now) = (MaintenanceWatch::default(), Instant::now());
        assert_eq!(watch.ordered(now, &empty.path()), None);
        assert_eq!(watch.ordered(now, &full.path()), Some(Maintenance::Drain));
    }
}
