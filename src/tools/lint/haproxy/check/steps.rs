//! The rules of a check, merged as `HAProxy` merges `option httpchk` with them, and split into connections; judges
//! nothing (`tcpcheck_add_http_rule` and `check_proxy_tcpcheck` in `HAProxy`'s `tcpcheck.c`).

use super::expect::Expect;
use super::sent::{Request, Sent};
use super::{Connect, Step};

/// The steps of a check. A section's own steps replace those that it inherits.
#[derive(Clone, Debug, Default)]
pub(in crate::tools::lint::haproxy) struct Steps {
    pub(in crate::tools::lint::haproxy) list: Vec<Step>,
    inherited: bool,
}

/// What happens on one connection of a check.
#[derive(Clone, Debug, Default)]
pub(in crate::tools::lint::haproxy) struct Exchange<'c> {
    /// `None` if no line opens it.
    pub(in crate::tools::lint::haproxy) connect: Option<&'c Connect>,
    pub(in crate::tools::lint::haproxy) sent: Vec<&'c Sent>,
    pub(in crate::tools::lint::haproxy) expects: Vec<&'c Expect>,
    /// Whether its last step is an expectation.
    pub(in crate::tools::lint::haproxy) ends_with_expect: bool,
}

impl Steps {
    /// The same steps in a section that inherits them.
    pub(in crate::tools::lint::haproxy) fn inherited(&self) -> Self {
        let list = self.list.clone();
        Self {
            list,
            inherited: true,
        }
    }

    /// Adds a line of `tcp-check` or `http-check`.
    pub(in crate::tools::lint::haproxy) fn add(&mut self, step: Step) {
        self.own();
        let step = match (step, self.list.first()) {
            (Step::Send(Sent::Request(sent)), Some(Step::Send(Sent::Request(first))))
                if first.from_option =>
            {
                let merged = sent.or(first);
                self.list.remove(0);
                Step::Send(Sent::Request(merged))
            }
            (step, _) => step,
        };
        self.list.push(step);
    }

    /// Adds the request of `option httpchk`.
    pub(in crate::tools::lint::haproxy) fn option(&mut self, words: &[&str]) {
        self.own();
        let request = Request::of_option(words);
        let mut relevant = self.list.iter_mut().filter(|step| match step {
            Step::Connect(_) | Step::Other => false,
            Step::Send(_) | Step::Expect(_) => true,
        });
        match relevant.next() {
            Some(Step::Send(Sent::Request(first))) if first.from_option => *first = request,
            Some(Step::Send(Sent::Request(first))) => {
                *first = request.or(first);
            }
            _ => self.list.insert(0, Step::Send(Sent::Request(request))),
        }
    }

    fn own(&mut self) {
        if self.inherited {
            *self = Self::default();
        }
    }

    /// The connections of the check, in their order; at least one.
    pub(in crate::tools::lint::haproxy) fn exchanges(&self) -> Vec<Exchange<'_>> {
        let mut exchanges = vec![Exchange::default()];
        let mut steps: Vec<&Step> = self.list.iter().collect();
        // The request of `option httpchk` follows the first connection.
        if let [
            Step::Send(Sent::Request(Request {
                from_option: true, ..
            })),
            Step::Connect(_),
            ..,
        ] = steps.as_slice()
        {
            steps.swap(0, 1);
        }
        for step in steps {
            if let Step::Connect(connect) = step {
                let opened = Exchange {
                    connect: Some(connect),
                    ..Exchange::default()
                };
                match exchanges.last_mut() {
                    Some(last) if last.is_unused() => *last = opened,
                    _ => exchanges.push(opened),
                }
            }
            let Some(exchange) = exchanges.last_mut() else {
                continue;
            };
            match step {
                Step::Connect(_) | Step::Other => {}
                Step::Send(sent) => {
                    exchange.sent.push(sent);
                    exchange.ends_with_expect = false;
                }
                Step::Expect(expect) => {
                    exchange.expects.push(expect);
                    exchange.ends_with_expect = true;
                }
            }
        }
        exchanges
    }
}

impl Exchange<'_> {
    fn is_unused(&self) -> bool {
        self.connect.is_none() && self.sent.is_empty() && self.expects.is_empty()
    }

    /// Whether nothing but the token of this project's daemon is sent.
    pub(in crate::tools::lint::haproxy) fn only_listens(&self) -> bool {
        match self.sent.as_slice() {
            [] => true,
            [sent] => sent.is_token(),
            [_, _, ..] => false,
        }
    }
}
