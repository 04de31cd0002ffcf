use std::os::unix::fs::symlink;

use super::*;
use crate::base::regular_file::traps;

#[test]
fn owner_and_mode_stay_and_the_old_content_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "old").unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
    let before = fs::metadata(&file).unwrap();
    let kept = Held::open(&file).unwrap().replace(b"old", b"new").unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"new");
    assert_eq!(fs::read(&kept).unwrap(), b"old");
    for path in [&file, &kept] {
        let after = fs::metadata(path).unwrap();
        assert_eq!(after.mode(), before.mode());
        assert_eq!((after.uid(), after.gid()), (before.uid(), before.gid()));
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn the_access_control_list_stays_and_a_folders_default_is_not_taken() {
    // Version 2, then tag, permissions and ID of each entry: the owner, user 12345, the group, the mask and others
    // (`struct posix_acl_xattr_entry` in Linux's `include/uapi/linux/posix_acl_xattr.h`).
    const ENTRIES: [(u16, u16, u32); 5] = [
        (0x01, 6, u32::MAX),
        (0x02, 4, 12345),
        (0x04, 0, u32::MAX),
        (0x10, 4, u32::MAX),
        (0x20, 0, u32::MAX),
    ];
    let mut list = 2_u32.to_le_bytes().to_vec();
    for (tag, permissions, id) in ENTRIES {
        list.extend(tag.to_le_bytes());
        list.extend(permissions.to_le_bytes());
        list.extend(id.to_le_bytes());
    }
    let folder = tempfile::tempdir().unwrap();
    let [listed, plain] = ["listed", "plain"].map(|name| folder.path().join(name));
    for file in [&listed, &plain] {
        fs::write(file, "old").unwrap();
    }
    let set = |path: &Path, name: &str| {
        fsetxattr(File::open(path).unwrap(), name, &list, XattrFlags::empty()).unwrap();
    };
    set(&listed, LIST);
    set(folder.path(), "system.posix_acl_default");
    for (file, expected) in [(&listed, Ok(list.clone())), (&plain, Err(Errno::NODATA))] {
        let mode = fs::metadata(file).unwrap().mode();
        let kept = Held::open(file).unwrap().replace(b"old", b"new").unwrap();
        for path in [file, &kept] {
            let mut found = vec![0; MOST_OF_ATTRIBUTE];
            let length = fgetxattr(File::open(path).unwrap(), LIST, &mut found[..]);
            let found = length.map(|length| found[..length].to_vec());
            assert_eq!(found, expected, "{}", path.display());
            assert_eq!(
                fs::metadata(path).unwrap().mode(),
                mode,
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn a_file_with_several_hard_links_is_left_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let [file, other] = ["file", "other"].map(|name| folder.path().join(name));
    fs::write(&file, "old").unwrap();
    fs::hard_link(&file, &other).unwrap();
    let error = Held::open(&file).unwrap().replace(b"old", b"new");
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("several hard links")
    );
    assert_eq!(fs::read(&other).unwrap(), b"old");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn a_missing_file_is_not_created() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Held::open(&folder.path().join("file")).is_err());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn no_link_is_followed_and_only_a_regular_file_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let (real, link) = (folder.path().join("real"), folder.path().join("link"));
    fs::create_dir(&real).unwrap();
    fs::write(real.join("file"), "old").unwrap();
    symlink("real", &link).unwrap();
    symlink("real/file", folder.path().join("file")).unwrap();
    for path in [link.join("file"), folder.path().join("file")] {
        let error = Held::without_links(&path).err().unwrap().to_string();
        assert!(error.contains("a symbolic link leads to it"), "{error}");
        // Whoever owns the folder decides where the link leads.
        assert!(!error.contains("real"), "{error}");
    }
    let trap = folder.path().join("trap");
    traps::each(&trap, |what| {
        let outcome = Held::without_links(&trap).and_then(|held| held.read(64));
        let error = outcome.err().unwrap().to_string();
        assert!(!error.contains("itself"), "{what}: {error}");
    });
}

/// The folder belongs to the server's user, who may swap the file between reading and replacing.
#[test]
fn a_file_that_is_swapped_for_a_link_in_the_meantime_is_left_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let (file, target) = (folder.path().join("file"), folder.path().join("target"));
    fs::write(&file, "old").unwrap();
    fs::write(&target, "root's").unwrap();
    let held = Held::open(&file).unwrap();
    let old = held.read(64).unwrap();
    fs::remove_file(&file).unwrap();
    symlink("target", &file).unwrap();
    let error = held.replace(&old, b"new").unwrap_err().to_string();
    assert!(error.contains("another program has replaced it"), "{error}");
    assert_eq!(fs::read(&target).unwrap(), b"root's");
    assert!(fs::symlink_metadata(&file).unwrap().is_symlink());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn if_a_folder_is_swapped_for_a_link_in_the_meantime_the_original_file_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let (data, other) = (folder.path().join("data"), folder.path().join("other"));
    for folder in [&data, &other] {
        fs::create_dir(folder).unwrap();
        fs::write(folder.join("file"), "old").unwrap();
    }
    let held = Held::open(&data.join("file")).unwrap();
    fs::rename(&data, folder.path().join("moved")).unwrap();
    symlink("other", &data).unwrap();
    held.replace(b"old", b"new").unwrap();
    assert_eq!(fs::read(other.join("file")).unwrap(), b"old");
    assert_eq!(fs::read(folder.path().join("moved/file")).unwrap(), b"new");
}
