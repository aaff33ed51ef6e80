//! Between the beginning of the process and the program: giving up, step by step, what the program
//! must not have.
//!
//! The process is a copy of one thread of ours. Another thread may have held the allocator's lock
//! at that moment, so nothing here allocates, locks or panics: all that is needed was prepared
//! before, and what is called are system calls alone.

use std::ffi::{CStr, c_char, c_int, c_long};
use std::os::fd::RawFd;

use seccompiler::BpfProgram;

use super::identity::map;
use super::mounts::{self, Hidden, say};

/// Everything that the process needs, prepared by its parent.
pub(super) struct Plan<'a> {
    pub(super) path: &'a CStr,
    /// Pointers to the arguments, the last null.
    pub(super) arguments: &'a [*const c_char],
    /// Pointers to the environment, the last null.
    pub(super) environment: &'a [*const c_char],
    /// Open files that become 0, 1, 2 and so on; all have higher numbers than that.
    pub(super) descriptors: &'a [RawFd],
    /// Where a step that fails is told; closes by itself when the program begins.
    pub(super) trouble: RawFd,
    pub(super) namespaces: Option<Namespaces<'a>>,
    /// The list of files, and the rights in `/tmp`.
    pub(super) landlock: Option<(RawFd, u64)>,
    /// System call filters; none if there is no seccomp.
    pub(super) filters: &'a [BpfProgram],
    /// Resources and the most of each.
    pub(super) limits: &'a [(libc::__rlimit_resource_t, u64)],
}

/// What a process with its own namespaces does in them.
#[derive(Clone, Copy)]
pub(super) struct Namespaces<'a> {
    /// Lines for `uid_map` and `gid_map`.
    pub(super) maps: (&'a CStr, &'a CStr),
    /// The size of its `/tmp`.
    pub(super) scratch: &'a CStr,
    /// The most threads that the kernel lets it have.
    pub(super) threads: &'a CStr,
    /// Folders that it does not see.
    pub(super) hidden: &'a [Hidden],
}

/// Own users, processes, mounts, network, shared memory, host name.
const OWN: c_int = libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNS
    | libc::CLONE_NEWNET
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUTS;

/// What can fail, with a name for people; its place is what the process tells.
pub(super) const STEPS: [&str; 10] = [
    "its namespaces",
    "its own folders",
    "leaving our session",
    "its folder",
    "Landlock",
    "its open files",
    "its limits",
    "its signals",
    "seccomp",
    "the program's file",
];

/// Begins a process that carries out a plan. Gives its number and a descriptor of it.
pub(super) fn begin(plan: &Plan) -> Result<(libc::pid_t, RawFd), std::io::Error> {
    let mut pidfd: c_int = -1;
    let own = if plan.namespaces.is_some() { OWN } else { 0 };
    let flags = c_long::from(own | libc::CLONE_PIDFD | libc::SIGCHLD);
    // SAFETY: without CLONE_VM and with no new stack this is a fork, which also stores a descriptor in `pidfd`. The child goes
    // on with a copy of our memory and does nothing but `carry_out`, which keeps to what is said at the top of this file.
    let pid = unsafe { libc::syscall(libc::SYS_clone, flags, 0usize, &raw mut pidfd, 0usize, 0usize) };
    match pid {
        -1 => Err(std::io::Error::last_os_error()),
        // SAFETY: this is the child.
        0 => unsafe { carry_out(plan) },
        pid => Ok((pid as libc::pid_t, pidfd)),
    }
}

/// What a process can have of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Own {
    Nothing,
    /// Namespaces, and a `/tmp` in them.
    Scratch,
    /// And folders hidden from it.
    Folders,
}

/// What a process can have of its own here: tried out.
pub(super) fn own(hidden: &[Hidden]) -> Own {
    let (user, group) = (map(false), map(true));
    let with = |hidden| Namespaces { maps: (&user, &group), scratch: c"size=65536", threads: c"301", hidden };
    if can_have(&with(hidden)) {
        Own::Folders
    } else if can_have(&with(&[])) {
        Own::Scratch
    } else {
        Own::Nothing
    }
}

fn can_have(namespaces: &Namespaces) -> bool {
    // SAFETY: a fork, as in `begin`; the child makes system calls on prepared memory and ends.
    unsafe {
        let flags = c_long::from(OWN | libc::SIGCHLD);
        match libc::syscall(libc::SYS_clone, flags, 0usize, 0usize, 0usize, 0usize) {
            -1 => false,
            0 => libc::_exit(c_int::from(!(settle(namespaces) && own_folders(namespaces)))),
            pid => {
                let mut status = 0;
                let mut reaped = -1;
                while reaped == -1 {
                    reaped = libc::waitpid(pid as libc::pid_t, &raw mut status, 0);
                    if reaped == -1 && *libc::__errno_location() != libc::EINTR {
                        return false;
                    }
                }
                libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0
            }
        }
    }
}

/// # Safety
///
/// As [`carry_out`].
unsafe fn own_folders(namespaces: &Namespaces) -> bool {
    // SAFETY: the process has its own mount namespace.
    unsafe { mounts::own_scratch(namespaces.scratch, namespaces.threads) && mounts::hide(namespaces.hidden) }
}

