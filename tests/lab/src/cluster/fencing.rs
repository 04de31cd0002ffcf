//! A fence device that takes longer than the lab's own, for a while.

use std::time::Duration;

use crate::error::Error;
use crate::lab::On;

/// Takes the delay back when dropped.
#[derive(Debug)]
pub(crate) struct FenceDelay<'a>(On<'a>);

impl<'a> FenceDelay<'a> {
    /// Has whoever fences a host wait so long first; told by way of a server that lives on.
    pub(crate) fn set(on: On<'a>, delay: Duration) -> Result<Self, Error> {
        let own = Self(on);
        own.update(&format!("{}s", delay.as_secs()))?;
        Ok(own)
    }

    fn update(&self, delay: &str) -> Result<(), Error> {
        let command = format!("pcs stonith update fence pcmk_delay_base={delay}");
        self.0.shell(&command).map(drop)
    }
}

impl Drop for FenceDelay<'_> {
    fn drop(&mut self) {
        // The lab goes on with the longer delay where this fails.
        self.update("").ok();
    }
}
