//! How often a profile checks servers, and how it counts the results; knows no kind of check.

use std::time::Duration;

use super::choice::Profile;

/// The intervals of checks, as in `default-server` and `timeout check`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CheckPace {
    pub(super) inter: Duration,
    pub(super) fastinter: Duration,
    pub(super) rise: u8,
    pub(super) fall: u8,
    pub(super) timeout: Duration,
}

/// The first checks are spread over this time, not over the time between two checks.
pub(super) const SPREAD: Duration = Duration::from_millis(100);

impl CheckPace {
    pub(super) fn of(profile: Profile) -> Self {
        let ms = Duration::from_millis;
        match profile {
            Profile::Classic => Self {
                inter: ms(2000),
                fastinter: ms(1000),
                rise: 2,
                fall: 1,
                timeout: ms(1000),
            },
            Profile::Safe => Self {
                inter: ms(2000),
                fastinter: ms(500),
                rise: 2,
                fall: 2,
                timeout: ms(1500),
            },
            Profile::Fast => Self {
                inter: ms(300),
                fastinter: ms(100),
                rise: 1,
                fall: 2,
                timeout: ms(250),
            },
        }
    }

    /// The time after a start at which every server was checked once, in whole seconds: a check may take `inter`
    /// to connect and `timeout check` until its answer (Configuration Manual, "timeout check"), and a server is
    /// down after its first failed check.
    pub(super) fn all_seen(self) -> Duration {
        let longest = SPREAD
            .saturating_add(self.inter)
            .saturating_add(self.timeout);
        Duration::from_secs(longest.as_secs().saturating_add(1))
    }

    /// The intervals as parameters of `default-server`.
    pub(super) fn parameters(self) -> String {
        let Self {
            inter,
            fastinter,
            rise,
            fall,
            timeout: _,
        } = self;
        let (inter, fastinter) = (time(inter), time(fastinter));
        format!("inter {inter} fastinter {fastinter} rise {rise} fall {fall}")
    }
}

/// A time as the configuration writes it, in seconds if they are whole.
pub(super) fn time(time: Duration) -> String {
    if time.subsec_millis() == 0 {
        format!("{}s", time.as_secs())
    } else {
        format!("{}ms", time.as_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_never_lasts_into_the_next() {
        for profile in [Profile::Classic, Profile::Safe, Profile::Fast] {
            let pace = CheckPace::of(profile);
            assert!(pace.timeout < pace.inter, "{profile:?}");
            assert!(pace.fastinter < pace.inter, "{profile:?}");
        }
    }

    #[test]
    fn the_examples_parameters_are_unchanged() {
        let said = CheckPace::of(Profile::Classic).parameters();
        assert_eq!(said, "inter 2s fastinter 1s rise 2 fall 1");
    }

    #[test]
    fn every_server_was_checked_after_the_longest_first_check() {
        assert_eq!(
            CheckPace::of(Profile::Safe).all_seen(),
            Duration::from_secs(4)
        );
        assert_eq!(
            CheckPace::of(Profile::Fast).all_seen(),
            Duration::from_secs(1)
        );
    }
}
