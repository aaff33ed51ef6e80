//! A running program, and what is left when it is gone: nothing.

use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, WaitIdStatus};

use crate::{Limits, Ran, SandboxFault};

/// A program that runs. Dropping it ends it.
pub struct Process {
    pub(super) pid: libc::pid_t,
    pub(super) pidfd: OwnedFd,
    /// Its standard input, and what is still to be read there.
    pub(super) feed: Option<(OwnedFd, Vec<u8>)>,
    /// Standard output, errors, results.
    pub(super) streams: Vec<Stream>,
    pub(super) limits: Limits,
    pub(super) began: Instant,
    /// An end of a pipe that is open as long as it runs.
    pub(super) _held: Option<OwnedFd>,
}

/// What a program writes to one of its pipes.
pub(super) struct Stream {
    pub(super) pipe: Option<OwnedFd>,
    pub(super) bytes: Vec<u8>,
}

impl Stream {
    pub(super) fn new(pipe: OwnedFd) -> Result<Stream, Errno> {
        rustix::fs::fcntl_setfl(&pipe, OFlags::NONBLOCK)?;
        Ok(Stream { pipe: Some(pipe), bytes: Vec::new() })
    }

    /// Takes what is there, up to a limit; whether it went over it.
    pub(super) fn take(&mut self, most: usize) -> bool {
        let mut some = [0; 16384];
        while let Some(pipe) = &self.pipe {
            match rustix::io::read(pipe, &mut some) {
                Ok(0) | Err(Errno::PIPE) => self.pipe = None,
                Ok(length) => {
                    let fits = length.min(most - self.bytes.len());
                    self.bytes.extend_from_slice(&some[..fits]);
                    if fits < length {
                        return true;
                    }
                }
                Err(Errno::INTR) => {}
                Err(_) => break,
            }
        }
        false
    }
}

/// Ends a program that someone else watches.
pub struct Stopper {
    pidfd: OwnedFd,
    pid: libc::pid_t,
}

impl Stopper {
    /// Ends the program, if it does not end by itself in this time.
    pub fn stop_after(&self, time: Duration) {
        let time = Timespec { tv_sec: time.as_secs() as i64, tv_nsec: time.subsec_nanos().into() };
        _ = rustix::event::poll(&mut [PollFd::new(&self.pidfd, PollFlags::IN)], Some(&time));
        _ = rustix::process::pidfd_send_signal(&self.pidfd, Signal::KILL);
    }

    /// How many threads it has, itself included; none once it has ended.
    pub fn threads(&self) -> u64 {
        let threads = stat(self.pid, 19).unwrap_or(0);
        // If it lives now, the number was still its own.
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        match rustix::event::poll(&mut [PollFd::new(&self.pidfd, PollFlags::IN)], Some(&now)) {
            Ok(0) => threads,
            _ => 0,
        }
    }
}

impl Process {
    /// A way to end it from elsewhere.
    pub fn stopper(&self) -> Result<Stopper, SandboxFault> {
        let copy = self.pidfd.try_clone();
        let stopper = |pidfd| Stopper { pidfd, pid: self.pid };
        copy.map(stopper).map_err(|source| SandboxFault::Start { step: "watching it", source })
    }

    /// Watches the program to its end.
    pub fn finish(mut self) -> Result<Ran, SandboxFault> {
        self.watch()
    }

    /// Ends it, with everything that it began.
    pub(super) fn kill(&self) {
        // A process that is gone already is as good.
        _ = rustix::process::pidfd_send_signal(&self.pidfd, Signal::KILL);
        self.kill_group();
    }

    /// Ends what it may have left behind. Its number is its own until it is reaped.
    pub(super) fn kill_group(&self) {
        if let Some(group) = Pid::from_raw(self.pid) {
            _ = rustix::process::kill_process_group(group, Signal::KILL);
        }
    }

    /// Whether it is gone, and how; it is reaped only if asked to.
    pub(super) fn gone(&self, reap: bool) -> Option<WaitIdStatus> {
        let keep = if reap { WaitIdOptions::empty() } else { WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG };
        loop {
            match rustix::process::waitid(WaitId::PidFd(self.pidfd.as_fd()), WaitIdOptions::EXITED | keep) {
                Err(Errno::INTR) => {}
                Ok(status) => return status,
                Err(_) => return None,
            }
        }
    }
}

/// A number of `/proc/PID/stat`, counted from 0 after the name, which may hold anything.
pub(super) fn stat(pid: libc::pid_t, place: usize) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The state, after the name, is the third field; threads are the twentieth.
    stat.rsplit_once(')')?.1.split_whitespace().nth(place.checked_sub(2)?)?.parse().ok()
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        self.gone(true);
    }
}
