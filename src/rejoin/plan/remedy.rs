//! What mends each obstacle, a command where there is one. Knows no plan.

use super::obstacle::Obstacle;
use crate::base::shell::quoted;

impl Obstacle {
    /// Returns what mends it, a command where there is one.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::OtherCluster { .. } | Self::Strangers => {
                "look whether primary_conninfo leads to the right cluster, or give --primary; to replace all data of this \
                 node: pgsql-state rejoin --copy from an empty data directory, or pg_basebackup"
                    .into()
            }
            Self::OtherMajor { .. } => "pg_upgrade, or a copy into a directory of the same version".into(),
            Self::OtherSegmentSize { .. } => "a new data directory, by pg_basebackup".into(),
            Self::NoDataDirectory { .. } => "name it with --datadir, or make a copy with pg_basebackup".into(),
            Self::RunsAsPrimary => "nothing, if this is the primary; otherwise stop it through the cluster".into(),
            Self::Runs { datadir } => {
                format!("pg_ctl stop --pgdata {}", quoted(&datadir.to_string_lossy()))
            }
            Self::Unclear(_) => "run the command as root on the node".into(),
            Self::NoPrimary(_) | Self::InRecovery(_) => {
                "pgsql-state ask HOST..., and --primary with the connection string of the primary".into()
            }
            Self::ReplicationRefused { .. } => {
                "pgsql-state generate pg-hba --help; --primary with a connection string that leads straight to the primary"
                    .into()
            }
            Self::EarlierUnreadable(_) => "look at the file, and remove it if the data directory is to be copied".into(),
            Self::EndUnknown
            | Self::Control(_)
            | Self::HalfRewound
            | Self::LocalWalMissing(_)
            | Self::Ahead(_)
            | Self::Twins => "pgsql-state rejoin --copy".into(),
            Self::Parted(_) => "pgsql-state rejoin --rewind".into(),
            Self::NothingParted => "pgsql-state rejoin --as-is".into(),
            Self::WalRemoved(_) => {
                "restore_command on this node, if there is an archive; otherwise pgsql-state rejoin --copy".into()
            }
            Self::Backup => "start the server, which replays the backup to its end".into(),
            Self::HintBits(_) => {
                "for the next time: ALTER SYSTEM SET wal_log_hints = on, and a restart of the primary".into()
            }
            Self::FullPageWrites => "ALTER SYSTEM SET full_page_writes = on on the primary, and a reload".into(),
            Self::NoClient(_) => "pg_hba.conf of the primary, or --primary with the connection string of another role".into(),
            Self::Grants { role, functions } => {
                let grant = |function: &String| {
                    format!("GRANT EXECUTE ON FUNCTION pg_catalog.{function} TO \"{role}\";")
                };
                functions.iter().map(grant).collect::<Vec<_>>().join(" ")
            }
            Self::Tablespaces(_) | Self::TablespacesToCopy(_) | Self::WalElsewhere(_) => {
                "pg_basebackup by hand, with --tablespace-mapping and --waldir".into()
            }
            Self::MountPoint(_) => "a data directory below the root of the file system".into(),
            Self::ReadOnly(datadir) => {
                let above = datadir.parent().unwrap_or(datadir);
                format!("chown or chmod of {}", above.display())
            }
            Self::OddFiles(_) => "move them out of the data directory".into(),
            Self::NoRoom { .. } => "room on that file system, or --no-save if it is for the WAL that is kept".into(),
            Self::Acknowledged { missing, .. } => {
                format!("{} back first, or --discard", missing.join(", "))
            }
        }
    }
}
