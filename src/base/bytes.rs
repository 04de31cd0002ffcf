//! Reads numbers from bytes in the host's byte order, which is that of every file a server on this host has written;
//! knows no file format.

/// The bytes at an offset; `None` if there are too few.
pub(crate) fn at<const LENGTH: usize>(bytes: &[u8], offset: usize) -> Option<[u8; LENGTH]> {
    bytes.get(offset..)?.first_chunk().copied()
}

/// The two bytes at an offset as a number.
pub(crate) fn u16_at(bytes: &[u8], offset: usize) -> Option<u16> {
    at(bytes, offset).map(u16::from_ne_bytes)
}

/// The four bytes at an offset as a number.
pub(crate) fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    at(bytes, offset).map(u32::from_ne_bytes)
}

/// The eight bytes at an offset as a number.
pub(crate) fn u64_at(bytes: &[u8], offset: usize) -> Option<u64> {
    at(bytes, offset).map(u64::from_ne_bytes)
}
