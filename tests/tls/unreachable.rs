//! Nobody at the address, or no address.

use support::{Trouble, ports};

use crate::operator::Operator;

#[test]
fn a_name_that_does_not_resolve_is_no_host() {
    // No label has 64 characters (RFC 1035, section 2.3.4), so no name server is asked.
    let name = format!("{}.example", "a".repeat(64));
    let met = Operator::new().connect(&format!("host={name} user=me"));
    assert_eq!(met.answer, "down no-host");
    assert!(met.said.contains(&name), "{met:?}");
}

#[test]
fn a_port_where_nobody_listens_is_refused() -> Result<(), Trouble> {
    let (operator, address) = (Operator::new(), ports::free()?);
    let (ip, port) = (address.ip(), address.port());
    for mode in ["disable", "prefer", "require"] {
        let met = operator.connect(&format!("host={ip} port={port} user=me sslmode={mode}"));
        assert_eq!(met.answer, "down refused", "{mode}");
    }
    Ok(())
}
