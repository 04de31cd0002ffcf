//! Keys that other versions know and this one refuses: to accept a condition without enforcing it would
//! look like a protection that is not there.

use super::document::Document;
use super::keys::Key;
use super::problem::Wrong;
use super::values;

/// Accepted with the one value that means what leaving it out means.
const GUARDS: [(Key, &str); 1] = [(Key::new("guard", "two_primaries"), "report")];

/// Notes every one of them that the file sets.
pub(super) fn refuse(file: &mut Document<'_>) {
    for (key, harmless) in GUARDS {
        file.read(key, |value| {
            let why = "this version does not enforce it, so it must not look as if it did";
            let unenforced = || Wrong::new(why, "leave it out");
            let text = values::text(value, "").map_err(|_| unenforced())?;
            (text == harmless).then_some(()).ok_or_else(unenforced)
        });
    }
}
