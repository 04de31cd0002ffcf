use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

/// Number of entries in the tables of the tests.
const ROOM: usize = 4;

fn number(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

fn quotas(total: u32, per_client: u32, burst: u32) -> Quotas {
    Quotas {
        total: number(total),
        per_client: number(per_client),
        burst: number(burst),
    }
}

fn client(index: u32) -> Client {
    Client::Four(index)
}

/// The most that a bucket may have granted after `elapsed`: its size, and the tokens added since, where a token takes
/// a whole number of nanoseconds.
fn most(burst: u32, rate: u32, elapsed: Duration) -> u128 {
    u128::from(burst) + elapsed.as_nanos() / u128::from(1_000_000_000 / rate)
}

/// Arrivals: the client, and the time since the previous arrival.
fn schedule() -> impl Strategy<Value = Vec<(u32, Duration)>> {
    let gap = prop_oneof![
        4 => Just(0),
        4 => 0_u64..2_000_000,
        2 => 0_u64..200_000_000,
        1 => 0_u64..5_000_000_000,
    ];
    prop::collection::vec((0_u32..12, gap.prop_map(Duration::from_nanos)), 1..400)
}

proptest! {
    #[test]
    fn over_any_schedule_no_client_gets_more_than_burst_and_rate_allow(
        arrivals in schedule(),
        total in 1_u32..400,
        per_client in 1_u32..200,
        burst in 1_u32..50,
    ) {
        let begin = Instant::now();
        let quotas = quotas(total, per_client, burst);
        // There are more clients than entries, so that the shared one is used and left again.
        let mut limits = Limits::with_capacity(ROOM, quotas, begin);
        let mut given: HashMap<u32, Vec<Duration>> = HashMap::new();
        let mut all: Vec<Duration> = Vec::new();
        let mut elapsed = Duration::ZERO;
        for (who, gap) in arrivals {
            elapsed += gap;
            if limits.admit(client(who), begin + elapsed).is_ok() {
                given.entry(who).or_default().push(elapsed);
                all.push(elapsed);
            }
        }
        // Checks every interval, not only those from the beginning.
        let holds = |times: &[Duration], burst, rate| {
            times.iter().enumerate().all(|(index, from)| {
                (1..).zip(&times[index..]).all(|(count, until)| {
                    count <= most(burst, rate, until.saturating_sub(*from))
                })
            })
        };
        for times in given.values() {
            prop_assert!(holds(times, burst, per_client), "{times:?}");
        }
        prop_assert!(holds(&all, total, total), "{all:?}");
    }

    #[test]
    fn a_client_that_stays_below_both_rates_is_never_refused(
        count in 1_u32..300,
        spare in 0_u64..1_000_000_000,
    ) {
        let begin = Instant::now();
        let mut limits = Limits::new(quotas(50, 50, 1), begin);
        let gap = Duration::from_nanos(20_000_000 + spare);
        for index in 0..count {
            prop_assert_eq!(limits.admit(client(1), begin + gap * index), Ok(()));
        }
    }
}

#[test]
fn a_client_gets_its_burst_and_then_its_rate() {
    let begin = Instant::now();
    let mut limits = Limits::new(quotas(1000, 50, 100), begin);
    for _ in 0..100 {
        assert_eq!(limits.admit(client(1), begin), Ok(()));
    }
    assert_eq!(limits.admit(client(1), begin), Err(Reason::ClientLimit));
    let later = begin + Duration::from_millis(20);
    assert_eq!(limits.admit(client(1), later), Ok(()));
    assert_eq!(limits.admit(client(1), later), Err(Reason::ClientLimit));
    assert_eq!(limits.admit(client(2), later), Ok(()));
}

#[test]
fn a_client_that_is_refused_takes_nothing_from_the_total() {
    let begin = Instant::now();
    let mut limits = Limits::new(quotas(10, 1, 1), begin);
    assert_eq!(limits.admit(client(1), begin), Ok(()));
    for _ in 0..100 {
        assert_eq!(limits.admit(client(1), begin), Err(Reason::ClientLimit));
    }
    for other in 2..=10 {
        assert_eq!(limits.admit(client(other), begin), Ok(()), "{other}");
    }
    assert_eq!(limits.admit(client(11), begin), Err(Reason::TotalLimit));
}

#[test]
fn when_the_table_is_full_new_clients_share_an_entry_and_others_keep_theirs() {
    let begin = Instant::now();
    let mut limits = Limits::with_capacity(ROOM, quotas(1000, 1, 3), begin);
    for known in 0..4 {
        assert_eq!(limits.admit(client(known), begin), Ok(()));
    }
    for newcomer in 10..13 {
        assert_eq!(limits.admit(client(newcomer), begin), Ok(()));
    }
    assert_eq!(limits.admit(client(13), begin), Err(Reason::ClientLimit));
    for known in 0..4 {
        assert_eq!(limits.admit(client(known), begin), Ok(()), "{known}");
    }
}

#[test]
fn a_full_table_frees_the_entries_of_clients_whose_buckets_are_full_again() {
    let begin = Instant::now();
    let mut limits = Limits::with_capacity(ROOM, quotas(1000, 10, 3), begin);
    for known in 0..4 {
        assert_eq!(limits.admit(client(known), begin), Ok(()));
    }
    let later = begin + Duration::from_secs(2);
    for newcomer in 10..12 {
        for _ in 0..3 {
            assert_eq!(limits.admit(client(newcomer), later), Ok(()));
        }
    }
}

#[test]
fn a_client_that_used_up_the_shared_entry_does_not_get_a_full_bucket_with_its_own() {
    let begin = Instant::now();
    let mut limits = Limits::with_capacity(ROOM, quotas(1000, 1, 30), begin);
    for known in 0..4 {
        assert_eq!(limits.admit(client(known), begin), Ok(()));
    }
    let mut given = 0;
    // The entries of the others can be freed after two seconds.
    for later in [0, 3] {
        let now = begin + Duration::from_secs(later);
        given += (0..100)
            .filter(|_| limits.admit(client(10), now).is_ok())
            .count();
    }
    assert_eq!(given, 33);
}

#[test]
fn a_million_clients_take_no_more_memory_than_the_table_has() {
    let begin = Instant::now();
    let mut limits = Limits::new(quotas(1_000_000, 1, 1), begin);
    for index in 0..1_000_000 {
        limits.admit(client(index), begin).ok();
        assert!(limits.clients.len() <= MOST_CLIENTS);
    }
    assert_eq!(limits.clients.len(), MOST_CLIENTS);
}
