//! What a load balancer wants a server for, and how large a share of the readers a standby can take. Pure.

use std::time::Duration;

use super::verdict::Conditions;
use crate::base::units::Bytes;

/// What a load balancer wants a server for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// Writing.
    ReadWrite,
    /// Reading from a standby.
    #[default]
    ReadOnly,
    /// Reading from a standby that the primary waits for.
    ReadOnlySync,
}

impl View {
    /// Every view.
    pub const ALL: [Self; 3] = [Self::ReadWrite, Self::ReadOnly, Self::ReadOnlySync];

    /// The view's name in requests and in the configuration.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::ReadWrite => "rw",
            Self::ReadOnly => "ro",
            Self::ReadOnlySync => "ro-sync",
        }
    }

    /// Returns the view of this name.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.word() == word)
    }
}

/// A share of the readers, 1 to 100 percent of what the standby would get without lag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u8);

impl Share {
    /// The whole share.
    pub const FULL: Self = Self(100);

    const LEAST: Self = Self(1);

    /// Returns the share of a standby with this lag and delay. It falls linearly from 100 % at no lag to 1 % at a
    /// limit of `[standby]`, so that readers have moved away before a standby that falls behind is taken out; the
    /// nearer limit counts. A limit or a figure that is missing does not reduce the share.
    #[must_use]
    pub fn of(lag: Option<Bytes>, delay: Option<Duration>, conditions: &Conditions) -> Self {
        let lag = lag.map(|lag| u128::from(lag.0));
        let max_lag = conditions.max_lag.map(|limit| u128::from(limit.0));
        let delay = delay.map(|delay| delay.as_nanos());
        let max_delay = conditions.max_delay.map(|limit| limit.as_nanos());
        falling(lag, max_lag).min(falling(delay, max_delay))
    }

    /// The share in percent.
    #[must_use]
    pub fn percent(self) -> u8 {
        self.0
    }
}

fn falling(figure: Option<u128>, limit: Option<u128>) -> Share {
    let (Some(figure), Some(limit)) = (figure, limit) else {
        return Share::FULL;
    };
    if figure == 0 {
        return Share::FULL;
    }
    let span = u128::from(Share::FULL.0.saturating_sub(Share::LEAST.0));
    let lost = figure.saturating_mul(span).checked_div(limit);
    let lost = lost.and_then(|lost| u8::try_from(lost).ok());
    let left = lost.map_or(0, |lost| Share::FULL.0.saturating_sub(lost));
    Share(left).max(Share::LEAST)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn limits(lag: u64, seconds: u64) -> Conditions {
        Conditions {
            max_lag: Some(Bytes(lag)),
            max_delay: Some(Duration::from_secs(seconds)),
            ..Conditions::default()
        }
    }

    fn share(lag: u64, seconds: u64, conditions: &Conditions) -> u8 {
        let delay = Some(Duration::from_secs(seconds));
        Share::of(Some(Bytes(lag)), delay, conditions).percent()
    }

    #[test]
    fn the_share_falls_from_all_to_a_hundredth_at_the_nearer_limit() {
        let limits = limits(1000, 100);
        assert_eq!(share(0, 0, &limits), 100);
        assert_eq!(share(500, 0, &limits), 51);
        assert_eq!(share(1000, 0, &limits), 1);
        assert_eq!(share(5000, 0, &limits), 1);
        assert_eq!(share(500, 100, &limits), 1);
        assert_eq!(share(0, 50, &limits), 51);
    }

    #[test]
    fn without_a_limit_or_a_figure_a_standby_takes_its_whole_share() {
        assert_eq!(share(5000, 5000, &Conditions::default()), 100);
        assert_eq!(Share::of(None, None, &limits(1, 1)), Share::FULL);
    }

    proptest! {
        #[test]
        fn a_standby_that_is_further_behind_never_gets_a_larger_share(
            lag: u64, more: u64, limit: u64, delay in 0_u64..1000, max_delay in 0_u64..1000
        ) {
            let limits = limits(limit, max_delay);
            let (here, further) = (share(lag, delay, &limits), share(lag.saturating_add(more), delay, &limits));
            prop_assert!(further <= here);
            prop_assert!((1..=100).contains(&further));
        }
    }
}
