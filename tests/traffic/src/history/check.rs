//! What in a history must not be; pure.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Asked, Final, History, Operation, Server, Told, Violation, two_at_once};

#[cfg(test)]
mod tests;

/// What was written to one register or to one set.
#[derive(Default)]
struct Written {
    /// When each value was sent, but those that are known to have had no effect.
    sent: BTreeMap<i64, Duration>,
    /// When each acknowledged value was acknowledged.
    acknowledged: BTreeMap<i64, Duration>,
    /// For each moment of an acknowledgement the highest value that was acknowledged until then, and when that was.
    highest: BTreeMap<Duration, (i64, Duration)>,
}

/// What was written, by register and by client.
#[derive(Default)]
struct Writes<'a> {
    registers: BTreeMap<&'a str, Written>,
    sets: BTreeMap<&'a str, Written>,
}

/// A read: on which server and when. A look at the end has no time: it comes after everything.
#[derive(Clone, Copy)]
struct Look<'a> {
    host: &'a str,
    of_the_primary: bool,
    sent: Option<Duration>,
    ended: Option<Duration>,
}

/// Everything that must not be in a history, or in what the primary `host` has after it.
pub fn check(history: &History, end: &Final, host: &str) -> Vec<Violation> {
    let writes = Writes::of(history);
    let mut found = Vec::new();
    for operation in &history.operations {
        writes.compare(operation, &mut found);
    }
    let look = Look {
        host,
        of_the_primary: true,
        sent: None,
        ended: None,
    };
    for (key, written) in &writes.registers {
        let value = end.registers.get(*key).copied();
        written.compare_register(key, value, look, &mut found);
    }
    let none = BTreeSet::new();
    for (client, written) in &writes.sets {
        let members = end.members.get(*client).unwrap_or(&none);
        written.compare_set(client, i64::MIN, members, look, &mut found);
    }
    found.extend(went_back(history));
    found.extend(two_at_once(history));
    found
}

impl<'a> Writes<'a> {
    fn of(history: &'a History) -> Self {
        let mut writes = Self::default();
        for operation in &history.operations {
            let (written, value) = match &operation.asked {
                Asked::Set { key, value } => (writes.registers.entry(key.as_str()), *value),
                Asked::Add { member } => (writes.sets.entry(operation.client.as_str()), *member),
                Asked::Get { .. } | Asked::Members { .. } | Asked::Role { .. } => continue,
            };
            written.or_default().add(operation, value);
        }
        let all = writes
            .registers
            .values_mut()
            .chain(writes.sets.values_mut());
        all.for_each(Written::order);
        writes
    }

    fn compare(&self, operation: &Operation, found: &mut Vec<Violation>) {
        let Some((ended, told)) = &operation.told else {
            return;
        };
        let nothing = Written::default();
        if let (Asked::Get { key }, Told::Value(server, value)) = (&operation.asked, told) {
            let written = self.registers.get(key.as_str()).unwrap_or(&nothing);
            written.compare_register(key, *value, Look::at(server, operation.sent, *ended), found);
        }
        if let (Asked::Members { of, above }, Told::Members(server, members)) =
            (&operation.asked, told)
        {
            let written = self.sets.get(of.as_str()).unwrap_or(&nothing);
            let members = members.iter().copied().collect();
            let look = Look::at(server, operation.sent, *ended);
            written.compare_set(of, *above, &members, look, found);
        }
    }
}

impl<'a> Look<'a> {
    fn at(server: &'a Server, sent: Duration, ended: Duration) -> Self {
        Self {
            host: &server.host,
            of_the_primary: server.writes.is_some(),
            sent: Some(sent),
            ended: Some(ended),
        }
    }
}

impl Written {
    fn add(&mut self, operation: &Operation, value: i64) {
        if !operation.has_failed() {
            self.sent.insert(value, operation.sent);
        }
        if let Some(at) = operation.acknowledged() {
            self.acknowledged.insert(value, at);
        }
    }

    fn order(&mut self) {
        let by_time = self.acknowledged.iter().map(|(value, at)| (*at, *value));
        let mut by_time: Vec<(Duration, i64)> = by_time.collect();
        by_time.sort_unstable();
        let mut highest = None;
        for (at, value) in by_time {
            let highest = highest.insert(match highest {
                Some((before, when)) if before > value => (before, when),
                Some(_) | None => (value, at),
            });
            self.highest.insert(at, *highest);
        }
    }

