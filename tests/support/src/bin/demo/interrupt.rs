//! Ctrl-C at any moment: a flag that every wait looks at.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;
use support::Trouble;

use crate::end::End;

/// Exit status of a program ended by SIGINT, as shells tell it.
const KILLED_BY_INTERRUPT: i32 = 130;

/// Whether somebody wants the demo to end.
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens from now on. The second signal ends the program on the spot; the servers' keepers
    /// clean up then.
    pub(crate) fn listen() -> Result<Self, End> {
        let raised = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            let second = Arc::clone(&raised);
            flag::register_conditional_shutdown(signal, KILLED_BY_INTERRUPT, second)
                .and_then(|_| flag::register(signal, Arc::clone(&raised)))
                .map_err(Trouble::io("listen for signals"))?;
        }
        Ok(Self(raised))
    }

    /// An error once a signal came.
    pub(crate) fn check(&self) -> Result<(), End> {
        if self.0.load(Ordering::Relaxed) {
            return Err(End::Interrupted);
        }
        Ok(())
    }
}
