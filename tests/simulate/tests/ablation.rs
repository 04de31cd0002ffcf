//! The patches that take mends of the agent out again (`tests/simulate/ablation`): whoever changes what one of them
//! changes mends the patch, too.

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn every_patch_applies_to_the_code_as_it_is() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.parent().unwrap().parent().unwrap();
    let mut count = 0;
    for entry in fs::read_dir(here.join("ablation")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|name| name != "patch") {
            continue;
        }
        count += 1;
        let checked = Command::new("git")
            .args(["apply", "--check"])
            .arg(&path)
            .current_dir(root)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&checked.stderr);
        assert!(checked.status.success(), "{}: {said}", path.display());
    }
    assert!(count > 0);
}
