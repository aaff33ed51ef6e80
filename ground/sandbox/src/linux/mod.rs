//! The sandbox on Linux.

mod calls;
mod child;
mod files;
mod identity;
mod mounts;
mod process;
mod start;
mod watch;

use std::path::PathBuf;

use crate::{Layers, Program, Ran, SandboxFault, Strength};
use calls::Filter;
use child::Own;
use files::Files;
use mounts::Hidden;
pub use process::{Process, Stopper};

/// A sandbox for programs that may read certain files.
pub struct Sandbox {
    layers: Layers,
    files: Option<Files>,
    filter: Option<Filter>,
    /// Folders that its programs do not see.
    hidden: Vec<Hidden>,
}

impl Sandbox {
    /// Prepares a sandbox whose programs may read and execute what is below these paths; paths that
    /// are not there are left out. Refuses a machine without the layers that `strength` asks for.
    pub fn open(readable: &[PathBuf], strength: Strength) -> Result<Sandbox, SandboxFault> {
        let version = files::version();
        let filter = Filter::new();
        let hidden = mounts::hidden(readable);
        let own = child::own(&hidden);
        let layers = Layers {
            landlock: version,
            seccomp: filter.is_some(),
            namespaces: own >= Own::Scratch,
            folders: own == Own::Folders,
        };
        if let (Strength::Needed, Some(missing)) = (strength, layers.missing()) {
            return Err(SandboxFault::Weak { missing });
        }
        let files = version.map(|_| Files::find(readable));
        Ok(Sandbox { layers, files, filter, hidden: if layers.folders { hidden } else { Vec::new() } })
    }

    /// The same without namespaces, as on a machine that forbids them.
    pub fn without_namespaces(mut self) -> Sandbox {
        self.layers.namespaces = false;
        self.layers.folders = false;
        self
    }

    /// What holds a program here.
    pub fn layers(&self) -> Layers {
        self.layers
    }

    /// Runs a program to its end.
    pub fn run(&self, program: &Program) -> Result<Ran, SandboxFault> {
        self.begin(program, Vec::new(), None)?.finish()
    }

    /// Begins two programs that can talk with each other and with nobody else. Each has, after its
    /// pipes of results, a descriptor to read from the other and one to write to it. The second
    /// reads an end of file when the first has ended; the first does not when the second has, so
    /// that its threads can still be counted then: end it by its [`Stopper`].
    pub fn begin_pair(&self, [first, second]: [&Program; 2]) -> Result<[Process; 2], SandboxFault> {
        let (first_hears, second_speaks) = start::pipe()?;
        let (second_hears, first_speaks) = start::pipe()?;
        let held = second_speaks.try_clone().map_err(|source| SandboxFault::Start { step: "a pipe", source })?;
        let first = self.begin(first, vec![first_hears, first_speaks], Some(held))?;
        let second = self.begin(second, vec![second_hears, second_speaks], None)?;
        Ok([first, second])
    }
}
