//! `pg_hba.conf` as a server reads it, and whether it lets the server replicate from itself. Knows neither
//! the file nor how the rules were asked for.

use std::fmt;
use std::net::IpAddr;

use serde_json::Value;

use super::finding::{Finding, Id};
use super::report::Report;

/// A line of the file that is a rule, or should be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The file, where `PostgreSQL` tells it: from version 16, which includes files.
    pub file: Option<String>,
    /// Counted from 1.
    pub number: u64,
    /// The rule, or what is wrong with it in `PostgreSQL`'s words.
    pub rule: Result<Rule, String>,
}

/// One rule (manual, "`pg_hba_file_rules`").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// `local`, `host`, `hostssl` and the like.
    pub kind: String,
    /// The databases, among them perhaps the keyword `replication`.
    pub databases: Vec<String>,
    /// The roles, `all` and groups.
    pub roles: Vec<String>,
    /// An address, a host's name or a keyword; none on the socket.
    pub address: Option<String>,
    /// What of the address counts, for an address.
    pub netmask: Option<IpAddr>,
    /// `reject`, or a way to prove who one is.
    pub method: String,
}

/// A way by which a server reaches itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Its Unix socket.
    Socket,
    /// An address of its host.
    Address(IpAddr),
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket => f.write_str("the Unix socket"),
            Self::Address(address) => address.fmt(f),
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(f, "line {} of {file}", self.number),
            None => write!(f, "line {} of pg_hba.conf", self.number),
        }
    }
}

/// The rules, and whose they are.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The file's lines.
    pub lines: &'a [Line],
    /// Where it is.
    pub file: &'a str,
    /// The addresses of the host.
    pub own: &'a [IpAddr],
    /// What its node is called, where that is known.
    pub node: Option<&'a str>,
    /// How `psql` is told to reach the server.
    pub psql: &'a str,
}

/// Judges the rules.
pub fn judge(facts: Facts<'_>, report: &mut Report) {
    let read_again = format!("{} -c \"SELECT pg_reload_conf()\"", facts.psql);
    for line in facts.lines {
        if let Err(error) = &line.rule {
            report.find(Finding {
                id: Id::HbaError,
                what: format!("{line}: {error}"),
                remedy: format!("$EDITOR {}; {read_again}", facts.file),
            });
        }
    }
    if let Some((way, line)) = own_replication(facts.lines, facts.own, facts.node) {
        let (name, file) = (facts.node.unwrap_or("NODE"), facts.file);
        report.find(Finding {
            id: Id::HbaSelf,
            what: format!("{line} lets this server replicate from itself, by {way}"),
            remedy: format!(
                "pgsql-state generate pg-hba --node {name} --install {file}; {read_again}"
            ),
        });
    }
}

/// Reads a row of the view as JSON; none where it is of another form.
#[must_use]
pub fn read(row: &str) -> Option<Line> {
    let row: Value = serde_json::from_str(row).ok()?;
    let text = |name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
    // A rule with an error is one with a remark: that it cannot match without TLS, say.
    let rule = match (text("type"), text("error")) {
        (None, error) => Err(error?),
        (Some(kind), _) => Ok(Rule {
            kind,
            databases: list(row.get("database")?)?,
            roles: list(row.get("user_name")?)?,
            address: text("address"),
            netmask: text("netmask").and_then(|mask| mask.parse().ok()),
            method: text("auth_method")?,
        }),
    };
    Some(Line {
        file: text("file_name"),
        number: row.get("line_number")?.as_u64()?,
        rule,
    })
}

fn list(value: &Value) -> Option<Vec<String>> {
    let texts = value.as_array()?.iter();
    texts.map(|text| text.as_str().map(str::to_owned)).collect()
}

/// The first way on which a rule might let the server replicate from itself, with that rule. `name` is what
/// the host is called, `own` its addresses.
#[must_use]
pub fn own_replication<'l>(
    lines: &'l [Line],
    own: &[IpAddr],
    name: Option<&str>,
) -> Option<(Way, &'l Line)> {
    let ways = [Way::Socket].into_iter();
    let mut ways = ways.chain(own.iter().copied().map(Way::Address));
    ways.find_map(|way| Some((way, opening(lines, way, name)?)))
}

