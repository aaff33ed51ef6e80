//! Where something is measured.

use std::process::Command;

use reproduce::Machine;

/// This machine and this program.
pub(super) fn this() -> Machine {
    Machine {
        commit: commit().unwrap_or_else(|| format!("version {}", env!("CARGO_PKG_VERSION"))),
        platform: format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
        processor: processor().unwrap_or_default(),
        threads: std::thread::available_parallelism().map_or(1, usize::from),
    }
}

/// All but what a run writes itself, which is no change to the program.
const PROGRAM: [&str; 4] = ["--", ".", ":!reproductions/results", ":!REPRODUCTIONS.md"];

/// The commit of the folder that the command is given in, with a mark if it was changed since.
fn commit() -> Option<String> {
    let said = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let commit = said(&["rev-parse", "--short=12", "HEAD"])?;
    let status = [&["status", "--porcelain", "--untracked-files=no"][..], &PROGRAM].concat();
    let changed = said(&status).is_some_and(|lines| !lines.is_empty());
    Some(if changed { format!("{commit} and changes") } else { commit })
}

fn processor() -> Option<String> {
    let text = store::read_text(std::path::Path::new("/proc/cpuinfo")).ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
