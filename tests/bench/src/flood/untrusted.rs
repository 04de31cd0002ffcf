//! One thread of untrusted clients: a ring of connections, each looked at in turn and replaced once it is over.

use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV4};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::sockopt::set_socket_linger;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, bind, connect, recv, send,
    socket_with,
};

use super::attack::Attack;
use crate::interrupt::pause;

/// A connection under way.
struct Open {
    socket: OwnedFd,
    since: Instant,
    said: Instant,
}

/// Attacks until told to stop, and returns how many connections it made.
pub(super) fn attack(attack: Attack, server: SocketAddrV4, done: &AtomicBool) -> u32 {
    let began = Instant::now();
    let mut ring: Vec<Option<Open>> = Vec::new();
    ring.resize_with(attack.width(), || None);
    let (mut number, mut connected) = (0_u32, 0_u32);
    while !done.load(Ordering::Relaxed) {
        if ring.is_empty() || is_ahead(attack, number, began) {
            pause();
            continue;
        }
        let before = number;
        for slot in &mut ring {
            if slot.as_mut().is_some_and(|open| goes_on(attack, open)) {
                continue;
            }
            *slot = None;
            number = number.wrapping_add(1);
            *slot = begin(attack, server, number).ok();
            connected = connected.wrapping_add(u32::from(slot.is_some()));
        }
        if attack.resets()
            && let Some(Some(open)) = ring.first()
        {
            // Where it fails, the close is an orderly one.
            set_socket_linger(&open.socket, Some(Duration::ZERO)).ok();
        }
        if number == before {
            pause();
        }
    }
    connected
}

fn is_ahead(attack: Attack, number: u32, began: Instant) -> bool {
    attack
        .pace()
        .is_some_and(|pace| f64::from(number) > began.elapsed().as_secs_f64() * f64::from(pace))
}

fn begin(attack: Attack, server: SocketAddrV4, number: u32) -> Result<Open, Errno> {
    let source = attack.source(number);
    let (family, server) = match source {
        IpAddr::V4(_) => (AddressFamily::INET, SocketAddr::V4(server)),
        IpAddr::V6(_) => {
            let server = SocketAddr::from((Ipv6Addr::LOCALHOST, server.port()));
            (AddressFamily::INET6, server)
        }
    };
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = socket_with(family, SocketType::STREAM, flags, None)?;
    bind(&socket, &SocketAddr::from((source, 0)))?;
    match connect(&socket, &server) {
        Ok(()) | Err(Errno::INPROGRESS) => {}
        Err(errno) => return Err(errno),
    }
    let since = Instant::now();
    if !attack.says().is_empty() {
        // On loopback it is connected already, or refused.
        send(&socket, attack.says(), SendFlags::NOSIGNAL).ok();
    }
    Ok(Open {
        socket,
        since,
        said: since,
    })
}

/// Whether the connection is to be kept: not ended by the server, and not done.
fn goes_on(attack: Attack, open: &mut Open) -> bool {
    if attack.stays().is_zero() {
        if !attack.resets() {
            let mut room = [0_u8; 256];
            recv(&open.socket, &mut room[..], RecvFlags::DONTWAIT).ok();
        }
        return false;
    }
    if attack == Attack::OneByte && open.said.elapsed() >= Duration::from_secs(1) {
        open.said = Instant::now();
        send(&open.socket, b"R", SendFlags::NOSIGNAL).ok();
    }
    let over = if attack.leaves_when_answered() {
        PollFlags::RDHUP | PollFlags::IN
    } else {
        PollFlags::RDHUP
    };
    let mut look = [PollFd::new(&open.socket, over)];
    let at_once = Timespec::default();
    let ended = poll(&mut look, Some(&at_once)).is_ok_and(|ready| ready > 0);
    let lingers = [Attack::Silent, Attack::FewDescriptors, Attack::HttpSilent].contains(&attack);
    // Who never reads does not know that the answer has ended; the server must let go of it.
    let gone = ended && (!lingers || open.since.elapsed() >= Duration::from_millis(50));
    !gone && open.since.elapsed() < attack.stays()
}
