//! Ctrl-C: once asks, twice insists.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use faults::Code;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::fault::CliFault;

/// A stop flag that the first Ctrl-C or SIGTERM sets; the second ends the process at once, which
/// loses nothing that is committed.
pub(crate) fn on_request() -> Result<Arc<AtomicBool>, CliFault> {
    let stop = Arc::new(AtomicBool::new(false));
    let status = i32::from(Code::Interrupted.exit_status());
    for signal in [SIGINT, SIGTERM] {
        // In this order: the first signal finds the flag unset, and sets it.
        flag::register_conditional_shutdown(signal, status, stop.clone()).map_err(signals)?;
        flag::register(signal, stop.clone()).map_err(signals)?;
    }
    Ok(stop)
}

fn signals(source: std::io::Error) -> CliFault {
    CliFault::Signals { source }
}
