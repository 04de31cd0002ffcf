//! Decides how much of a configuration line a message may show: everything that could be a password is cut off, also
//! in a line that is not valid TOML.

/// Names whose values are not secret. A value after any other name is not shown: the name may be a
/// misspelt `password`.
const SHOWN: &[&str] = &[
    "address",
    "admission",
    "agent_check",
    "allow",
    "also",
    "answer",
    "application_name",
    "burst",
    "ca_file",
    "cap",
    "channel_binding",
    "client_ca_file",
    "client_certificate",
    "cluster",
    "connect_timeout",
    "conninfo",
    "daemon_user",
    "dbname",
    "deny",
    "dialect",
    "documents",
    "enter_delay",
    "enter_lag",
    "give_back_after",
    "grace",
    "guard",
    "hold",
    "host",
    "hostaddr",
    "http",
    "http_port",
    "hung_after",
    "keep_absent",
    "keeper",
    "listen",
    "maintenance_file",
    "max_age",
    "max_connections",
    "max_connections_per_client",
    "max_delay",
    "max_lag",
    "metrics",
    "min_tls",
    "mode",
    "name",
    "nodes",
    "passfile",
    "patroni_names",
    "per_client",
    "port",
    "postgres",
    "prefix",
    "production",
    "proxy_protocol",
    "quorum",
    "quorum_file",
    "refuse",
    "require_streaming",
    "resource",
    "role",
    "service",
    "slots",
    "sslmode",
    "sslrootcert",
    "standby",
    "state",
    "strict",
    "timeout",
    "total",
    "trusted",
    "two_primaries",
    "user",
    "view",
    "when_full",
    "when_read_only",
];

/// Names whose values are shown only if they are paths in a known folder: another text may be the secret that the file would hold.
const SECRET_FILES: &[&str] = &["certificate_file", "key_file", "token_file"];

/// The folders in which a file with a secret is known by its path. Base64 has `/`, so that a token can begin with one.
const FOLDERS: &[&str] = &[
    "/dev/", "/etc/", "/home/", "/media/", "/mnt/", "/opt/", "/proc/", "/root/", "/run/", "/srv/",
    "/tmp/", "/usr/", "/var/",
];

/// Whether a text that begins with `/` is a path, and not a secret that was written in its place.
pub(super) fn is_known_path(text: &str) -> bool {
    FOLDERS.iter().any(|folder| text.starts_with(folder)) && !text.contains(char::is_whitespace)
}

/// Returns the start of a line that holds no secret: the whole line, or the part before a possible secret. `above` is
/// the text before the line, whose last value may continue in it.
pub(super) fn harmless<'l>(above: &str, line: &'l str) -> &'l str {
    let line_above = above.lines().next_back().unwrap_or_default();
    if line_above.trim_end().ends_with(['=', '\\']) {
        return "";
    }
    if continues(line) {
        return "";
    }
    let ends = [unknown_value(line), file(line), password(line), login(line)];
    let end = ends.into_iter().flatten().min();
    end.and_then(|end| line.get(..end)).unwrap_or(line)
}

/// Whether a configuration has a password, in a connection string or in a URL. Comments do not count.
pub(super) fn has_password(text: &str) -> bool {
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    lines.into_iter().any(|line| {
        let in_url = login(line).and_then(|begin| line.get(begin..)?.split_once('@'));
        let in_url = in_url.is_some_and(|(login, _)| login.contains(':'));
        let mut words = line.match_indices("password");
        let is_set = |(at, word): (usize, &str)| {
            let rest = line.get(at.saturating_add(word.len())..);
            rest.is_some_and(|rest| rest.trim_start().starts_with('='))
        };
        in_url || words.any(is_set)
    })
}

/// Returns the end of the first `NAME =` whose value is not known to be harmless.
fn unknown_value(line: &str) -> Option<usize> {
    let mut equals = line.match_indices('=');
    let (at, _) = equals.find(|(at, _)| {
        let before = line.get(..*at).unwrap_or_default().trim_end();
        let name = before.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_');
        let name = before.strip_prefix(name).unwrap_or_default();
        !SHOWN.contains(&name) && !SECRET_FILES.contains(&name)
    })?;
    Some(at.saturating_add(1))
}

/// Whether a line may continue a value that began above it: it has no name, and is neither a table's head, a comment nor
/// the end of an array.
fn continues(line: &str) -> bool {
    let text = line.trim_start();
    !text.is_empty() && !text.contains(['=', ':', ' ']) && !text.starts_with(['[', '#', ']', '}'])
}

