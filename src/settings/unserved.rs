//! Keys and tables that other versions know and this one refuses: to accept a limit or a list of
//! clients without enforcing it would look like a protection that is not there.

use super::document::Document;
use super::keys::Key;
use super::problem::Wrong;
use super::values;

const UNENFORCED: &str = "this version does not enforce it, so it must not look as if it did";
const LEAVE_OUT: &str = "leave it out";
const USE_FIREWALL: &str =
    "leave it out, and keep strangers away with a firewall or IPAddressAllow= of systemd";

/// Accepted as an empty array, which means what leaving it out means.
const ONLY_EMPTY: [(Key, &str, &str); 4] = [
    (Key::new("admission", "allow"), UNENFORCED, USE_FIREWALL),
    (Key::new("admission", "deny"), UNENFORCED, USE_FIREWALL),
    (Key::new("admission", "trusted"), UNENFORCED, LEAVE_OUT),
    (
        Key::new("admission", "proxy_protocol"),
        "this version reads no PROXY header",
        LEAVE_OUT,
    ),
];

/// Refused with any value.
const REFUSED: [Key; 3] = [
    Key::new("admission", "per_client"),
    Key::new("admission", "burst"),
    Key::new("admission", "total"),
];

/// Refused with any value: protections whose absence nobody would notice in time.
const REFUSED_GUARDS: [Key; 2] = [
    Key::new("guard", "quorum"),
    Key::new("guard", "two_primaries"),
];

const REFUSED_TABLES: [&str; 1] = ["cluster"];

/// Notes every one of them that the file sets.
pub(super) fn refuse(file: &mut Document<'_>) {
    for (key, why, hint) in ONLY_EMPTY {
        file.read(key, |value| {
            let array = values::array(value)?;
            let is_empty = array.is_empty();
            is_empty.then_some(()).ok_or_else(|| Wrong::new(why, hint))
        });
    }
    for key in REFUSED {
        file.read(key, |_| Err::<(), _>(Wrong::new(UNENFORCED, USE_FIREWALL)));
    }
    for key in REFUSED_GUARDS {
        file.read(key, |_| Err::<(), _>(Wrong::new(UNENFORCED, LEAVE_OUT)));
    }
    for table in REFUSED_TABLES {
        let wrong = Wrong::new("this version does not know this table", LEAVE_OUT);
        file.refuse_table(table, wrong);
    }
}
