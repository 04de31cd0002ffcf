//! Sets of combinations of outcomes, one for each criterion that is not evaluated; knows no condition.
//!
//! All combinations are evaluated at once: a rule costs one operation on sets for each of its criteria, however many
//! combinations there are.

/// With more criteria than this, their combinations are not told apart.
pub(super) const MOST_CRITERIA: usize = 12;

/// The combinations in one word: those of the first six criteria.
const IN_WORD: usize = 6;

/// The words of a set.
const WORDS: usize = 1 << (MOST_CRITERIA - IN_WORD);

/// For each of the first six criteria, the combinations in which it holds.
const HOLDS: [u64; IN_WORD] = [
    0xaaaa_aaaa_aaaa_aaaa,
    0xcccc_cccc_cccc_cccc,
    0xf0f0_f0f0_f0f0_f0f0,
    0xff00_ff00_ff00_ff00,
    0xffff_0000_ffff_0000,
    0xffff_ffff_0000_0000,
];

/// A set of combinations: bit `n` stands for the combination in which those criteria hold whose bit in `n` is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tools::lint::haproxy) struct Combinations([u64; WORDS]);

impl Combinations {
    pub(in crate::tools::lint::haproxy) fn none() -> Self {
        Self([0; WORDS])
    }

    pub(in crate::tools::lint::haproxy) fn all() -> Self {
        Self([u64::MAX; WORDS])
    }

    /// Those in which the criterion of this number holds; none if there is no such number.
    pub(super) fn of(criterion: usize) -> Self {
        let mut set = Self::none();
        for (at, word) in set.0.iter_mut().enumerate() {
            *word = match (HOLDS.get(criterion), criterion.checked_sub(IN_WORD)) {
                (Some(holds), _) => *holds,
                (None, Some(bit)) if criterion < MOST_CRITERIA && at >> bit & 1 == 1 => u64::MAX,
                (None, _) => 0,
            };
        }
        set
    }

    pub(in crate::tools::lint::haproxy) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub(super) fn is_all(&self) -> bool {
        self.0.iter().all(|word| *word == u64::MAX)
    }

    pub(in crate::tools::lint::haproxy) fn and(&self, other: &Self) -> Self {
        self.joined(other, |own, others| own & others)
    }

    pub(in crate::tools::lint::haproxy) fn or(&self, other: &Self) -> Self {
        self.joined(other, |own, others| own | others)
    }

    pub(in crate::tools::lint::haproxy) fn without(&self, other: &Self) -> Self {
        self.joined(other, |own, others| own & !others)
    }

    /// Those that are in the set with one of both outcomes of a criterion.
    pub(super) fn either_way(&self, criterion: usize) -> Self {
        let holds = Self::of(criterion);
        let (with, without) = (self.and(&holds), self.without(&holds));
        with.or(&with.moved(criterion, Towards::Fails))
            .or(&without)
            .or(&without.moved(criterion, Towards::Holds))
    }

    /// The combinations with the other outcome of a criterion.
    fn moved(&self, criterion: usize, towards: Towards) -> Self {
        let mut moved = Self::none();
        for (at, word) in moved.0.iter_mut().enumerate() {
            let other = match criterion.checked_sub(IN_WORD) {
                Some(bit) => self.0.get(at ^ (1 << bit)).copied().unwrap_or(0),
                None => self.0.get(at).copied().unwrap_or(0),
            };
            *word = match (criterion < IN_WORD, towards) {
                (true, Towards::Fails) => other >> (1_u32 << criterion),
                (true, Towards::Holds) => other << (1_u32 << criterion),
                (false, _) => other,
            };
        }
        moved
    }

    fn joined(&self, other: &Self, join: impl Fn(u64, u64) -> u64) -> Self {
        let mut joined = self.clone();
        for (own, others) in joined.0.iter_mut().zip(other.0) {
            *own = join(*own, others);
        }
        joined
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Towards {
    Holds,
    Fails,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_criterion_holds_in_half_of_the_combinations_and_independently() {
        for first in 0..MOST_CRITERIA {
            let holds = Combinations::of(first);
            let ones: u32 = holds.0.iter().map(|word| word.count_ones()).sum();
            assert_eq!(ones, 1 << (MOST_CRITERIA - 1));
            assert!(holds.either_way(first).is_all(), "{first}");
            for second in (0..MOST_CRITERIA).filter(|second| *second != first) {
                assert_eq!(holds.either_way(second), holds);
                let both = holds.and(&Combinations::of(second));
                assert!(!both.is_empty());
                assert_eq!(both.either_way(first), Combinations::of(second));
                let one = holds.without(&Combinations::of(second));
                assert_eq!(one.either_way(second), holds);
            }
        }
        assert!(Combinations::of(MOST_CRITERIA).is_empty());
    }
}
