//! Runs untrusted code, such as a model writes, in a process of its own; says what it does not protect against.
//!
//! Linux only. No daemon, no image, no privileges. Before the program begins, its process gives up, in this order:
//!
//! | layer | what the program cannot do |
//! |---|---|
//! | namespaces | see or signal other processes, reach a network, share memory; `/tmp` is its own, 16 MiB, gone at its end |
//! | limits | use more processor time, memory, open files or file size than [`Limits`] says, leave a core |
//! | Landlock | read a file outside the list, or write one outside its `/tmp`; bind or connect TCP; signal others |
//! | seccomp | any system call that is not on the list: no sockets, no processes, no signals, no tracing, no mounts, no `io_uring` |
//!
//! Its environment is what [`Program`] says and nothing else, it has no terminal and no open file of ours. Someone watches: the time
//! on the wall, what it prints, how many threads it has. When it ends, for whatever reason, nothing of it is left.
//!
//! Landlock, seccomp and limits are needed. Namespaces are not to be had everywhere (containers and some distributions forbid them);
//! without them there is no `/tmp` and the rest holds. [`Layers`] says what is active, and [`Sandbox::open`] refuses a machine that
//! lacks what is needed unless it is told [`Strength::Whatever`].
//!
//! # What it does not protect against
//!
//! - Defects of the kernel, of the processor (what leaks through timing and caches), and of the interpreter's own libraries.
//! - It does not hide which files exist, their sizes and times, what the machine is, or the time of day.
//! - Everything under the paths that may be read (the interpreter and the system's libraries) is readable.
//! - Memory and processor time up to the limits, for every program that runs at once.

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
