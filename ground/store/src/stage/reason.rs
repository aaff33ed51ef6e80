use std::fmt;

use nouns::Digest;
use serde::Serialize;

/// Why a stage runs, or runs again. `why` prints it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It was never begun.
    NeverRan,
    /// It was begun and did not end; these many of its parts are there.
    Interrupted {
        /// Parts that are there.
        parts: usize,
    },
    /// Its slice of the recipe is another.
    RecipeChanged {
        /// The key that differs first.
        what: String,
        /// What stood there.
        from: String,
        /// What stands there now.
        to: String,
    },
    /// A part of the program works differently than when the stage ran.
    PartVersionChanged {
        /// The part.
        part: String,
        /// Its version then, if it was used.
        from: Option<u32>,
        /// Its version now, if it is used.
        to: Option<u32>,
    },
    /// The run has another seed.
    SeedChanged {
        /// The seed then.
        from: u64,
        /// The seed now.
        to: u64,
    },
    /// Another model answers or learns.
    ModelChanged {
        /// The model then.
        from: Option<Digest>,
        /// The model now.
        to: Option<Digest>,
    },
    /// What the stage reads was made again from something else.
    UpstreamChanged {
        /// The stage it reads.
        stage: String,
    },
    /// The manifest cannot be read.
    ManifestUnreadable {
        /// What is wrong with it.
        why: String,
    },
    /// The manifest is not what was written.
    ManifestAltered,
    /// The manifest lists a file that is not the stage's own.
    PathRefused {
        /// The path as it stands there.
        path: String,
    },
    /// A file is gone.
    FileMissing {
        /// Its path within the round.
        path: String,
    },
    /// A file is shorter than what was written.
    FileTruncated {
        /// Its path within the round.
        path: String,
        /// Bytes that were written.
        expected: u64,
        /// Bytes that are there.
        found: u64,
    },
    /// A file holds something else than what was written.
    FileChanged {
        /// Its path within the round.
        path: String,
    },
    /// The operating system does not hand a file out.
    FileUnreadable {
        /// Its path within the round.
        path: String,
        /// What the operating system says.
        why: String,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::NeverRan => f.write_str("it has not run yet"),
            Reason::Interrupted { parts: 0 } => f.write_str("it was interrupted before its first part was written"),
            Reason::Interrupted { parts: 1 } => f.write_str("it was interrupted; 1 part is there and is kept"),
            Reason::Interrupted { parts } => write!(f, "it was interrupted; {parts} parts are there and are kept"),
            Reason::RecipeChanged { what, from, to } => write!(f, "the recipe changed: `{what}` was {from}, is {to}"),
            Reason::PartVersionChanged { part, from, to } => part_changed(f, part, *from, *to),
            Reason::SeedChanged { from, to } => write!(f, "the seed changed from {from} to {to}"),
            Reason::ModelChanged { from, to } => write!(f, "the model changed from {} to {}", short(from), short(to)),
            Reason::UpstreamChanged { stage } => write!(f, "`{stage}`, which it reads, was made again"),
            Reason::ManifestUnreadable { why } => write!(f, "its manifest cannot be read: {why}"),
            Reason::ManifestAltered => f.write_str("its manifest was altered after it was written"),
            Reason::PathRefused { path } => write!(f, "its manifest lists `{path}`, which is not a file of this stage"),
            Reason::FileMissing { path } => write!(f, "`{path}` is gone"),
            Reason::FileTruncated { path, expected, found } => {
                write!(f, "`{path}` is torn: it has {found} of {expected} bytes")
            }
            Reason::FileChanged { path } => write!(f, "`{path}` does not hold what was written"),
            Reason::FileUnreadable { path, why } => write!(f, "`{path}` cannot be read: {why}"),
        }
    }
}

fn part_changed(f: &mut fmt::Formatter<'_>, part: &str, from: Option<u32>, to: Option<u32>) -> fmt::Result {
    match (from, to) {
        (Some(from), Some(to)) => write!(f, "part `{part}` changed from version {from} to {to}"),
        (None, _) => write!(f, "part `{part}` is new"),
        (_, None) => write!(f, "part `{part}` is no longer used"),
    }
}

fn short(model: &Option<Digest>) -> &str {
    model.as_ref().map_or("none", Digest::short)
}
