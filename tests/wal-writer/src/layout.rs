//! What all pages of a cluster have in common, and which file holds what (`src/include/access/xlog_internal.h`).

/// How a cluster's WAL is cut and marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// `XLOG_PAGE_MAGIC`.
    pub magic: u16,
    /// The cluster's system identifier.
    pub system: u64,
    /// The size of a segment in bytes.
    pub segment: u64,
    /// The size of a page in bytes.
    pub page: u64,
}

impl Layout {
    /// The name of the file that holds a position of a timeline's WAL.
    #[must_use]
    pub fn file(self, timeline: u32, at: u64) -> String {
        let number = at / self.segment;
        let so_many = (1 << 32) / self.segment;
        format!(
            "{timeline:08X}{:08X}{:08X}",
            number / so_many,
            number % so_many
        )
    }

    /// How far into its file a position is.
    #[must_use]
    pub fn offset(self, at: u64) -> usize {
        usize::try_from(at % self.segment).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_as_postgresql_names_them() {
        let layout = Layout {
            magic: 0xD110,
            system: 1,
            segment: 16 << 20,
            page: 8192,
        };
        assert_eq!(layout.file(31, 0x16_B374_D848), "0000001F00000016000000B3");
        assert_eq!(layout.offset(0x16_B374_D848), 0x74_D848);
    }
}