/// # Safety
///
/// Must be called in a process of its own that was begun by [`begin`].
unsafe fn carry_out(plan: &Plan) -> ! {
    // SAFETY: each is a system call on memory that the plan keeps alive; see the functions.
    unsafe {
        // Where memory runs out, the kernel should end a program rather than its judge. Without it the rest holds.
        say(c"/proc/self/oom_score_adj", c"1000");
        if let Some(namespaces) = &plan.namespaces {
            must(settle(namespaces), 0, plan);
            must(own_folders(namespaces), 1, plan);
        }
        must(libc::setsid() >= 0, 2, plan);
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL, 0, 0, 0);
        libc::umask(0o077);
        let folder = if plan.namespaces.is_some() { c"/tmp" } else { c"/" };
        must(libc::chdir(folder.as_ptr()) == 0, 3, plan);
        if let Some((list, rights)) = plan.landlock {
            must(give_up_files(list, rights, plan.namespaces.is_some()), 4, plan);
        }
        must(keep_only(plan), 5, plan);
        for &(resource, most) in plan.limits {
            let limit = libc::rlimit { rlim_cur: most, rlim_max: most };
            must(libc::setrlimit(resource, &raw const limit) == 0, 6, plan);
        }
        must(forget_signals(), 7, plan);
        for filter in plan.filters {
            must(seccompiler::apply_filter(filter).is_ok(), 8, plan);
        }
        libc::execve(plan.path.as_ptr(), plan.arguments.as_ptr(), plan.environment.as_ptr());
        must(false, 9, plan);
        libc::_exit(127)
    }
}

/// Tells the parent which step failed, and ends.
///
/// # Safety
///
/// As [`carry_out`].
unsafe fn must(done: bool, step: u8, plan: &Plan) {
    if done {
        return;
    }
    // SAFETY: writes a few bytes of the stack to an open pipe, and ends.
    unsafe {
        let errno = (*libc::__errno_location()).to_le_bytes();
        let told = [step, errno[0], errno[1], errno[2], errno[3]];
        // After the open files are put in order, the pipe has the number after them.
        let moved = plan.descriptors.len() as RawFd;
        for pipe in [plan.trouble, moved] {
            if libc::fcntl(pipe, libc::F_GETFD) & libc::FD_CLOEXEC != 0
                && libc::write(pipe, told.as_ptr().cast(), 5) == 5
            {
                break;
            }
        }
        libc::_exit(127)
    }
}

/// Says who it is in its own users, so that its files have an owner: nobody in particular.
///
/// # Safety
///
/// As [`carry_out`].
unsafe fn settle(namespaces: &Namespaces) -> bool {
    let (user, group) = namespaces.maps;
    // SAFETY: all are strings that end with a zero.
    unsafe {
        say(c"/proc/self/setgroups", c"deny") && say(c"/proc/self/uid_map", user) && say(c"/proc/self/gid_map", group)
    }
}

/// Gives up all files but those on the list, and its own `/tmp`.
///
/// # Safety
///
/// As [`carry_out`].
unsafe fn give_up_files(list: RawFd, rights: u64, has_scratch: bool) -> bool {
    /// `struct landlock_path_beneath_attr`.
    #[repr(C, packed)]
    struct Beneath {
        rights: u64,
        folder: i32,
    }
    const PATH_BENEATH: c_int = 1;
    // SAFETY: the structure is the kernel's, and lives on the stack while the call reads it.
    unsafe {
        if has_scratch {
            let folder = libc::open(c"/tmp".as_ptr(), libc::O_PATH | libc::O_CLOEXEC);
            let rule = Beneath { rights, folder };
            if libc::syscall(libc::SYS_landlock_add_rule, list, PATH_BENEATH, &raw const rule, 0) != 0 {
                return false;
            }
        }
        libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
            && libc::syscall(libc::SYS_landlock_restrict_self, list, 0) == 0
    }
}

/// Keeps the open files of the plan and closes all others.
///
/// # Safety
///
/// As [`carry_out`].
unsafe fn keep_only(plan: &Plan) -> bool {
    let behind = plan.descriptors.len() as c_int;
    // SAFETY: numbers of descriptors; the process has a table of its own.
    unsafe {
        let placed = plan.descriptors.iter().enumerate().all(|(place, &file)| libc::dup2(file, place as c_int) >= 0);
        placed
            && libc::dup3(plan.trouble, behind, libc::O_CLOEXEC) >= 0
            && libc::syscall(libc::SYS_close_range, behind + 1, u32::MAX, 0) == 0
    }
}

/// Undoes what we do with signals: a program begins with none blocked and none ignored.
///
/// # Safety
///
/// As [`carry_out`].
unsafe fn forget_signals() -> bool {
    // SAFETY: the set lives on the stack.
    unsafe {
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::signal(libc::SIGPIPE, libc::SIG_DFL) != libc::SIG_ERR
            && libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut()) == 0
    }
}