/// The first rule that matches decides, so what comes behind a rejection of everybody does not matter.
fn opening<'l>(lines: &'l [Line], way: Way, name: Option<&str>) -> Option<&'l Line> {
    let mut rejected: Vec<&str> = Vec::new();
    for line in lines {
        let Ok(rule) = &line.rule else { continue };
        if !rule
            .databases
            .iter()
            .any(|database| database == "replication")
            || !rule.is_of(way, name)
        {
            continue;
        }
        let roles = || rule.roles.iter().map(String::as_str);
        if rule.method != "reject" {
            if roles().all(|role| rejected.contains(&role)) {
                continue;
            }
            return Some(line);
        }
        // Of these some connections are none.
        if !["local", "host"].contains(&rule.kind.as_str()) {
            continue;
        }
        if roles().any(|role| role == "all") {
            return None;
        }
        rejected.extend(roles());
    }
    None
}

impl Rule {
    fn is_of(&self, way: Way, name: Option<&str>) -> bool {
        match (way, self.kind == "local") {
            (Way::Socket, local) => local,
            (Way::Address(_), true) => false,
            (Way::Address(own), false) => self.covers(own, name),
        }
    }

    /// Whether an address of this host is meant. A rejection by name holds only while the name resolves, so
    /// it does not count.
    fn covers(&self, own: IpAddr, name: Option<&str>) -> bool {
        let Some(address) = self.address.as_deref() else {
            return false;
        };
        if ["all", "samehost", "samenet"].contains(&address) {
            return true;
        }
        let rejects = self.method == "reject";
        match (address.parse::<IpAddr>(), self.netmask, name) {
            (Ok(net), Some(mask), _) => is_within(own, net, mask),
            (Err(_), _, Some(name)) if !rejects => match address.strip_prefix('.') {
                Some(_) => name.ends_with(address),
                None => name.eq_ignore_ascii_case(address),
            },
            (Ok(_), None, _) | (Err(_), _, Some(_) | None) => false,
        }
    }
}