    /// The highest value that was acknowledged before a moment.
    fn highest_before(&self, sent: Option<Duration>) -> Option<(i64, Duration)> {
        let before = match sent {
            Some(sent) => self.highest.range(..sent).next_back(),
            None => self.highest.last_key_value(),
        };
        before.map(|(_, highest)| *highest)
    }

    fn compare_register(
        &self,
        key: &str,
        value: Option<i64>,
        look: Look<'_>,
        found: &mut Vec<Violation>,
    ) {
        self.unwritten(key, value, look, found);
        if !look.of_the_primary {
            return;
        }
        if let Some((written, acknowledged)) = self.highest_before(look.sent)
            && value.is_none_or(|value| value < written)
        {
            found.push(Violation::Lost {
                of: key.to_owned(),
                written,
                acknowledged,
                missing: look.sent,
                instead: value,
                host: look.host.to_owned(),
            });
        }
    }

    fn compare_set(
        &self,
        client: &str,
        above: i64,
        members: &BTreeSet<i64>,
        look: Look<'_>,
        found: &mut Vec<Violation>,
    ) {
        self.unwritten(client, members.iter().copied(), look, found);
        if !look.of_the_primary {
            return;
        }
        for (member, acknowledged) in self.acknowledged.range(above..) {
            let before = look.sent.is_none_or(|sent| *acknowledged < sent);
            if *member > above && before && !members.contains(member) {
                found.push(Violation::Lost {
                    of: client.to_owned(),
                    written: *member,
                    acknowledged: *acknowledged,
                    missing: look.sent,
                    instead: None,
                    host: look.host.to_owned(),
                });
            }
        }
    }

    /// What was read and cannot have been there.
    fn unwritten(
        &self,
        of: &str,
        values: impl IntoIterator<Item = i64>,
        look: Look<'_>,
        found: &mut Vec<Violation>,
    ) {
        for read in values {
            let sent = self.sent.get(&read);
            if sent.is_none_or(|sent| look.ended.is_some_and(|ended| ended < *sent)) {
                found.push(Violation::Unwritten {
                    of: of.to_owned(),
                    read,
                    at: look.ended,
                });
            }
        }
    }
}

/// What one connection has shown.
#[derive(Default)]
struct Shown<'a> {
    registers: BTreeMap<&'a str, i64>,
    sets: BTreeMap<&'a str, BTreeSet<i64>>,
}

/// Reads that went back on one connection, which leads to one server and carries one statement at a time.
fn went_back(history: &History) -> Vec<Violation> {
    let mut connections: BTreeMap<(&str, u64), Shown<'_>> = BTreeMap::new();
    let mut order: Vec<&Operation> = history.operations.iter().collect();
    order.sort_by_key(|operation| operation.sent);
    let mut found = Vec::new();
    for operation in order {
        let client = operation.client.as_str();
        let shown = connections
            .entry((client, operation.connection))
            .or_default();
        let mut back = |of: &str, shown: i64, instead: Option<i64>| {
            found.push(Violation::WentBack {
                client: client.to_owned(),
                of: of.to_owned(),
                shown,
                instead,
                at: operation.sent,
            });
        };
        match (
            &operation.asked,
            operation.told.as_ref().map(|(_, told)| told),
        ) {
            (Asked::Set { key, value }, Some(Told::Acknowledged(_))) => {
                shown.registers.insert(key, *value);
            }
            (Asked::Get { key }, Some(Told::Value(_, value))) => {
                if let Some(before) = shown.registers.get(key.as_str())
                    && value.is_none_or(|value| value < *before)
                {
                    back(key, *before, *value);
                }
                if let Some(value) = value {
                    shown.registers.insert(key, *value);
                }
            }
            (Asked::Add { member }, Some(Told::Acknowledged(_))) => {
                shown.sets.entry(client).or_default().insert(*member);
            }
            (Asked::Members { of, above }, Some(Told::Members(_, members))) => {
                let before = shown.sets.entry(of).or_default();
                // What is not above will never be asked for again: each read begins later than the one before it.
                *before = before.split_off(&above.saturating_add(1));
                for member in before.iter().filter(|member| !members.contains(member)) {
                    back(of, *member, None);
                }
                before.clone_from(&members.iter().copied().collect());
            }
            (
                Asked::Set { .. }
                | Asked::Add { .. }
                | Asked::Get { .. }
                | Asked::Members { .. }
                | Asked::Role { .. },
                _,
            ) => {}
        }
    }
    found
}
