//! A parameter pghost that is an address and leads to another server: to a neighbour, or to a load balancer that sends
//! everybody to the primary.

use std::net::SocketAddrV4;

use support::haproxy::Haproxy;
use support::{Trouble, ports};

use super::ends_with;
use crate::judge::{Failure, Judged, ensure};
use crate::program::Program;
use crate::rows::scores;
use crate::world::World;

/// Where the server of a node listens.
fn address(world: &World, node: &str) -> Result<SocketAddrV4, Trouble> {
    let address = world.server(node).postgres().tcp();
    address.ok_or_else(|| Trouble::Unfit(format!("{node} listens nowhere")))
}

/// That every monitor that is led to an address tells what its own server is, and that somebody else is there.
fn monitors(world: &World, place: SocketAddrV4, other_than: &[(&str, i32)]) -> Judged {
    let (host, port) = (place.ip().to_string(), place.port().to_string());
    for (node, status) in other_than {
        let ask = world.ask(node, "monitor").parameter("pghost", &host);
        let ended = ask.parameter("pgport", &port).call()?;
        ends_with(
            &ended,
            *status,
            &format!("monitor of {node}, led to {place}"),
        )?;
        ensure(ended.said.contains("does not lead to the server"), || {
            format!("{node} does not tell where {place} leads: {ended}")
        })?;
    }
    Ok(())
}

#[test]
fn an_address_that_leads_to_a_neighbour_makes_no_primary_of_a_standby_and_no_standby_of_it()
-> Result<(), Failure> {
    let world = World::running(Program::Ours)?;
    let before = scores(&world);
    let primary = address(&world, "srv1")?;
    monitors(&world, primary, &[("srv2", 0), ("srv3", 0)])?;
    monitors(&world, address(&world, "srv2")?, &[("srv1", 8)])?;
    let place = ports::free()?;
    let section = format!("listen pool\n  bind {place}\n  mode tcp\n  server srv1 {primary}\n");
    let _haproxy = Haproxy::start_with(&section)?;
    monitors(&world, place, &[("srv2", 0), ("srv3", 0)])?;
    ensure(scores(&world) == before, || {
        format!("the scores are {:?}, not {before:?}", scores(&world))
    })
}
