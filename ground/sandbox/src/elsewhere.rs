//! Where there is no sandbox: a clear error.

use std::path::PathBuf;
use std::time::Duration;

use crate::{Layers, Program, Ran, SandboxFault, Strength};

/// No sandbox can be opened here.
#[derive(Debug)]
pub enum Sandbox {}

/// No program runs here.
#[derive(Debug)]
pub enum Process {}

/// No program is ended here.
#[derive(Debug)]
pub enum Stopper {}

impl Stopper {
    /// Ends the program.
    pub fn stop_after(&self, _: Duration) {
        match *self {}
    }

    /// How many threads it has.
    pub fn threads(&self) -> u64 {
        match *self {}
    }
}

impl Sandbox {
    /// Refuses.
    pub fn open(_: &[PathBuf], _: Strength) -> Result<Sandbox, SandboxFault> {
        Err(SandboxFault::Platform)
    }

    /// The same without namespaces.
    pub fn without_namespaces(self) -> Sandbox {
        self
    }

    /// What is active.
    pub fn layers(&self) -> Layers {
        match *self {}
    }

    /// Runs a program to its end.
    pub fn run(&self, _: &Program) -> Result<Ran, SandboxFault> {
        match *self {}
    }

    /// Begins two programs that talk with each other.
    pub fn begin_pair(&self, _: [&Program; 2]) -> Result<[Process; 2], SandboxFault> {
        match *self {}
    }
}

impl Process {
    /// A way to end it from elsewhere.
    pub fn stopper(&self) -> Result<Stopper, SandboxFault> {
        match *self {}
    }

    /// Watches the program to its end.
    pub fn finish(self) -> Result<Ran, SandboxFault> {
        match self {}
    }
}