/// Returns the end of the first name of a file with a secret that is not followed by `= "/PATH"`.
fn file(line: &str) -> Option<usize> {
    let ends = SECRET_FILES.iter().filter_map(|name| {
        let begin = line.find(name)?;
        let end = begin.saturating_add(name.len());
        let rest = line.get(end..)?.trim_start();
        (!is_path(rest)).then_some(end)
    });
    ends.min()
}

/// Whether this is `= "/PATH"` with a path in a known folder, and perhaps more.
fn is_path(text: &str) -> bool {
    let Some(value) = text.strip_prefix('=').map(str::trim_start) else {
        return false;
    };
    let mut quotes = ['"', '\''].into_iter();
    quotes.any(|quote| {
        let inside = value.strip_prefix(quote);
        let path = inside.and_then(|inside| inside.split_once(quote));
        path.is_some_and(|(path, _)| is_known_path(path))
    })
}

/// Returns the end of the first `pass` that does not begin `passfile`, with or without a `=` behind it.
fn password(line: &str) -> Option<usize> {
    let lower = line.to_ascii_lowercase();
    let mut found = lower.match_indices("pass");
    let (at, word) = found.find(|(at, _)| {
        let rest = lower.get(*at..).unwrap_or_default();
        !rest.starts_with("passfile")
    })?;
    Some(at.saturating_add(word.len()))
}

/// Returns where `user:password@` may begin in a connection URL.
fn login(line: &str) -> Option<usize> {
    let (at, scheme_end) = line.match_indices("://").next()?;
    let begin = at.saturating_add(scheme_end.len());
    let rest = line.get(begin..).unwrap_or_default();
    rest.contains('@').then_some(begin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_may_be_a_password_is_not_shown() {
        for (line, shown) in [
            (
                r#"conninfo = "host=a password=geheim""#,
                r#"conninfo = "host=a pass"#,
            ),
            (
                r#"conninfo = "host=a pasword = geheim""#,
                r#"conninfo = "host=a pasword ="#,
            ),
            (
                r#"conninfo = "host=a PASSWORD geheim""#,
                r#"conninfo = "host=a PASS"#,
            ),
            (
                r#"conninfo = "postgresql://u:geheim@h/d""#,
                r#"conninfo = "postgresql://"#,
            ),
            (
                r#"conninfo = "postgresql:///d?host=/run&pw=geheim""#,
                r#"conninfo = "postgresql:///d?host=/run&pw="#,
            ),
            (r#"secret = "geheim""#, "secret ="),
            (r#"token_file = "geheim""#, "token_file"),
            (r#"token_file = "/geheim""#, "token_file"),
            (r#"key_file = "/gehe/im+Z2Vo==""#, "key_file"),
            (r"admission.token_file = geheim", "admission.token_file"),
            (r#"cluster.key_file = "geheim""#, "cluster.key_file"),
            (r#"token_file: "geheim""#, "token_file"),
            (r#"token_file "geheim""#, "token_file"),
            (r#"{ "token_file": "geheim" }"#, r#"{ "token_file"#),
            (r"token_file = /etc/x geheim", "token_file"),
            (r#"token_file = "/etc/x geheim"#, "token_file"),
            (r"certificate_file = '''geheim", "certificate_file"),
            (r#"geheim""#, ""),
            ("Z2VoZWltZ2VoZWlt", ""),
            (r#""conninfo" = "geheim""#, r#""conninfo" ="#),
        ] {
            assert_eq!(harmless("", line), shown);
        }
    }

    #[test]
    fn a_line_that_may_go_on_with_a_password_is_not_shown() {
        for above in [
            "a = \"password=\n",
            "a = \"password = \r\n",
            "a = \"\"\"\\\n",
        ] {
            assert_eq!(harmless(above, "geheim\""), "");
        }
    }

    #[test]
    fn a_line_without_secrets_is_shown_whole() {
        for line in [
            r#"conninfo = "host=/run port=5434 passfile=/etc/p" # postgresql://h/d"#,
            r#"timeout="5""#,
            r#"token_file = "/etc/pgsql-state/token""#,
            "key_file='/etc/pgsql-state/http.key'",
            "[postgres]",
            "",
        ] {
            assert_eq!(harmless("[a]\n", line), line);
        }
    }
}
