//! The manual's text about each kind of mistake: one sentence on what is wrong and one on the remedy, without the place
//! that a finding adds. Knows no configuration.

use super::Rule;

impl Rule {
    /// What is wrong. Code in it stands between backquotes.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::UnanchoredExpect => {
                "`expect string`, or `rstring` without `^`, finds its word in an error message too; the same for `http-check`"
            }
            Self::RoleBlind => {
                "the check of several servers cannot tell the primary from a standby, or there is no check; not in a section for readers"
            }
            Self::AgentCheckAlone => {
                "`agent-check` without `check`: if the agent goes away, HAProxy changes nothing"
            }
            Self::CheckThroughPooler => {
                "the check ends at PgBouncer, Odyssey, Pgpool-II or Supavisor, regardless of the server behind it"
            }
            Self::NoCheckTimeout => "there is no `timeout check`",
            Self::CheckTimeoutOverInter => {
                "`timeout check` is longer than `inter`, or `inter`, `fastinter`, `downinter`, `fall` and `rise` make more than a minute: a server that goes or comes is detected late"
            }
            Self::UpBeforeCheck => {
                "writers reach a server before its first check: there is neither `init-state`, nor a server-state file, nor a guard against two primaries"
            }
            Self::InitStateWithTrack => {
                "a server has both `init-state` and `track`, possibly from `default-server`: HAProxy does not start"
            }
            Self::NoTwoPrimariesGuard => {
                "two servers that both claim to be the primary would both receive writers"
            }
            Self::FallOneKillsReaders => {
                "one failed check closes all of a standby's sessions: `fall 1` with `on-marked-down shutdown-sessions`"
            }
            Self::SessionTimeout => {
                "`timeout client`, `server` or `tunnel` below 30 minutes closes idle sessions of pools; below 1 minute it closes replication too"
            }
            Self::UnresolvedName => {
                "a server's name does not resolve on this host; not checked with `--no-resolve`, nor for servers with `resolvers`"
            }
            Self::AcceptsWrongAnswer => {
                "the check considers a server up that is not what the section is for: `! status 503` accepts a 404, `! rstring ^standby` accepts any other answer, and an agent-check that is gone changes nothing if the check is only a connection; or one server of the section is up only as the primary and another only as a standby, by its view in `agent-send`"
            }
            Self::NameAgainstCheck => {
                "the section's name is for readers and its check, or its check and the agent's view together, accept only the primary, or the other way round; names in eight languages are known"
            }
            Self::CheckElsewhere => {
                "the check for the role goes to PostgreSQL's own port, or the check or the agent-check to another server's address or to one address for several servers, also of one host; or a server tracks one with another address"
            }
            Self::SameAddressTwice => {
                "one address has two names in a section that is not for readers, or a `server-template` without `resolvers` makes several servers of it: one primary counts as two"
            }
            Self::UnknownView => {
                "`agent-send` names a view that the daemon's agent-check does not have"
            }
            Self::DownServerReached => {
                "`force-persist` or `option persist` in a section that is not for readers"
            }
            Self::NoShutdownSessions => {
                "one of several servers for writers has no `on-marked-down shutdown-sessions`: sessions stay with a former primary"
            }
            Self::EndedSessionsStay => {
                "sessions that HAProxy ends while they connect are never closed, and their clients wait: `on-marked-down shutdown-sessions` and no filter on what clients send; only with `--haproxy-version` 3.0, from 3.0.10 on, or 3.1"
            }
            Self::ModeHttp => {
                "`mode http` with `pgsql-check` or a check that is told the role, in front of port 5432 or 6432, or of 5433 to 5439 and the like with a check of the role"
            }
            Self::DrainedServerReached => {
                "new sessions of writers reach a standby that the agent or the check drains: `stick`, `persist` or `use-server`"
            }
            Self::DrainedNotDown => {
                "the check for writers drains a server instead of taking it down (`L7OKC`, `disable-on-404`), or the agent alone does, so its sessions stay with a former primary"
            }
            Self::WritersToReaders => {
                "a frontend for writers, by its name or by where it leads while one primary or all servers are up, leads to a section for readers; or a server for writers is a listener for readers"
            }
            Self::PastChecks => {
                "`dispatch` or `option transparent` without `balance`, in a section that is not for readers: no check decides about sessions"
            }
            Self::SameBind => {
                "a section that leads to writers' servers and another one listen on one address, however it is written: the kernel chooses between them"
            }
            Self::NobodyAccepted => {
                "the rules reject every session while one primary is up, or any number of standbys that a whole cluster has, or while more standbys are up than some for which they accept it; or each server that is up then has `weight 0`, or the agent drains it by its view; or all are `disabled`; or the check drains whom it is for (`ok-status L7OKC`)"
            }
        }
    }

    /// What to write instead. Code in it stands between backquotes.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::UnanchoredExpect => "`tcp-check expect rstring ^production`; for HTTP a status",
            Self::RoleBlind => "a check of the role",
            Self::AgentCheckAlone => "`check` in addition",
            Self::CheckThroughPooler => "`check port` with the daemon's port, or Patroni's",
            Self::NoCheckTimeout => "a `timeout check` below `inter`",
            Self::CheckTimeoutOverInter => "a shorter `timeout check`; `inter 2s fall 2`",
            Self::UpBeforeCheck => "`init-state fully-down` from 3.1 on, otherwise the guard",
            Self::InitStateWithTrack => "`init-state` on the lines of the other servers",
            Self::NoTwoPrimariesGuard => "`tcp-request connection reject if { nbsrv(NAME) gt 1 }`",
            Self::FallOneKillsReaders => "`fall 2`, and `shutdown-sessions` for writers only",
            Self::SessionTimeout => "1d, and `option clitcpka`, `srvtcpka`",
            Self::UnresolvedName => "the address, or `/etc/hosts`",
            Self::AcceptsWrongAnswer => {
                "exactly the wanted answer, without a negation or a list; one check and one view for all servers of a section"
            }
            Self::NameAgainstCheck => "the path or word of the intended role, or another name",
            Self::CheckElsewhere => {
                "`port` with the daemon's port, no `addr`; a daemon for each server; `track` of the server with the same address"
            }
            Self::SameAddressTwice => "only one of the lines; `resolvers`",
            Self::UnknownView => "`rw`, `ro` or `ro-sync`",
            Self::DownServerReached => "no such line",
            Self::NoShutdownSessions => "`on-marked-down shutdown-sessions`",
            Self::EndedSessionsStay => {
                "the `bwlim-in` filter that `generate haproxy` writes for these versions"
            }
            Self::ModeHttp => "`mode tcp`",
            Self::DrainedServerReached => "no such line, or a check that takes a standby down",
            Self::DrainedNotDown => "an `expect` without a status of its own",
            Self::WritersToReaders => "a section of its own for readers to connect to",
            Self::PastChecks => "`server` lines with a check",
            Self::SameBind => "an address of its own for each section",
            Self::NobodyAccepted => {
                "for writers `reject if { nbsrv(NAME) gt 1 }`, for readers no guard; a weight of at least 1; the view of these sessions; no `ok-status L7OKC`"
            }
        }
    }
}
