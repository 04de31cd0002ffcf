//! Whether a line of `pg_hba.conf` has the form of a rule, as PostgreSQL reads it; knows no meaning of it.

use std::net::IpAddr;

use super::error::HbaFileError;

/// Refuses fields that are no rule.
pub(super) fn is_rule(line: usize, fields: &[String]) -> Result<(), HbaFileError> {
    let kind = fields.first().map_or("", String::as_str);
    let needs = match kind {
        "local" => 4,
        "host" | "hostssl" | "hostnossl" | "hostgssenc" | "hostnogssenc" => 5,
        // PostgreSQL 16 and later.
        "include" | "include_if_exists" | "include_dir" => 2,
        _ => {
            let word = kind.escape_debug().take(40).collect();
            return Err(HbaFileError::Kind { line, word });
        }
    };
    let has = fields.len();
    if has < needs {
        return Err(HbaFileError::Fields { line, has, needs });
    }
    match fields {
        [kind, _, _, address, next, ..] if kind.starts_with("host") => {
            is_address(line, address, next, has)
        }
        _ => Ok(()),
    }
}

/// Judges the address of a rule and, if it has no length of its prefix, the mask behind it (`parse_hba_line` of `hba.c`).
fn is_address(line: usize, address: &str, mask: &str, has: usize) -> Result<(), HbaFileError> {
    let wrong = |address: String| {
        let address = address.escape_debug().take(80).collect();
        Err(HbaFileError::Address { line, address })
    };
    if let Some((net, length)) = address.split_once('/') {
        let longest = match net.parse::<IpAddr>() {
            Ok(IpAddr::V4(_)) => 32,
            Ok(IpAddr::V6(_)) => 128,
            // The C library reads more than this, such as a zone; a name has no mask.
            Err(_) if net.starts_with(|c: char| c.is_ascii_digit()) || net.contains(':') => 128,
            Err(_) => return wrong(address.to_owned()),
        };
        return match length.parse::<u8>() {
            Ok(length) if length <= longest => Ok(()),
            Ok(_) | Err(_) => wrong(address.to_owned()),
        };
    }
    let Ok(net) = address.parse::<IpAddr>() else {
        return Ok(());
    };
    match mask.parse::<IpAddr>() {
        Ok(read) if read.is_ipv4() != net.is_ipv4() => wrong(format!("{address} {mask}")),
        Ok(_) if has < 6 => Err(HbaFileError::Fields {
            line,
            has,
            needs: 6,
        }),
        Ok(_) => Ok(()),
        Err(_) => wrong(format!("{address} {mask}")),
    }
}

/// Splits a line into fields as `next_field_expand` of `hba.c` does: at blanks, except those after a comma; a number
/// sign outside quotes ends the line. `None` if a quote is not closed.
pub(super) fn fields(line: &[u8]) -> Option<Vec<String>> {
    let text = String::from_utf8_lossy(line);
    let mut fields: Vec<String> = Vec::new();
    let (mut field, mut quoted, mut listed) = (String::new(), false, false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            _ if quoted => field.push(c),
            '#' => break,
            c if c.is_ascii_whitespace() => {
                if !field.is_empty() && !listed {
                    fields.push(std::mem::take(&mut field));
                }
                continue;
            }
            _ => field.push(c),
        }
        listed = c == ',' && !quoted;
    }
    if quoted {
        return None;
    }
    if !field.is_empty() {
        fields.push(field);
    }
    Some(fields)
}
