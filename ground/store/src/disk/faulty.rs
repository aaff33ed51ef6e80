use std::io;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

/// How a faulty disk fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failing {
    /// As if the process had died just before the operation: it and all later ones do nothing and
    /// fail.
    Kill,
    /// As if the process had died in the middle of it: half of what it writes arrives, nothing
    /// after that.
    Tear,
    /// The process really dies, without running destructors: half of what the operation writes
    /// arrives.
    Abort,
    /// No space is left: half of what the operation writes arrives, and later writing fails too;
    /// removing works.
    NoSpace,
    /// The folder cannot be written: every change fails.
    ReadOnly,
}

/// A plan to fail: tests use it to stop a run at every point where a crash could stop it.
///
/// A disk without such a plan pays one comparison per operation for it.
#[derive(Debug)]
pub struct Faulty {
    failing: Failing,
    after: u64,
    operations: AtomicU64,
}

impl Faulty {
    /// Lets `after` operations through and then fails.
    pub fn new(failing: Failing, after: u64) -> Self {
        Faulty { failing, after, operations: AtomicU64::new(0) }
    }

    /// How many operations were asked for so far.
    pub fn operations(&self) -> u64 {
        self.operations.load(Ordering::SeqCst)
    }

    pub(super) fn change<T>(&self, bytes: usize, act: impl FnOnce(usize) -> io::Result<T>) -> io::Result<T> {
        let number = self.operations.fetch_add(1, Ordering::SeqCst);
        if number < self.after {
            return act(bytes);
        }
        let first = number == self.after;
        match self.failing {
            Failing::NoSpace if bytes == 0 => act(bytes),
            Failing::Tear | Failing::NoSpace | Failing::Abort if first && bytes > 1 => {
                act(bytes / 2)?;
                Err(self.fail())
            }
            _ => Err(self.fail()),
        }
    }

    fn fail(&self) -> io::Error {
        match self.failing {
            Failing::Kill | Failing::Tear => io::Error::other("the process was killed (by a test)"),
            Failing::Abort => std::process::abort(),
            Failing::NoSpace => io::ErrorKind::StorageFull.into(),
            Failing::ReadOnly => io::ErrorKind::ReadOnlyFilesystem.into(),
        }
    }
}

/// Reads `abort@17`: let 17 operations through, then abort. Kinds: `kill`, `tear`, `abort`,
/// `no-space`, `read-only`.
impl FromStr for Faulty {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, after) = text.split_once('@').ok_or("a fault is written KIND@OPERATIONS")?;
        let failing = match kind {
            "kill" => Failing::Kill,
            "tear" => Failing::Tear,
            "abort" => Failing::Abort,
            "no-space" => Failing::NoSpace,
            "read-only" => Failing::ReadOnly,
            other => return Err(format!("`{other}` is not a kind of fault")),
        };
        let after = after.parse().map_err(|_| format!("`{after}` is not a number of operations"))?;
        Ok(Faulty::new(failing, after))
    }
}
