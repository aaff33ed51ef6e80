//! From a program to a running process.

use std::ffi::{CString, c_char};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::time::Instant;

use rustix::fs::OFlags;
use rustix::pipe::PipeFlags;

use super::Sandbox;
use super::calls::Filter;
use super::child::{self, Namespaces, Plan, STEPS};
use super::files::{self, Files};
use super::identity::map;
use super::process::{Process, Stream};
use crate::{Limits, Program, SandboxFault};

/// Open files get numbers from here on before they are put in order: so no one takes another's
/// place.
const ASIDE: RawFd = 100;

/// Two ends of a pipe: one to read from, one to write to. Both close when another program begins.
pub(super) fn pipe() -> Result<(OwnedFd, OwnedFd), SandboxFault> {
    rustix::pipe::pipe_with(PipeFlags::CLOEXEC).map_err(|error| failed("a pipe", error))
}

fn failed(step: &'static str, error: impl Into<io::Error>) -> SandboxFault {
    SandboxFault::Start { step, source: error.into() }
}

impl Sandbox {
    /// Begins a program; `more` are open files behind its pipes of results, and `held` stays open
    /// here until it is gone.
    pub(super) fn begin(
        &self,
        program: &Program,
        more: Vec<OwnedFd>,
        held: Option<OwnedFd>,
    ) -> Result<Process, SandboxFault> {
        let (stdin, feed) = pipe()?;
        let (mut streams, mut theirs) = (Vec::new(), vec![stdin]);
        for _ in 0..2 + program.results {
            let (ours, other) = pipe()?;
            streams.push(Stream::new(ours).map_err(|error| failed("a pipe", error))?);
            theirs.push(other);
        }
        theirs.extend(more);
        let (trouble, told) = pipe()?;
        let aside = |file: &OwnedFd| rustix::io::fcntl_dupfd_cloexec(file, ASIDE);
        let aside: Result<Vec<OwnedFd>, _> = theirs.iter().chain([&told]).map(aside).collect();
        let aside = aside.map_err(|error| failed("its open files", error))?;
        drop((theirs, told));
        let (pid, pidfd) = self.begin_with(program, &aside)?;
        drop(aside);
        // SAFETY: the kernel has just made this descriptor for us, and nobody else knows it.
        let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) };
        rustix::fs::fcntl_setfl(&feed, OFlags::NONBLOCK).map_err(|error| failed("a pipe", error))?;
        let process = Process {
            pid,
            pidfd,
            feed: Some((feed, program.stdin.clone())),
            streams,
            limits: program.limits,
            began: Instant::now(),
            _held: held,
        };
        // The pipe closes when the program begins. If a step failed, dropping the process reaps it.
        match told_trouble(&trouble).map_err(|error| failed("its beginning", error))? {
            None => Ok(process),
            Some((step, errno)) => Err(failed(STEPS.get(step).copied().unwrap_or("its beginning"), errno)),
        }
    }

    fn begin_with(&self, program: &Program, aside: &[OwnedFd]) -> Result<(libc::pid_t, RawFd), SandboxFault> {
        let invalid = |_| failed("its arguments", io::Error::other("a zero byte in them"));
        let path = CString::new(program.path.as_os_str().as_bytes()).map_err(invalid)?;
        let arguments: Result<Vec<CString>, _> =
            program.arguments.iter().map(|text| CString::new(text.as_str())).collect();
        let arguments = arguments.map_err(invalid)?;
        let environment = program.environment.iter().map(|(name, value)| CString::new(format!("{name}={value}")));
        let environment = environment.collect::<Result<Vec<CString>, _>>().map_err(invalid)?;
        let pointers = |texts: &[&CString]| -> Vec<*const c_char> {
            texts.iter().map(|text| text.as_ptr()).chain([std::ptr::null()]).collect()
        };
        let arguments = pointers(&std::iter::once(&path).chain(&arguments).collect::<Vec<_>>());
        let environment = pointers(&environment.iter().collect::<Vec<_>>());
        let (user, group) = (map(false), map(true));
        let size = format!("size={},nr_inodes=1024,mode=700", program.limits.files);
        let size = CString::new(size).map_err(invalid)?;
        let descriptors: Vec<RawFd> = aside.iter().map(AsRawFd::as_raw_fd).collect();
        let Some((trouble, descriptors)) = descriptors.split_last() else {
            return Err(failed("its open files", io::Error::other("there are none")));
        };
        // The kernel takes no less than 301 for a namespace.
        let threads = CString::new(program.limits.threads.max(301).to_string()).map_err(invalid)?;
        let own = Namespaces { maps: (&user, &group), scratch: &size, threads: &threads, hidden: &self.hidden };
        let list = self.files.as_ref().map(Files::list).transpose()?;
        let plan = Plan {
            path: &path,
            arguments: &arguments,
            environment: &environment,
            descriptors,
            trouble: *trouble,
            namespaces: self.layers.namespaces.then_some(own),
            landlock: list
                .as_ref()
                .zip(self.layers.landlock)
                .map(|(list, version)| (list.as_raw_fd(), files::scratch_rights(version))),
            filters: self.filter.as_ref().map_or(&[], Filter::programs),
            limits: &resources(&program.limits, self.layers.namespaces),
        };
        child::begin(&plan).map_err(|error| failed("its process", error))
    }
}

fn resources(limits: &Limits, own_users: bool) -> Vec<(libc::__rlimit_resource_t, u64)> {
    // In users of its own the kernel counts its threads alone, where it counts by namespace; elsewhere all of the user's. Twice what it
    // may have: whoever watches sees that it has too many, and it cannot have thousands before that.
    let threads = (own_users && counts_by_namespace()).then_some((libc::RLIMIT_NPROC, 2 * limits.threads as u64));
    let all = [
        (libc::RLIMIT_CPU, limits.processor_seconds),
        (libc::RLIMIT_AS, limits.memory),
        (libc::RLIMIT_FSIZE, limits.files),
        (libc::RLIMIT_NOFILE, 64),
        (libc::RLIMIT_CORE, 0),
    ];
    all.into_iter().chain(threads).collect()
}

/// Whether the kernel counts a user's threads in each user namespace apart: since Linux 5.14.
fn counts_by_namespace() -> bool {
    let uname = rustix::system::uname();
    let mut numbers = uname.release().to_str().unwrap_or_default().split(|letter: char| !letter.is_ascii_digit());
    let mut number = || numbers.next().and_then(|number| number.parse::<u32>().ok()).unwrap_or(0);
    (number(), number()) >= (5, 14)
}

/// Which step failed, if one did; waits until the program begins.
fn told_trouble(trouble: &OwnedFd) -> io::Result<Option<(usize, io::Error)>> {
    let mut told = [0u8; 5];
    loop {
        match rustix::io::read(trouble, &mut told) {
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
            Ok(5) => {
                let errno = i32::from_le_bytes([told[1], told[2], told[3], told[4]]);
                return Ok(Some((usize::from(told[0]), io::Error::from_raw_os_error(errno))));
            }
            Ok(_) => return Ok(None),
        }
    }
}
