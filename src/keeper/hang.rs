//! How long a server has let nobody in, counted only while the keeper itself ran. Knows no clock and no server: callers
//! pass how long each turn took and what was seen in it.

use std::time::Duration;

/// Whether the server lets new clients in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// It answers, if only that it lets nobody in.
    Open,
    /// It answers nobody.
    Shut,
}

/// How long a server that was never seen to answer may be silent: before it accepts its first connection it removes temporary
/// files and prepares its memory, which may take minutes.
const BEFORE_THE_FIRST_ANSWER: Duration = Duration::from_secs(10 * 60);

/// One turn of the keeper.
#[derive(Clone, Copy, Debug)]
pub struct KeeperTurn {
    /// How long it took.
    pub took: Duration,
    /// How long a turn takes if nothing holds it up.
    pub period: Duration,
    /// What was seen in it; `None` if nothing was.
    pub entry: Option<Entry>,
}

/// The time for which a server has let nobody in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HangWatch {
    shut_for: Duration,
    past: AnswersSeen,
}

/// Whether a server was ever seen to answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum AnswersSeen {
    #[default]
    None,
    Some,
}

impl HangWatch {
    /// Counts a turn. Returns whether the server has let nobody in for `limit`; then the time is counted again from zero.
    pub fn has_hung(&mut self, turn: KeeperTurn, limit: Duration) -> bool {
        match turn.entry {
            Some(Entry::Open) => {
                self.past = AnswersSeen::Some;
                self.shut_for = Duration::ZERO;
            }
            // Nobody knows what the server did meanwhile.
            None => self.shut_for = Duration::ZERO,
            // A host that was paused has let the server do as little as the keeper.
            Some(Entry::Shut) if turn.took > 2 * turn.period => {}
            Some(Entry::Shut) => {
                let counted = turn.took.min(turn.period);
                self.shut_for = self.shut_for.saturating_add(counted);
            }
        }
        let limit = match self.past {
            AnswersSeen::Some => limit,
            AnswersSeen::None => limit.max(BEFORE_THE_FIRST_ANSWER),
        };
        let has_hung = self.shut_for >= limit;
        if has_hung {
            self.shut_for = Duration::ZERO;
        }
        has_hung
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const LIMIT: Duration = Duration::from_secs(3);

    const OPEN: (u64, Option<Entry>) = (1, Some(Entry::Open));
    const SHUT: (u64, Option<Entry>) = (1, Some(Entry::Shut));

    /// The turns after which the server has hung; of each the seconds that it took.
    fn hung_after(turns: &[(u64, Option<Entry>)]) -> Vec<usize> {
        let mut watch = HangWatch::default();
        let turns = turns.iter().enumerate();
        turns
            .filter(|(_, (seconds, entry))| {
                let turn = KeeperTurn {
                    took: Duration::from_secs(*seconds),
                    period: SECOND,
                    entry: *entry,
                };
                watch.has_hung(turn, LIMIT)
            })
            .map(|(place, _)| place)
            .collect()
    }

    #[test]
    fn a_server_has_hung_after_the_limit_without_an_interruption() {
        let turns = [vec![OPEN], vec![SHUT; 7]].concat();
        assert_eq!(hung_after(&turns), [3, 6]);
        for other in [OPEN, (1, None)] {
            assert_eq!(hung_after(&[OPEN, SHUT, SHUT, other, SHUT, SHUT]), [0; 0]);
        }
    }

    #[test]
    fn turns_that_were_held_up_do_not_count_and_none_counts_more_than_its_period() {
        let shut = |seconds| (seconds, Some(Entry::Shut));
        assert_eq!(hung_after(&[OPEN, SHUT, shut(3600), SHUT]), [0; 0]);
        assert_eq!(
            hung_after(&[&[OPEN], [shut(3); 100].as_slice()].concat()),
            [0; 0]
        );
        assert_eq!(hung_after(&[OPEN, SHUT, shut(3600), SHUT, SHUT]), [4]);
        assert_eq!(hung_after(&[OPEN, shut(2), shut(2), shut(2)]), [3]);
    }

    /// As it may while it still starts.
    #[test]
    fn a_server_that_was_never_seen_to_answer_may_be_silent_for_long() {
        assert_eq!(hung_after(&[SHUT; 599]), [0; 0]);
        assert_eq!(hung_after(&[SHUT; 600]), [599]);
        let answered = [vec![SHUT; 599], vec![OPEN], vec![SHUT; 3]].concat();
        assert_eq!(hung_after(&answered), [602]);
    }
}
