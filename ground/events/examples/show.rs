//! Replays a made-up run through the terminal display.
//!
//! ```text
//! cargo run -p autodidact-events --example show             a hundred times faster than it happened
//! cargo run -p autodidact-events --example show -- --plain
//! ```

use std::io::{IsTerminal, stderr};
use std::time::Duration;

use events::{Look, Sink, Terminal};

#[path = "../tests/made_up/mod.rs"]
mod made_up;

fn main() {
    let plain = std::env::args().any(|argument| argument == "--plain");
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).unwrap_or(100);
    let look = Look::of(stderr().is_terminal() && !plain, columns, |name| std::env::var(name).ok());
    let terminal = Terminal::new(stderr(), look);
    let mut before = None;
    for (at, event) in made_up::run(60) {
        let pause = before.map_or(0.0, |before| at.since(before));
        std::thread::sleep(Duration::from_secs_f64(pause / 50.0));
        terminal.see(at, &event);
        before = Some(at);
    }
}
