//! Who a process is among its own users.

use std::ffi::CString;

/// Our user (or group) as number 1000 of its own.
pub(super) fn map(group: bool) -> CString {
    let own = match group {
        true => rustix::process::getegid().as_raw(),
        false => rustix::process::geteuid().as_raw(),
    };
    CString::new(format!("1000 {own} 1")).unwrap_or_default()
}
