//! `cargo run -p autodidact-dashboard --example sample > report.html` writes a report of a made-up
//! run.

#[path = "../tests/made_up/mod.rs"]
mod made_up;

fn main() {
    print!("{}", dashboard::report(&made_up::run()));
}
