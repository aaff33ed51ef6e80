//! seccomp: the system calls that a program may make. All others fail with `EPERM`.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Length, SeccompCmpOp as Operator, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};

/// What an interpreter needs to compute, to read its libraries, to have threads and a `/tmp`.
///
/// Not here, among others: sockets, processes (`fork`, `vfork`), signals, tracing, mounts, keys,
/// `io_uring`, `memfd_create`, shared memory, priorities, rights and times of files (of which
/// Landlock knows nothing), `setsid`, and everything with a capability in it.
const ALLOWED: &[i64] = &[
    // memory
    libc::SYS_brk,
    libc::SYS_madvise,
    libc::SYS_mincore,
    libc::SYS_mmap,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_munmap,
    // open files
    libc::SYS_close,
    libc::SYS_close_range,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_fdatasync,
    libc::SYS_fstat,
    libc::SYS_fsync,
    libc::SYS_ftruncate,
    libc::SYS_getdents64,
    libc::SYS_lseek,
    libc::SYS_pipe2,
    libc::SYS_ppoll,
    libc::SYS_pread64,
    libc::SYS_preadv,
    libc::SYS_pselect6,
    libc::SYS_pwrite64,
    libc::SYS_pwritev,
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_eventfd2,
    // names of files
    libc::SYS_chdir,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_fchdir,
    libc::SYS_fstatfs,
    libc::SYS_getcwd,
    libc::SYS_linkat,
    libc::SYS_mkdirat,
    libc::SYS_newfstatat,
    libc::SYS_openat,
    libc::SYS_readlinkat,
    libc::SYS_renameat2,
    libc::SYS_statfs,
    libc::SYS_statx,
    libc::SYS_symlinkat,
    libc::SYS_umask,
    libc::SYS_unlinkat,
    // time, chance and what it is
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_getcpu,
    libc::SYS_getegid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getgroups,
    libc::SYS_getpgid,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_getrandom,
    libc::SYS_getresgid,
    libc::SYS_getresuid,
    libc::SYS_getrusage,
    libc::SYS_getsid,
    libc::SYS_gettid,
    libc::SYS_gettimeofday,
    libc::SYS_getuid,
    libc::SYS_nanosleep,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_sysinfo,
    libc::SYS_times,
    libc::SYS_uname,
    // threads, and its end
    libc::SYS_execve,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_get_robust_list,
    libc::SYS_membarrier,
    libc::SYS_restart_syscall,
    libc::SYS_rseq,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigpending,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_rt_sigsuspend,
    libc::SYS_rt_sigtimedwait,
    libc::SYS_set_robust_list,
    libc::SYS_set_tid_address,
    libc::SYS_setitimer,
    libc::SYS_getitimer,
    libc::SYS_sigaltstack,
    libc::SYS_wait4,
    libc::SYS_waitid,
];

/// The older names that one processor family has.
#[cfg(target_arch = "x86_64")]
const OLDER: &[i64] = &[
    libc::SYS_access,
    libc::SYS_alarm,
    libc::SYS_arch_prctl,
    libc::SYS_dup2,
    libc::SYS_epoll_create,
    libc::SYS_epoll_wait,
    libc::SYS_eventfd,
    libc::SYS_getdents,
    libc::SYS_getpgrp,
    libc::SYS_getrlimit,
    libc::SYS_link,
    libc::SYS_lstat,
    libc::SYS_mkdir,
    libc::SYS_open,
    libc::SYS_pause,
    libc::SYS_pipe,
    libc::SYS_poll,
    libc::SYS_readlink,
    libc::SYS_rename,
    libc::SYS_renameat,
    libc::SYS_rmdir,
    libc::SYS_select,
    libc::SYS_stat,
    libc::SYS_symlink,
    libc::SYS_time,
    libc::SYS_unlink,
];
#[cfg(not(target_arch = "x86_64"))]
const OLDER: &[i64] = &[];

/// Filters, compiled; they are put on in this order.
pub(super) struct Filter([BpfProgram; 2]);

