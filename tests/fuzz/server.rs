//! A server in any state that can be said of one, from bytes.

use std::time::Duration;

use pgsql_state::base::units::Bytes;
use pgsql_state::health::{
    Archive, ConnectionSlots, Details, DownReason, LagReason, Lsn, Maintenance, Receiver, Replay,
    Replication, Standby, State, SyncState, Verdict,
};

/// Everything that a reply may rest on.
pub(crate) struct Server {
    pub(crate) verdict: Verdict,
    pub(crate) state: State,
    pub(crate) delay: Option<Duration>,
    pub(crate) ordered: Option<Maintenance>,
    pub(crate) details: Option<Details>,
    pub(crate) max_lag: Option<Bytes>,
    pub(crate) sync: Option<SyncState>,
}

/// Hands out bytes, and zeros when there are none left.
struct Dice<'b>(std::slice::Iter<'b, u8>);

impl Dice<'_> {
    fn byte(&mut self) -> u8 {
        self.0.next().copied().unwrap_or_default()
    }

    fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end
    }

    fn coin(&mut self) -> bool {
        self.below(2) == 1
    }

    fn number(&mut self) -> u64 {
        let places = self.below(9);
        (0..places).fold(0, |number, _| (number << 8) | u64::from(self.byte()))
    }

    fn text(&mut self) -> String {
        let letters = self.below(9);
        let bytes: Vec<u8> = (0..letters).map(|_| self.byte()).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Server {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut dice = Dice(bytes.iter());
        let room = [ConnectionSlots::Free, ConnectionSlots::Full][dice.below(2)];
        let down = DownReason::ALL[dice.below(DownReason::ALL.len())];
        let lagging = LagReason::ALL[dice.below(LagReason::ALL.len())];
        let primary = State::Primary(room);
        let standby = State::Standby(room, standby(&mut dice));
        let (verdict, state) = match dice.below(6) {
            0 => (Verdict::Production, primary),
            1 => (Verdict::Standby, standby),
            2 => (Verdict::Lagging(lagging), standby),
            // Under an order, or without a quorum.
            3 => (Verdict::Down(down), primary),
            4 => (Verdict::Down(down), standby),
            _ => (Verdict::Down(down), State::Down(down)),
        };
        Self {
            verdict,
            state,
            delay: dice.coin().then(|| Duration::from_micros(dice.number())),
            ordered: [None, Some(Maintenance::Drain), Some(Maintenance::Down)][dice.below(3)],
            details: dice.coin().then(|| details(&mut dice)),
            max_lag: dice.coin().then(|| Bytes(dice.number())),
            sync: dice
                .coin()
                .then(|| SyncState::ALL[dice.below(SyncState::ALL.len())]),
        }
    }
}

fn lsn(dice: &mut Dice<'_>) -> Option<Lsn> {
    dice.coin().then(|| Lsn(dice.number()))
}

fn standby(dice: &mut Dice<'_>) -> Standby {
    let receiver = match dice.below(3) {
        0 => Receiver::Streaming {
            primary_end: lsn(dice),
        },
        1 => Receiver::Gone,
        _ => Receiver::Hidden,
    };
    let replication = dice.coin().then(|| Replication {
        receiver,
        received: lsn(dice),
        replayed: lsn(dice),
        replay: [Replay::Running, Replay::Paused][dice.below(2)],
        last_commit_age: None,
    });
    Standby { replication }
}

fn details(dice: &mut Dice<'_>) -> Details {
    let sender = |dice: &mut Dice<'_>| {
        let (name, state) = (dice.text(), dice.text());
        format!("[{{\"application_name\": {name:?}, \"state\": {state:?}}}]")
    };
    Details {
        server_version: i64::from(dice.byte()) * 10_000,
        started: dice.text(),
        system_identifier: dice.number().to_string(),
        timeline: dice.coin().then(|| i64::from(dice.byte())),
        flushed: lsn(dice),
        replayed_commit: dice.coin().then(|| dice.text()),
        archive: [Archive::None, Archive::Configured][dice.below(2)],
        receiver_name: dice.coin().then(|| dice.text()),
        senders: dice.coin().then(|| sender(dice)),
        slots: dice.coin().then(|| dice.text()),
    }
}
