//! The system's Python, and what it has to read.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Limits, Program};

/// An interpreter of Python 3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Python {
    /// The executable file itself, behind links and shims.
    pub path: PathBuf,
    /// Its version, such as `3.11.7`.
    pub version: String,
    /// The files and folders that it must be able to read: itself, its library, the system's
    /// libraries.
    pub readable: Vec<PathBuf>,
    /// Folders of installed packages, in plain ASCII, that its search path has beside its own
    /// library.
    pub packages: Vec<String>,
}

/// Where systems keep the libraries that every program needs.
const LIBRARIES: [&str; 7] =
    ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo", "/nix/store", "/etc/ld.so.cache"];

/// What every program begins with: asyncio and locks without sockets and shared memory.
const PRELUDE: &str = include_str!("prelude.py");

/// Asks Python where it is. `-I`: nothing of the folder we are in, nor of the environment.
const QUESTION: &str =
    "import sys; print(sys.executable, sys.version.split()[0], sys.prefix, sys.base_prefix, sep='\\n')";

/// What the `site` module adds to the search path. To run it takes four fifths of the time that an
/// interpreter needs to begin, so it runs once, and programs are told what it found.
const PACKAGES: &str =
    "import sys, site; own = list(sys.path); site.main(); print(*[it for it in sys.path if it not in own], sep='\\n')";

impl Python {
    /// The `python3` of the search path, if there is one that works.
    pub fn find() -> Option<Python> {
        let asked = Command::new("python3").args(["-I", "-c", QUESTION]).output().ok()?;
        let told = String::from_utf8(asked.stdout).ok().filter(|_| asked.status.success())?;
        let mut lines = told.lines();
        let (executable, version) = (lines.next()?, lines.next()?);
        let path = Path::new(executable).canonicalize().ok()?;
        let own = lines.flat_map(|prefix| [Path::new(prefix).join("lib"), Path::new(prefix).join("pyvenv.cfg")]);
        let readable = own.chain(LIBRARIES.map(PathBuf::from)).chain([path.clone(), PathBuf::from(executable)]);
        let readable = readable.collect();
        let found = Command::new(&path).args(["-S", "-s", "-B", "-c", PACKAGES]).current_dir("/").output().ok()?;
        let found = String::from_utf8(found.stdout).ok()?;
        let plain = |path: &&str| path.starts_with('/') && path.chars().all(|letter| matches!(letter, ' '..='~'));
        let packages = found.lines().filter(plain).map(str::to_owned).collect();
        Some(Python { path, version: version.to_owned(), readable, packages })
    }

    /// A program in Python. What it does depends on nothing of its surroundings: no user's
    /// packages, fixed hashes of texts.
    pub fn program(&self, code: &str, limits: Limits) -> Program {
        let packages = format!("sys.path += {:?}", self.packages);
        let code = [PRELUDE, &packages, code].join("\n");
        let environment = [
            ("PYTHONHASHSEED", "0"),
            ("PYTHONIOENCODING", "utf-8"),
            ("LANG", "C.UTF-8"),
            ("HOME", "/tmp"),
            ("TMPDIR", "/tmp"),
            ("OMP_NUM_THREADS", "1"),
            ("OPENBLAS_NUM_THREADS", "1"),
        ];
        Program {
            path: self.path.clone(),
            arguments: ["-S", "-s", "-B", "-X", "utf8", "-c", &code].map(str::to_owned).to_vec(),
            environment: environment.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
            limits,
            ..Program::default()
        }
    }
}
