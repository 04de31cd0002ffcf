//! Prints the agent's metadata for Pacemaker's tools, in XML, from the tables of its parameters and
//! actions. Reads no file.
//!
//! `ocf-tester` of resource-agents validates the document against `ra-api-1.dtd`, which is of OCF 1.0 and knows neither
//! `reloadable` nor `reload-agent`. The document does not declare them itself: Pacemaker's controller logs a
//! failed assertion for each declaration, whenever it reads one.

use std::time::Duration;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::actions::{ADVERTISED, Advertised};
use super::parameters::{Declaration, Default, OnChange, PARAMETERS};

/// The version of OCF that the agent follows.
const OCF: &str = "1.1";

const SHORT: &str = "Manages PostgreSQL servers in streaming replication";
const LONG: &str = "A promotable clone whose instances are PostgreSQL servers: one primary and its \
                    standbys, in streaming replication. Every server starts as a standby; the cluster \
                    promotes one that lacks nothing of what the others have, nor of what synchronous \
                    standbys that are away may have acknowledged.";

/// The file name of OCF 1.0's document type definition. Tools look for the file by this name.
const DOCTYPE: &str = r#"resource-agent SYSTEM "ra-api-1.dtd""#;

/// Returns the whole document, which ends with a newline.
#[must_use]
pub fn metadata() -> String {
    let mut document = XmlDocument(Writer::new_with_indent(Vec::new(), b' ', 2));
    // Without an encoding: lxml refuses a declared one in text, so crmsh could not read it. UTF-8 is the default.
    document.push(Event::Decl(BytesDecl::new("1.0", None, None)));
    document.push(Event::DocType(BytesText::from_escaped(DOCTYPE)));
    let version = env!("CARGO_PKG_VERSION");
    document.open(
        "resource-agent",
        &[("name", "pgsqlms"), ("version", version)],
    );
    document.text("version", &[], OCF);
    document.describe(LONG, SHORT);
    document.open("parameters", &[]);
    for declared in &PARAMETERS {
        document.parameter(declared);
    }
    document.close("parameters");
    document.open("actions", &[]);
    for advertised in &ADVERTISED {
        document.action(advertised);
    }
    document.close("actions");
    document.close("resource-agent");
    let mut bytes = document.0.into_inner();
    bytes.push(b'\n');
    String::from_utf8(bytes).unwrap_or_default()
}

/// A document that is being written.
struct XmlDocument(Writer<Vec<u8>>);

impl XmlDocument {
    fn push(&mut self, event: Event<'_>) {
        // Writing to memory cannot fail.
        self.0.write_event(event).ok();
    }

    fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.push(Event::Start(element(name, attributes)));
    }

    fn close(&mut self, name: &str) {
        self.push(Event::End(BytesEnd::new(name)));
    }

    fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.push(Event::Empty(element(name, attributes)));
    }

    fn text(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.open(name, attributes);
        self.push(Event::Text(BytesText::new(text)));
        self.close(name);
    }

    fn describe(&mut self, long: &str, short: &str) {
        self.text("longdesc", &[("lang", "en")], long);
        self.text("shortdesc", &[("lang", "en")], short);
    }

    fn parameter(&mut self, declared: &Declaration) {
        let (unique, reloadable) = match declared.on_change {
            OnChange::Reload => ("0", "1"),
            OnChange::Restart => ("1", "0"),
        };
        let default = match declared.default {
            Default::Is(value) => value.to_owned(),
            Default::Pgdata(behind) => format!("PGDATA{behind}"),
        };
        let attributes = [
            ("name", declared.name),
            ("unique", unique),
            ("required", "0"),
            ("reloadable", reloadable),
        ];
        self.open("parameter", &attributes);
        self.describe(declared.long, declared.short);
        let kind = declared.content.kind();
        self.empty("content", &[("type", kind), ("default", &default)]);
        self.close("parameter");
    }

    fn action(&mut self, advertised: &Advertised) {
        let timeout = seconds(advertised.timeout);
        let mut attributes = vec![("name", advertised.action.name()), ("timeout", &timeout)];
        let interval = advertised
            .repeated
            .map(|repeated| seconds(repeated.interval));
        if let (Some(repeated), Some(interval)) = (advertised.repeated, &interval) {
            attributes.extend([
                ("interval", interval.as_str()),
                ("role", repeated.role.name()),
                ("depth", "0"),
            ]);
        }
        self.empty("action", &attributes);
    }
}

fn element<'a>(name: &'a str, attributes: &[(&str, &str)]) -> BytesStart<'a> {
    BytesStart::new(name).with_attributes(attributes.iter().copied())
}

/// Returns a duration in OCF's notation.
fn seconds(duration: Duration) -> String {
    format!("{}s", duration.as_secs())
}

#[cfg(test)]
mod tests;
