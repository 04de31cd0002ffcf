//! A host on which Pacemaker takes long to stop an instance, as on a busy machine or with a disk that is slow.

use crate::agent::Agent;
use crate::error::Error;
use crate::lab::On;

/// Puts itself in the agent's place, and waits before an instance is demoted or stopped; not after a boot, which
/// empties /run. `$1` is the agent.
const SET: &str = r#"
mv "$1" "$1.real"
cat >"$1" <<END
#!/bin/sh
case \$1 in
demote | stop) [ ! -e /run/slow-stop ] || sleep 12 ;;
esac
exec $1.real "\$@"
END
chmod 755 "$1"
touch /run/slow-stop
"#;

const UNSET: &str = r#"rm -f /run/slow-stop; [ ! -e "$1.real" ] || mv "$1.real" "$1""#;

/// Takes the delay back when dropped.
#[derive(Debug)]
pub(crate) struct SlowStop<'a> {
    on: On<'a>,
    agent: Agent,
}

impl<'a> SlowStop<'a> {
    /// Has the agent of a host wait so.
    pub(crate) fn set(on: On<'a>, agent: Agent) -> Result<Self, Error> {
        let own = Self { on, agent };
        own.run(SET)?;
        Ok(own)
    }

    fn run(&self, script: &str) -> Result<(), Error> {
        let words = ["bash", "-euc", script, "bash", self.agent.path()];
        self.on.run(&words).map(drop)
    }
}

impl Drop for SlowStop<'_> {
    fn drop(&mut self) {
        // Without the file in /run, which a boot takes away, nobody waits.
        self.run(UNSET).ok();
    }
}
