//! Watching a program: feeding it, reading what it says, and ending it when it goes over a limit.

use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::process::WaitIdStatus;

use super::process::{Process, stat};
use crate::{Ended, Limit, Ran, SandboxFault};

/// How often a program's threads are counted.
const TICK: Duration = Duration::from_millis(50);

impl Process {
    pub(super) fn watch(&mut self) -> Result<Ran, SandboxFault> {
        let mut over = None;
        while self.gone(false).is_none() {
            self.wait_for_something()
                .map_err(|error| SandboxFault::Start { step: "watching it", source: error.into() })?;
            self.feed();
            if let Some(limit) = self.limit_reached() {
                over = Some(limit);
                self.kill();
                break;
            }
        }
        // Killed or not, it is going: wait for it, but let its last words and its record be read before it is reaped.
        while self.gone(false).is_none() {
            self.wait_for_its_end();
        }
        self.kill_group();
        let spent = self.processor_seconds();
        let too_much = self.take();
        let over = over.or(too_much.then_some(Limit::Output));
        let status = self.gone(true);
        let ended = over.map(Ended::Over).or(status.map(|status| self.ending(&status, spent)));
        let mut said = self.streams.iter_mut().map(|stream| std::mem::take(&mut stream.bytes));
        let (stdout, stderr) = (said.next().unwrap_or_default(), said.next().unwrap_or_default());
        Ok(Ran {
            ended: ended.unwrap_or(Ended::Crashed(0)),
            stdout,
            stderr,
            results: said.collect(),
            took: self.began.elapsed(),
        })
    }

    fn wait_for_something(&self) -> Result<(), Errno> {
        let reading = self.streams.iter().filter_map(|stream| stream.pipe.as_ref());
        let mut polled: Vec<PollFd> = reading.map(|pipe| PollFd::new(pipe, PollFlags::IN)).collect();
        polled.extend(self.feed.iter().map(|(pipe, _)| PollFd::new(pipe, PollFlags::OUT)));
        polled.push(PollFd::new(&self.pidfd, PollFlags::IN));
        poll(&mut polled)
    }

    fn wait_for_its_end(&self) {
        _ = poll(&mut [PollFd::new(&self.pidfd, PollFlags::IN)]);
    }

    /// Writes what standard input still has; closes it after the last byte, or when the program no
    /// longer reads.
    fn feed(&mut self) {
        let Some((pipe, left)) = &mut self.feed else { return };
        if !left.is_empty() {
            match write(pipe, left) {
                Ok(length) => {
                    left.drain(..length);
                }
                Err(Errno::AGAIN) => return,
                Err(_) => left.clear(),
            }
        }
        if left.is_empty() {
            self.feed = None;
        }
    }

    /// Takes what it has printed; whether that is too much.
    fn take(&mut self) -> bool {
        let mut over = false;
        for stream in &mut self.streams {
            over |= stream.take(self.limits.output);
        }
        over
    }

    fn limit_reached(&mut self) -> Option<Limit> {
        if self.take() {
            return Some(Limit::Output);
        }
        if stat(self.pid, 19).is_some_and(|threads| threads > self.limits.threads as u64) {
            return Some(Limit::Threads);
        }
        (self.began.elapsed() > self.limits.wall).then(|| self.why_so_long())
    }

    /// Whether it waited, or had to wait for the machine. By the kernel's account of its first
    /// thread: nanoseconds on a processor, and nanoseconds in which it would have liked to be on
    /// one.
    fn why_so_long(&self) -> Limit {
        let account = std::fs::read_to_string(format!("/proc/{}/schedstat", self.pid)).unwrap_or_default();
        let mut numbers = account.split_whitespace().map_while(|number| number.parse::<u128>().ok());
        let wanted = numbers.next().zip(numbers.next()).map(|(ran, stood)| ran + stood);
        match wanted {
            Some(wanted) if wanted < self.limits.wall.as_nanos() / 2 => Limit::Idle,
            _ => Limit::Wall,
        }
    }

    /// Processor time so far, of a process that may have ended but is not reaped.
    fn processor_seconds(&self) -> f64 {
        let ticks = stat(self.pid, 13).unwrap_or(0) + stat(self.pid, 14).unwrap_or(0);
        ticks as f64 / rustix::param::clock_ticks_per_second() as f64
    }

    fn ending(&self, status: &WaitIdStatus, spent: f64) -> Ended {
        if let Some(status) = status.exit_status() {
            return Ended::Exited(status);
        }
        match status.terminating_signal().unwrap_or(0) {
            libc::SIGXCPU => Ended::Over(Limit::Processor),
            // The kernel kills by ticks and tells a finer account, which may be well below; half of the limit is no accident.
            libc::SIGKILL if 2.0 * spent >= self.limits.processor_seconds as f64 => Ended::Over(Limit::Processor),
            libc::SIGXFSZ => Ended::Over(Limit::FileSize),
            signal => Ended::Crashed(signal),
        }
    }
}

fn poll(polled: &mut [PollFd]) -> Result<(), Errno> {
    let tick = Timespec { tv_sec: 0, tv_nsec: TICK.subsec_nanos().into() };
    match rustix::event::poll(polled, Some(&tick)) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error),
    }
}

fn write(pipe: &OwnedFd, bytes: &[u8]) -> Result<usize, Errno> {
    loop {
        match rustix::io::write(pipe, bytes) {
            Err(Errno::INTR) => {}
            other => return other,
        }
    }
}
