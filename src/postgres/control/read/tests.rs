//! Compares the layouts of all versions with the C structures, and reads files made by these. Files of servers are
//! read by `tests/control.rs`, for the versions that are installed.

use proptest::prelude::*;

use super::*;

/// A field of a C structure: its name and size, to which it is aligned too, up to eight bytes.
type Field = (&'static str, usize);

/// `CheckPoint` of a major version, after `src/include/catalog/pg_control.h` of that version.
fn checkpoint_struct(major: u32) -> Vec<Field> {
    let mut fields = vec![("redo", 8), ("timeline", 4), ("previous_timeline", 4)];
    fields.push(("fullPageWrites", 1));
    if major >= 17 {
        fields.push(("checkpoint_wal_level", 4));
    }
    fields.push(("nextXid", 8));
    fields.extend([("nextOid", 4), ("nextMulti", 4), ("nextMultiOffset", 4)]);
    fields.extend([("oldestXid", 4), ("oldestXidDB", 4), ("oldestMulti", 4)]);
    fields.extend([("oldestMultiDB", 4), ("checkpoint_time", 8)]);
    fields.extend([("oldestCommitTsXid", 4), ("newestCommitTsXid", 4)]);
    fields.push(("oldestActiveXid", 4));
    fields
}

/// `ControlFileData`, likewise; a structure within it is aligned to eight bytes, as its end is.
fn control_struct(major: u32) -> Vec<Field> {
    let mut fields = vec![("system_identifier", 8), ("version", 4), ("catalog", 4)];
    fields.extend([("state", 4), ("time", 8), ("checkpoint_at", 8)]);
    fields.push(ALIGN);
    fields.extend(checkpoint_struct(major));
    fields.push(ALIGN);
    fields.extend([("unloggedLSN", 8), ("minimum", 8), ("minimum_timeline", 4)]);
    fields.extend([("backup_start", 8), ("backup_end", 8), ("required", 1)]);
    fields.extend([
        ("wal_level", 4),
        ("wal_log_hints", 1),
        ("MaxConnections", 4),
    ]);
    fields.push(("max_worker_processes", 4));
    fields.push(("max_wal_senders", 4));
    fields.extend([("max_prepared_xacts", 4), ("max_locks_per_xact", 4)]);
    fields.extend([("track_commit_timestamp", 1), ("maxAlign", 4)]);
    fields.extend([("floatFormat", 8), ("blcksz", 4), ("relseg_size", 4)]);
    fields.extend([("page", 4), ("segment", 4), ("nameDataLen", 4)]);
    fields.extend([("indexMaxKeys", 4), ("toast_max_chunk_size", 4)]);
    fields.push(("loblksize", 4));
    if major == 12 {
        fields.push(("float4ByVal", 1));
    }
    fields.extend([("float8ByVal", 1), ("data_checksum_version", 4)]);
    if major >= 18 {
        fields.push(("default_char_signedness", 1));
    }
    fields.extend([("nonce", 1); 32]);
    fields.push(("crc", 4));
    fields
}

/// Stands for no field, but for padding to the next multiple of eight.
const ALIGN: Field = ("", 8);

/// Where a C compiler puts a field.
fn offset(major: u32, wanted: &str) -> usize {
    let mut end = 0_usize;
    for (name, size) in control_struct(major) {
        end = end.next_multiple_of(size);
        if name == wanted {
            return end;
        }
        end += if name.is_empty() { 0 } else { size };
    }
    panic!("there is no field {wanted}");
}

/// Every major version and that of its control file.
const MAJORS: [(u32, u32); 7] = [
    (12, 1201),
    (13, 1300),
    (14, 1300),
    (15, 1300),
    (16, 1300),
    (17, 1700),
    (18, 1800),
];

/// A file of a major version with every value that is read.
fn file(major: u32, version: u32) -> Vec<u8> {
    let mut bytes = vec![0; 8192];
    let mut put = |name, value: &[u8]| {
        let start = offset(major, name);
        bytes[start..start + value.len()].copy_from_slice(value);
    };
    put(
        "system_identifier",
        &7_123_456_789_012_345_678_u64.to_ne_bytes(),
    );
    put("version", &version.to_ne_bytes());
    put("catalog", &202_209_061_u32.to_ne_bytes());
    put("state", &5_u32.to_ne_bytes());
    put("checkpoint_at", &0x0300_0060_u64.to_ne_bytes());
    put("redo", &0x0300_0028_u64.to_ne_bytes());
    put("timeline", &7_u32.to_ne_bytes());
    put("previous_timeline", &6_u32.to_ne_bytes());
    put("minimum", &0x0300_1000_u64.to_ne_bytes());
    put("minimum_timeline", &8_u32.to_ne_bytes());
    put("backup_start", &0x0200_0028_u64.to_ne_bytes());
    put("backup_end", &0x0200_0100_u64.to_ne_bytes());
    put("required", &[1]);
    put("wal_level", &2_u32.to_ne_bytes());
    put("page", &8192_u32.to_ne_bytes());
    put("segment", &(64_u32 << 20).to_ne_bytes());
    seal(&mut bytes, offset(major, "crc"));
    bytes
}

/// Writes the right checksum into the file.
fn seal(bytes: &mut [u8], crc: usize) {
    let right = crc32c::crc32c(&bytes[..crc]).to_ne_bytes();
    bytes[crc..crc + 4].copy_from_slice(&right);
}

#[test]
fn the_files_of_all_versions_are_read_alike() {
    for (major, version) in MAJORS {
        let expected = Control {
            system_identifier: 7_123_456_789_012_345_678,
            control_version: version,
            catalog_version: 202_209_061,
            state: ClusterState::ArchiveRecovery,
            checkpoint: Checkpoint {
                at: Lsn(0x0300_0060),
                redo: Lsn(0x0300_0028),
                timeline: Timeline(7),
                previous_timeline: Timeline(6),
            },
            minimum_recovery: Some(Position {
                timeline: Timeline(8),
                lsn: Lsn(0x0300_1000),
            }),
            backup_start: Some(Lsn(0x0200_0028)),
            backup_end: Some(Lsn(0x0200_0100)),
            backup_end_required: true,
            wal_level: WalLevel::Logical,
            hint_bits: HintBits::NotLogged,
            geometry: Geometry::new(64 << 20, 8192).unwrap(),
        };
        assert_eq!(read(&file(major, version)), Ok(expected), "{major}");
    }
}

#[test]
fn hint_bits_are_in_wal_with_the_setting_or_with_checksums() {
    for (major, version) in MAJORS {
        for name in ["wal_log_hints", "data_checksum_version"] {
            let mut bytes = file(major, version);
            bytes[offset(major, name)] = 1;
            seal(&mut bytes, offset(major, "crc"));
            let control = read(&bytes).unwrap();
            assert_eq!(control.hint_bits, HintBits::Logged, "{major}, {name}");
        }
    }
}

#[test]
fn a_file_that_ends_early_is_refused() {
    let whole = file(15, 1300);
    assert!(read(&whole[..292]).is_ok());
    for length in 0..292 {
        let error = read(&whole[..length]).unwrap_err();
        assert!(
            matches!(error, ControlError::Short { found, .. } if found == length),
            "{error:?}"
        );
    }
}

#[test]
fn each_fault_has_its_own_message() {
    let changed = |name: &str, value: u32| {
        let mut bytes = file(15, 1300);
        let start = offset(15, name);
        bytes[start..start + 4].copy_from_slice(&value.to_ne_bytes());
        seal(&mut bytes, offset(15, "crc"));
        read(&bytes).unwrap_err().to_string()
    };
    let mut bytes = file(15, 1300);
    bytes[100] ^= 1;
    insta::assert_snapshot!([
        read(b"").unwrap_err().to_string(),
        read(&bytes).unwrap_err().to_string(),
        changed("version", 1300_u32.swap_bytes()),
        changed("version", 960),
        changed("state", 7),
        changed("wal_level", 3),
        changed("segment", 3 << 20),
        changed("page", 0),
    ].join("\n"), @r#"
    it has 0 bytes, where at least 292 were expected
    its checksum is 513495C3, where 60FDD3CB was expected: it is damaged, or was made for another kind of processor
    its byte order is reversed: a server on another kind of processor wrote it
    its format version 960 is not known
    its state has the unknown number 7
    its wal_level has the unknown number 3
    its sizes are invalid: a WAL segment of 3145728 bytes; a power of two from 1 MB to 1 GB was expected
    its sizes are invalid: a WAL page of 0 bytes; a power of two from 1 kB to 64 kB was expected
    "#);
}

#[test]
fn a_server_that_never_was_a_standby_has_nothing_to_replay() {
    let mut bytes = file(15, 1300);
    for name in ["minimum", "backup_start", "backup_end"] {
        let start = offset(15, name);
        bytes[start..start + 8].fill(0);
    }
    bytes[offset(15, "required")] = 0;
    seal(&mut bytes, offset(15, "crc"));
    let control = read(&bytes).unwrap();
    assert_eq!(control.minimum_recovery, None);
    assert_eq!((control.backup_start, control.backup_end), (None, None));
    assert!(!control.backup_end_required);
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(read(&bytes).is_err());
    }

    #[test]
    fn a_changed_byte_is_noticed(
        which in 0_usize..MAJORS.len(),
        place in any::<prop::sample::Index>(),
        flip in 1_u8..,
    ) {
        let (major, version) = MAJORS[which];
        let mut bytes = file(major, version);
        let covered = offset(major, "crc") + 4;
        bytes[place.index(covered)] ^= flip;
        prop_assert!(read(&bytes).is_err());
    }
}
