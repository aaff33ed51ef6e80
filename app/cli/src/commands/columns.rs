//! `--columns`: other names for the columns of a data file.

use clap::Args;
use faults::Outcome;
use sources::Columns;

/// How the columns of a data file are called.
#[derive(Args, Clone, Debug)]
pub(crate) struct Naming {
    /// What the file calls its columns, where not by the usual names:
    /// `prompt=instruction,answer=output` reads prompts from `instruction`.
    #[arg(long, value_name = "USUAL=OWN,...")]
    columns: Option<String>,
}

impl Naming {
    /// What was typed; nothing is renamed by default.
    pub(crate) fn read(&self) -> Outcome<Columns> {
        Ok(self.columns.as_deref().unwrap_or_default().parse()?)
    }
}
