//! Who was refused most, in bounded room however many are refused; knows not why they were.
//!
//! The table is that of the Space-Saving algorithm (Metwally, Agrawal, El Abbadi, 2005): who is not in
//! it takes the place of the quietest and inherits its count, so whoever makes up a fair share of the
//! noise is in it, and no count is too low.

use super::client::Client;

/// Clients that are followed at once.
const ROOM: usize = 16;

/// The refused and how often each was.
#[derive(Debug)]
pub struct Noise(Vec<(Client, u64)>);

impl Noise {
    /// Nobody yet; the room is taken now.
    #[must_use]
    pub fn new() -> Self {
        Self(Vec::with_capacity(ROOM))
    }

    /// Notes that a client was refused.
    pub fn refused(&mut self, client: Client) {
        if let Some((_, count)) = self.0.iter_mut().find(|(known, _)| *known == client) {
            *count = count.saturating_add(1);
        } else if self.0.len() < ROOM {
            self.0.push((client, 1));
        } else if let Some(quietest) = self.0.iter_mut().min_by_key(|(_, count)| *count) {
            *quietest = (client, quietest.1.saturating_add(1));
        }
    }

    /// The noisiest, loudest first, each with how often it was refused at most; forgets all.
    pub fn take(&mut self, most: usize) -> Vec<(Client, u64)> {
        self.0
            .sort_by_key(|(client, count)| (std::cmp::Reverse(*count), *client));
        let noisiest = self.0.iter().take(most).copied().collect();
        self.0.clear();
        noisiest
    }
}

impl Default for Noise {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loudest_come_first_and_are_forgotten_then() {
        let mut noise = Noise::new();
        for (client, times) in [(1, 3), (2, 7), (3, 1)] {
            for _ in 0..times {
                noise.refused(Client::Four(client));
            }
        }
        let loudest = [(Client::Four(2), 7), (Client::Four(1), 3)];
        assert_eq!(noise.take(2), loudest);
        assert_eq!(noise.take(2), []);
    }

    #[test]
    fn a_loud_one_is_not_hidden_by_a_crowd_of_quiet_ones() {
        let mut noise = Noise::new();
        for index in 0..65_536 {
            noise.refused(Client::Four(1000 + index));
            if index % 4 == 0 {
                noise.refused(Client::Four(1));
            }
        }
        assert_eq!(noise.0.len(), ROOM);
        let (loudest, count) = noise.take(1)[0];
        assert_eq!(loudest, Client::Four(1));
        assert!(count >= 65_536 / 4, "{count}");
    }
}
