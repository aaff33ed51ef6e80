//! `watch`: follow a run that another process carries on.

mod follow;
mod screen;
mod story;

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::Args;
use events::{Look, Sink, Terminal};
use faults::Outcome;

use crate::console::{Console, width};
use crate::places;
use follow::Follower;

/// Follow a run while another process works on it.
///
/// On a terminal it fills the screen; q leaves, and the run goes on. Elsewhere it prints plain
/// lines. It ends when the run ends.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  autodidact watch latest")]
pub(crate) struct Arguments {
    /// The run folder, or `latest`.
    run: PathBuf,
    /// Print progress as plain lines, on a terminal too.
    #[arg(long)]
    plain: bool,
}

pub(crate) fn run(arguments: &Arguments, console: &Console) -> Outcome<u8> {
    let follower = Follower::new(&places::run(&arguments.run)?)?;
    if std::io::stdout().is_terminal() && console.look.in_place && !arguments.plain {
        let story = screen::show(follower)?;
        // What was on the screen is gone with it: leave the last news on the terminal.
        let news: String = story.news.iter().rev().take(5).rev().map(|line| format!("  {line}\n")).collect();
        console.print(&format!("{}\n{news}", story.title))?;
    } else {
        print_lines(follower, &console.look)?;
    }
    Ok(0)
}

/// The record through the same display that the run itself has.
fn print_lines(mut follower: Follower, look: &Look) -> Outcome<()> {
    let look = Look { in_place: false, ..look.clone() };
    let terminal = Terminal::with_width(std::io::stdout(), look, width);
    loop {
        follower.poll()?.iter().for_each(|line| terminal.see(line.time, &line.event));
        if follower.is_over() {
            return Ok(());
        }
        std::thread::sleep(follow::PAUSE);
    }
}
