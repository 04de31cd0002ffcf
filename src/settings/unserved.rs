//! Keys and tables that other versions know and this one refuses: to accept a condition without
//! enforcing it would look like a protection that is not there.

use super::document::Document;
use super::keys::Key;
use super::problem::Wrong;
use super::values;

const LEAVE_OUT: &str = "leave it out";

/// Accepted as an empty array, which means what leaving it out means.
const ONLY_EMPTY: [(Key, &str); 2] = [
    (
        Key::new("listen", "http"),
        "this version does not answer HTTP",
    ),
    (
        Key::new("listen", "agent"),
        "this version does not answer agent checks",
    ),
];

const REFUSED_TABLES: [&str; 1] = ["guard"];

/// Notes every one of them that the file sets.
pub(super) fn refuse(file: &mut Document<'_>) {
    for (key, why) in ONLY_EMPTY {
        file.read(key, |value| {
            let array = values::array(value)?;
            let is_empty = array.is_empty();
            is_empty
                .then_some(())
                .ok_or_else(|| Wrong::new(why, LEAVE_OUT))
        });
    }
    for table in REFUSED_TABLES {
        let wrong = Wrong::new("this version does not know this table", LEAVE_OUT);
        file.refuse_table(table, wrong);
    }
}