fn is_within(address: IpAddr, net: IpAddr, mask: IpAddr) -> bool {
    match (address.to_canonical(), net, mask) {
        (IpAddr::V4(address), IpAddr::V4(net), IpAddr::V4(mask)) => address & mask == net & mask,
        (IpAddr::V6(address), IpAddr::V6(net), IpAddr::V6(mask)) => address & mask == net & mask,
        (IpAddr::V4(_) | IpAddr::V6(_), _, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines as a file has them, with addresses as the view shows them: `10.0.0.0/255.0.0.0`.
    fn lines(text: &str) -> Vec<Line> {
        let lines = text.lines().enumerate();
        let parsed = lines.map(|(index, line)| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let (address, method) = match fields[3..] {
                [method] => (None, method),
                [address, method] => (Some(address), method),
                _ => panic!("{line}"),
            };
            let net = address.and_then(|address| address.split_once('/'));
            let list = |text: &str| text.split(',').map(str::to_owned).collect();
            Line {
                file: None,
                number: u64::try_from(index + 1).unwrap(),
                rule: Ok(Rule {
                    kind: fields[0].into(),
                    databases: list(fields[1]),
                    roles: list(fields[2]),
                    address: net
                        .map(|(address, _)| address)
                        .or(address)
                        .map(str::to_owned),
                    netmask: net.map(|(_, mask)| mask.parse().unwrap()),
                    method: method.into(),
                }),
            }
        });
        parsed.collect()
    }

    /// The line, counted from 1, and the way.
    fn found(text: &str) -> Option<(u64, String)> {
        let own = ["10.0.0.1".parse().unwrap(), "::1".parse().unwrap()];
        let lines = lines(text);
        let (way, line) = own_replication(&lines, &own, Some("srv1"))?;
        Some((line.number, way.to_string()))
    }

    #[test]
    fn the_rules_that_are_generated_leave_no_way() {
        assert_eq!(
            found(
                "local replication all reject\n\
                 host replication all 10.0.0.1/255.255.255.255 reject\n\
                 host replication all samehost reject\n\
                 local replication all trust\n\
                 host all,replication all all trust"
            ),
            None
        );
        assert_eq!(found(""), None);
        assert_eq!(found("local all all trust\nhost all all all trust"), None);
    }

    #[test]
    fn the_first_rule_that_lets_it_in_is_found_with_the_way() {
        let socket = || "the Unix socket".to_owned();
        let address = || "10.0.0.1".to_owned();
        for (text, expected) in [
            ("local replication all peer", (1, socket())),
            (
                "local replication all trust\nlocal replication all reject",
                (1, socket()),
            ),
            ("local all,replication repl trust", (1, socket())),
            (
                "host replication all 10.0.0.0/255.255.255.0 md5",
                (1, address()),
            ),
            ("host replication all samenet md5", (1, address())),
            ("host replication all all md5", (1, address())),
            ("host replication all srv1 md5", (1, address())),
            ("host replication all ::/:: md5", (1, "::1".into())),
            // These reject some, or only while a name resolves.
            (
                "host replication all srv1 reject\nhost replication all all md5",
                (2, address()),
            ),
            (
                "hostssl replication all all reject\nhost replication all all md5",
                (2, address()),
            ),
            (
                "host replication a all reject\nhost replication a,b all md5",
                (2, address()),
            ),
        ] {
            assert_eq!(found(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn rules_for_others_are_no_way() {
        for text in [
            "host replication all 10.0.0.2/255.255.255.255 md5",
            "host replication all srv2 md5",
            "host replication all .example.org md5",
            "host replication a all reject\nhost replication a all md5",
            "host replication all all reject\nlocal postgres all trust",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn a_way_to_itself_and_wrong_lines_are_findings() {
        let mut lines = lines("local replication all trust");
        lines.push(Line {
            file: None,
            number: 9,
            rule: Err("invalid".into()),
        });
        let mut report = Report::default();
        let facts = Facts {
            lines: &lines,
            file: "/x/pg_hba.conf",
            own: &[],
            node: Some("srv1"),
            psql: "psql -p 1",
        };
        judge(facts, &mut report);
        let [error, itself] = report.findings() else {
            panic!("{report}");
        };
        assert_eq!(
            (error.id, error.what.as_str()),
            (Id::HbaError, "line 9 of pg_hba.conf: invalid")
        );
        assert_eq!(itself.id, Id::HbaSelf);
        assert_eq!(
            itself.remedy,
            "pgsql-state generate pg-hba --node srv1 --install /x/pg_hba.conf; psql -p 1 -c \"SELECT \
             pg_reload_conf()\""
        );
    }

    #[test]
    fn a_row_of_the_view_is_a_line() {
        let row = r#"{"line_number": 7, "type": "host", "database": ["replication"], "user_name": ["all"],
            "address": "127.0.0.0", "netmask": "255.0.0.0", "auth_method": "reject", "options": null,
            "error": null}"#;
        let read_row = read(row).unwrap();
        assert_eq!(read_row.to_string(), "line 7 of pg_hba.conf");
        let rule = read_row.rule.unwrap();
        assert!(rule.is_of(Way::Address("127.9.9.9".parse().unwrap()), None));
        let newer =
            r#"{"rule_number": null, "file_name": "/x/y", "line_number": 2, "error": "odd"}"#;
        let wrong = read(newer).unwrap();
        assert_eq!(wrong.rule, Err("odd".into()));
        assert_eq!(wrong.to_string(), "line 2 of /x/y");
        let remark = row.replace("\"error\": null", "\"error\": \"without TLS\"");
        assert!(read(&remark).unwrap().rule.is_ok());
        assert_eq!(read("{}"), None);
        assert_eq!(read("?"), None);
    }
}
