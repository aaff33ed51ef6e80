use std::path::PathBuf;
use std::time::Duration;

/// A program to be run.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// The whole path of the executable file.
    pub path: PathBuf,
    /// Its arguments, without its own name.
    pub arguments: Vec<String>,
    /// Its whole environment.
    pub environment: Vec<(String, String)>,
    /// What it reads on standard input.
    pub stdin: Vec<u8>,
    /// Whether it is given pipes to write results to, from descriptor 3 on, beside its standard
    /// output.
    pub results: usize,
    /// What it may use.
    pub limits: Limits,
}

/// What a program may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Processor time, in whole seconds: what a verdict should rest on, because it does not depend
    /// on other work.
    pub processor_seconds: u64,
    /// Time on the wall.
    pub wall: Duration,
    /// Address space, in bytes.
    pub memory: u64,
    /// Bytes of each stream that it may print.
    pub output: usize,
    /// Threads, itself included.
    pub threads: usize,
    /// Size of a file, and of all of its `/tmp`, in bytes.
    pub files: u64,
}

impl Default for Limits {
    /// What a solution of a programming exercise needs, several times over.
    fn default() -> Self {
        Limits {
            processor_seconds: 10,
            wall: Duration::from_secs(60),
            memory: 1 << 30,
            output: 4 << 20,
            threads: 32,
            files: 16 << 20,
        }
    }
}
