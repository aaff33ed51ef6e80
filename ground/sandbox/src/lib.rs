//! Runs untrusted code, such as a model writes, in a process of its own; says what it does not
//! protect against.
//!
//! Linux only. No daemon, no image, no privileges. Before the program begins, its process gives up,
//! in this order:
//!
//! | layer | what the program cannot do |
//! |---|---|
//! | namespaces | see or signal other processes, reach a network, share memory; `/tmp` is its own, 16 MiB, gone at its end; `/proc` and the folders of the root without anything to read are hidden |
//! | limits | use more processor time, memory, open files, threads or file size than [`Limits`] says, leave a core; where memory runs out, it is ended first |
//! | Landlock | read a file outside the list, or write one outside its `/tmp`; bind or connect TCP; signal others |
//! | seccomp | any system call that is not on the list: no sockets, no processes, no signals (nor those by `fcntl`), no locks or leases on files, no tracing, no mounts, no `io_uring` |
//!
//! Its environment is what [`Program`] says and nothing else, it has no terminal and no open file
//! of ours. Someone watches: the time on the wall, what it prints, how many threads it has. When it
//! ends, for whatever reason, nothing of it is left.
//!
//! Landlock, seccomp and limits are needed. Namespaces are not to be had everywhere (containers and
//! some distributions forbid them); without them there is no `/tmp` and the rest holds. [`Layers`]
//! says what is active, and [`Sandbox::open`] refuses a machine that lacks what is needed unless it
//! is told [`Strength::Whatever`].
//!
//! # What it does not protect against
//!
//! - Defects of the kernel, of the processor (what leaks through timing and caches), and of the
//!   interpreter's own libraries.
//! - It does not hide which files exist below the paths that may be read, in `/dev`, and in folders
//!   of the root that hold such paths (`/root`, if the interpreter is there), with their sizes and
//!   times and what links point at; nor what the machine is, or the time of day. Without namespaces
//!   all names can be seen, and the numbers of processes in `/proc`.
//! - Everything under the paths that may be read (the interpreter and the system's libraries) is
//!   readable.
//! - Memory and processor time up to the limits, for every program that runs at once.
//! - Threads are counted every 50 ms. In between, the kernel holds them to twice the limit (since
//!   Linux 5.14, if we are not root) or to 300 (since 6.14); before that there can be some
//!   thousand.
//! - What asks for locks on files fails: databases of `sqlite3` live in memory only. asyncio and
//!   locks of `multiprocessing` work by pipes and threads instead of sockets and shared memory.

mod ended;
mod fault;
mod layers;
mod program;
mod python;

#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "a process between its beginning and its program can do nothing but system calls")]
mod linux;
#[cfg(target_os = "linux")]
pub use linux::{Process, Sandbox, Stopper};

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(not(target_os = "linux"))]
pub use elsewhere::{Process, Sandbox, Stopper};

pub use ended::{Ended, Limit, Ran};
pub use fault::SandboxFault;
pub use layers::{Layers, Strength};
pub use program::{Limits, Program};
pub use python::Python;
