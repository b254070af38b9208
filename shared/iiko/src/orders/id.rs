//! Names that we make for orders and their lines.

/// What a part of an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The order itself as number 0, its lines as theirs.
    Line,
    /// The combo of the line of that number.
    Combo,
    /// A component of a combo.
    Component,
}

/// A UUID (RFC 9562, version 8) that follows from one of our ids and the number of a part of it: made again, it is the
/// same, so a repeated request names the same order and the same lines. Part 0 is the order itself.
#[must_use]
pub fn uuid(raw: i64, part: u32) -> String {
    uuid_of(raw, Part::Line, part)
}

/// The same for a part of some kind.
#[must_use]
pub fn uuid_of(raw: i64, kind: Part, part: u32) -> String {
    let bits = raw.cast_unsigned();
    let (high, middle, low) = (bits >> 16, (bits >> 4) & 0xfff, bits & 0xf);
    format!("{:08x}-{:04x}-8{middle:03x}-8{low:x}{:02x}-{:012x}", high >> 16, high & 0xffff, kind as u8, part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_a_uuid_of_its_own_for_every_part() {
        let id = uuid(0x0123_4567_89ab_cdef, 7);
        assert_eq!(id, "01234567-89ab-8cde-8f00-000000000007");
        assert_eq!(id.len(), 36);
        assert_eq!(uuid(i64::MAX, u32::MAX), "7fffffff-ffff-8fff-8f00-0000ffffffff");
        assert_ne!(uuid(1, 0), uuid(2, 0));
        assert_ne!(uuid(1, 0), uuid(1, 1));
        assert_ne!(uuid(1, 1), uuid_of(1, Part::Combo, 1));
    }
}
