use std::io;
use std::path::{Path, PathBuf};

use faults::{Code, Fault};

use crate::holder::Holder;

/// What can go wrong between the program and its files.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused an operation.
    #[error("could not {operation} `{}`", path.display())]
    Io {
        /// What was tried, for example `write`.
        operation: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// Another process works on the run.
    #[error("another process works on `{}`{}", folder.display(), holder.as_ref().map(|h| format!(": {h}")).unwrap_or_default())]
    Busy {
        /// The run folder.
        folder: PathBuf,
        /// Who works on it, if the lock file says so.
        holder: Option<Holder>,
    },
    /// The folder of a run that is being written was moved or removed.
    #[error("`{}` was moved or removed while the run went on", folder.display())]
    Moved {
        /// Where it was.
        folder: PathBuf,
    },
    /// What was asked of a run cannot be read, nor its copy.
    #[error("`{}` cannot be read, nor its copy: {why}", path.display())]
    Lost {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A folder that should hold a run does not.
    #[error("`{}` is not a run folder: {why}", path.display())]
    NotARun {
        /// The folder.
        path: PathBuf,
        /// What is missing.
        why: &'static str,
    },
    /// A new run was to be put where something is already.
    #[error("`{}` is not empty", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
        /// Whether what is there is a run.
        is_run: bool,
    },
    /// There is no run below a folder.
    #[error("no run in `{}`", root.display())]
    NoRuns {
        /// The folder that was searched.
        root: PathBuf,
    },
    /// A file does not hold what its name promises.
    #[error("`{}` cannot be read: {why}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A value that cannot be written down, such as a map whose keys are not text: a defect of the
    /// caller.
    #[error("cannot encode {what}: {why}")]
    Encode {
        /// What was to be written.
        what: &'static str,
        /// Why it cannot be.
        why: String,
    },
    /// A file name that would leave the stage's own folder: a defect of the caller.
    #[error("`{name}` is not a file name that stage `{stage}` may write")]
    Name {
        /// The stage.
        stage: String,
        /// The name.
        name: String,
    },
}

/// What the functions of this crate return.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn io(operation: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        let path = path.to_owned();
        move |source| Error::Io { operation, path, source }
    }

    /// The same error for an interface that knows only those of the operating system.
    pub(crate) fn into_io(self) -> io::Error {
        match &self {
            Error::Io { source, .. } => io::Error::new(source.kind(), format!("{self}: {source}")),
            _ => io::Error::other(self),
        }
    }

    pub(crate) fn malformed(path: &Path, why: impl ToString) -> Error {
        Error::Malformed { path: path.to_owned(), why: why.to_string() }
    }
}

impl Fault for Error {
    fn code(&self) -> Code {
        match self {
            Error::Busy { .. } => Code::Busy,
            Error::Encode { .. } | Error::Name { .. } => Code::Internal,
            _ => Code::Store,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Error::Io { source, .. } => io_hint(source.kind()).map(str::to_owned),
            Error::Busy { .. } => Some("Wait until it ends, or stop it; `watch` shows how far it is.".into()),
            Error::NotARun { .. } => Some("Name a folder that `autodidact run` made: it holds a `recipe.toml`.".into()),
            Error::NotEmpty { path, is_run } => Some(not_empty_hint(path, *is_run)),
            Error::NoRuns { .. } => Some("Start one with `autodidact run RECIPE`.".into()),
            Error::Moved { .. } => Some("`resume` it where it is now: what was committed is whole.".into()),
            Error::Lost { .. } => Some(
                "It says what was asked of the run. Take it from a copy of the run, or begin the same run again: `autodidact run RECIPE …`."
                    .into(),
            ),
            Error::Malformed { .. } => Some("If it is the output of a stage, `autodidact resume RUN` makes it again.".into()),
            Error::Encode { .. } | Error::Name { .. } => None,
        }
    }
}

fn io_hint(kind: io::ErrorKind) -> Option<&'static str> {
    match kind {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Some("The disk is full. Free some space, then `resume` the run: nothing already committed is lost.")
        }
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
            Some("Make the folder writable, or choose another with `--out DIR`.")
        }
        io::ErrorKind::NotFound => Some("Check the path: nothing is there."),
        _ => None,
    }
}

fn not_empty_hint(path: &Path, is_run: bool) -> String {
    match is_run {
        true => format!("It holds a run: `resume {}` continues it.", path.display()),
        false => "Choose a folder that does not exist yet, or an empty one.".into(),
    }
}
