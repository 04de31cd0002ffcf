//! `mode http` in front of `PostgreSQL`.

use crate::tools::lint::haproxy::proxy::Proxy;
use crate::tools::lint::{Finding, Rule};

/// The finding for a section in `mode http` that leads to `PostgreSQL`.
pub(in crate::tools::lint::haproxy) fn http(proxy: &Proxy) -> Finding {
    Finding {
        rule: Rule::ModeHttp,
        place: proxy.place.clone(),
        sections: vec![proxy.name.clone()],
        what:
            "PostgreSQL's clients do not speak HTTP, so HAProxy in `mode http` refuses all of them."
                .to_owned(),
        remedy: "Write `mode tcp` in the section, and in each frontend in front of it.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::tools::lint::Rule;
    use crate::tools::lint::haproxy::rules::tests::{fires, quiet};

    #[test]
    fn sections_that_speak_http_to_postgres() {
        let rule = Rule::ModeHttp;
        let pool = |mode: &str, check: &str, port: &str| {
            format!("defaults\n mode {mode}\nlisten pg\n {check}\n server a h:{port} check\n")
        };
        fires(
            rule,
            &pool("http", "option pgsql-check user u", "15432"),
            &[3],
        );
        fires(rule, &pool("http", "", "5432"), &[3]);
        let told =
            "option tcp-check\n tcp-check connect port 5431\n tcp-check expect rstring ^production";
        fires(rule, &pool("http", told, "5434"), &[3]);
        fires(rule, &pool("http", told, "15434"), &[3]);
        let asks = "option httpchk GET /primary";
        fires(rule, &pool("http", asks, "5434 port 8008"), &[3]);
        quiet(rule, &pool("http", asks, "8080 port 8008"));
        quiet(rule, &pool("http", "", "5434"));
        quiet(rule, &pool("http", "", "8008"));
        quiet(
            rule,
            &pool("http", "", "8008").replace("listen pg", "listen pgadmin"),
        );
        quiet(rule, &pool("tcp", "option pgsql-check user u", "5432"));
        quiet(rule, &pool("http", "mode tcp", "5432"));
    }
}
