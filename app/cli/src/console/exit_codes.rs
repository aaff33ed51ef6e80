//! The table of exit statuses, made from the codes themselves.

use faults::Code;

/// One line a status.
pub(crate) fn table() -> String {
    let line = |code: &Code| format!("  {:>3}  {}", code.exit_status(), meaning(*code));
    let success = "    0  it did what was asked".to_owned();
    std::iter::once(success).chain(Code::ALL.iter().map(line)).collect::<Vec<_>>().join("\n")
}

fn meaning(code: Code) -> &'static str {
    match code {
        Code::Internal => "a defect in this program: please report it",
        Code::Usage => "the command line could not be understood",
        Code::Recipe => "a recipe or a `--set` is wrong",
        Code::Data => "tasks, a data file or a typed puzzle is wrong or missing",
        Code::Model => "a model folder is wrong, missing or unsupported",
        Code::Store => "a run folder cannot be read or written",
        Code::Busy => "another process works on the same run",
        Code::Memory => "the work needs more memory than there is",
        Code::Device => "the device is not on this machine, or this binary was built without it",
        Code::NothingLearned => "the run ended normally, but nothing was learned: the summary says why",
        Code::Unsettled => "too many attempts could not be judged",
        Code::Diverged => "a loss, a gradient or a log-probability was not a finite number",
        Code::Interrupted => "interrupted (Ctrl-C, SIGTERM); `resume` continues the run",
    }
}
