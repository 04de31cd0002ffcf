//! The clients that were refused most, in bounded memory however many are refused.
//!
//! Uses the Space-Saving algorithm (Metwally, Agrawal, El Abbadi, 2005): a client that is not in the table
//! replaces the one with the lowest count and inherits that count. So every client with a large share of the
//! refusals is in the table, and no count is too low.

use super::client::Client;

/// Number of entries in the table.
const CAPACITY: usize = 16;

/// Refused clients and how often each was refused.
#[derive(Debug)]
pub struct MostRefused(Vec<(Client, u64)>);

impl MostRefused {
    /// Creates an empty table; allocates its memory at once.
    #[must_use]
    pub fn new() -> Self {
        Self(Vec::with_capacity(CAPACITY))
    }

    /// Counts a refusal of a client.
    pub fn refused(&mut self, client: Client) {
        if let Some((_, count)) = self.0.iter_mut().find(|(known, _)| *known == client) {
            *count = count.saturating_add(1);
        } else if self.0.len() < CAPACITY {
            self.0.push((client, 1));
        } else if let Some(lowest) = self.0.iter_mut().min_by_key(|(_, count)| *count) {
            *lowest = (client, lowest.1.saturating_add(1));
        }
    }

    /// Takes at most `most` clients, in descending order of refusals, each with an upper bound of its count, and empties the
    /// table.
    pub fn take(&mut self, most: usize) -> Vec<(Client, u64)> {
        self.0
            .sort_by_key(|(client, count)| (std::cmp::Reverse(*count), *client));
        let most_refused = self.0.iter().take(most).copied().collect();
        self.0.clear();
        most_refused
    }
}

impl Default for MostRefused {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_taken_in_descending_order_and_the_table_is_emptied() {
        let mut most_refused = MostRefused::new();
        for (client, times) in [(1, 3), (2, 7), (3, 1)] {
            for _ in 0..times {
                most_refused.refused(Client::Four(client));
            }
        }
        let expected = [(Client::Four(2), 7), (Client::Four(1), 3)];
        assert_eq!(most_refused.take(2), expected);
        assert_eq!(most_refused.take(2), []);
    }

    #[test]
    fn a_client_with_many_refusals_is_not_hidden_by_many_clients_with_few() {
        let mut most_refused = MostRefused::new();
        for index in 0..65_536 {
            most_refused.refused(Client::Four(1000 + index));
            if index % 4 == 0 {
                most_refused.refused(Client::Four(1));
            }
        }
        assert_eq!(most_refused.0.len(), CAPACITY);
        let (most_refused, count) = most_refused.take(1)[0];
        assert_eq!(most_refused, Client::Four(1));
        assert!(count >= 65_536 / 4, "{count}");
    }
}