impl Filter {
    /// The filter for this machine; none if its processor is not known or the kernel has no
    /// seccomp.
    pub(super) fn new() -> Option<Filter> {
        // SAFETY: asks for the mode; reads and changes nothing of ours.
        let known = unsafe { libc::prctl(libc::PR_GET_SECCOMP, 0, 0, 0, 0) } >= 0;
        let arch = TargetArch::try_from(std::env::consts::ARCH).ok()?;
        let refuse = SeccompAction::Errno(libc::EPERM.cast_unsigned());
        let list = SeccompFilter::new(rules()?, refuse, SeccompAction::Allow, arch).ok()?;
        let absent = SeccompAction::Errno(libc::ENOSYS.cast_unsigned());
        let newer = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
        let newer = SeccompFilter::new(newer, SeccompAction::Allow, absent, arch).ok()?;
        let both = [newer.try_into().ok()?, list.try_into().ok()?];
        known.then_some(Filter(both))
    }

    pub(super) fn programs(&self) -> &[BpfProgram] {
        &self.0
    }
}

fn rules() -> Option<BTreeMap<i64, Vec<SeccompRule>>> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        ALLOWED.iter().chain(OLDER).map(|&call| (call, Vec::new())).collect();
    let is = |argument, length, value| SeccompCondition::new(argument, length, Operator::Eq, value);
    let has = |argument, bits| SeccompCondition::new(argument, Length::Qword, Operator::MaskedEq(bits), bits);
    let rule = |conditions: Vec<SeccompCondition>| SeccompRule::new(conditions).ok();
    // Descriptors and their flags. No owners, signals or `O_ASYNC`, which are signals by another way; no locks or leases, which hold
    // files of others; no greater pipes.
    let plain = [libc::F_DUPFD, libc::F_DUPFD_CLOEXEC, libc::F_GETFD, libc::F_SETFD, libc::F_GETFL, libc::F_GETPIPE_SZ];
    let command = |command: i32| is(1, Length::Dword, command as u64).ok();
    let mut allowed = plain.map(|plain| rule(vec![command(plain)?])).into_iter().collect::<Option<Vec<_>>>()?;
    let no_signals = SeccompCondition::new(2, Length::Dword, Operator::MaskedEq(libc::O_ASYNC as u64), 0).ok()?;
    allowed.push(rule(vec![command(libc::F_SETFL)?, no_signals])?);
    rules.insert(libc::SYS_fcntl, allowed);
    // Threads and no processes. `clone3` keeps its flags where a filter cannot see them: it is said not to exist, by the other
    // filter, and libraries then use `clone`.
    rules.insert(libc::SYS_clone3, Vec::new());
    let thread = (libc::CLONE_THREAD | libc::CLONE_VM | libc::CLONE_SIGHAND) as u64;
    rules.insert(libc::SYS_clone, vec![rule(vec![has(0, thread).ok()?])?]);
    // Its own limits may be read.
    let own = is(0, Length::Dword, 0).ok()?;
    rules.insert(libc::SYS_prlimit64, vec![rule(vec![own, is(2, Length::Qword, 0).ok()?])?]);
    // Names of threads, and of memory.
    let names = [libc::PR_SET_NAME as u64, libc::PR_GET_NAME as u64, libc::PR_SET_VMA as u64];
    let names = names.map(|option| rule(vec![is(0, Length::Dword, option).ok()?]));
    rules.insert(libc::SYS_prctl, names.into_iter().collect::<Option<Vec<_>>>()?);
    // Questions to an open file, none that could change another.
    let questions = [libc::TCGETS, libc::FIONREAD, libc::FIOCLEX, libc::FIONCLEX, libc::FIONBIO, libc::TIOCGWINSZ];
    let questions = questions.map(|request| rule(vec![is(1, Length::Dword, request).ok()?]));
    rules.insert(libc::SYS_ioctl, questions.into_iter().collect::<Option<Vec<_>>>()?);
    Some(rules)
}
