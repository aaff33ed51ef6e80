//! The full screen: where the run is, the curve, the news.

use std::io;

use events::{Time, duration};
use faults::Outcome;
use ratatui::crossterm::event::{self, Event as Input, KeyCode, KeyModifiers};
use ratatui::layout::{Constraint, Layout};
use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::Marker;
use ratatui::text::Line as Row;
use ratatui::widgets::{Axis, Block, Chart, Dataset, GraphType, Paragraph};
use ratatui::{DefaultTerminal, Frame};

use super::follow::{Follower, PAUSE};
use super::story::Story;
use crate::fault::CliFault;

/// Shows the run until it ends or q is pressed, and gives what was shown last. The screen is given
/// back whatever happens.
pub(super) fn show(mut follower: Follower) -> Outcome<Story> {
    let mut terminal = ratatui::try_init().map_err(screen)?;
    let shown = follow(&mut terminal, &mut follower);
    ratatui::restore();
    shown
}

fn follow(terminal: &mut DefaultTerminal, follower: &mut Follower) -> Outcome<Story> {
    let mut story = Story::default();
    loop {
        follower.poll()?.iter().for_each(|line| story.hear(line));
        terminal.draw(|frame| draw(frame, &story)).map_err(screen)?;
        if follower.is_over() || wants_to_leave().map_err(screen)? {
            return Ok(story);
        }
    }
}

fn screen(source: io::Error) -> CliFault {
    CliFault::Screen { source }
}

/// Waits a moment for a key. A raw terminal hands Ctrl-C over as a key.
fn wants_to_leave() -> io::Result<bool> {
    if !event::poll(PAUSE)? {
        return Ok(false);
    }
    let Input::Key(key) = event::read()? else { return Ok(false) };
    let is_interrupt = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
    Ok(is_interrupt || matches!(key.code, KeyCode::Char('q') | KeyCode::Esc))
}

fn draw(frame: &mut Frame, story: &Story) {
    let rows = [Constraint::Length(2), Constraint::Min(8), Constraint::Percentage(40), Constraint::Length(1)];
    let [head, middle, below, foot] = Layout::vertical(rows).areas(frame.area());
    let strong = Style::new().add_modifier(Modifier::BOLD);
    frame.render_widget(Paragraph::new(vec![Row::styled(story.title.as_str(), strong), Row::raw(now(story))]), head);
    frame.render_widget(curve(story), middle);
    let fitting = usize::from(below.height.saturating_sub(2));
    let news = story.news.iter().rev().take(fitting).rev().map(|line| Row::raw(line.as_str()));
    frame.render_widget(Paragraph::new(news.collect::<Vec<_>>()).block(Block::bordered().title("News")), below);
    frame.render_widget(Paragraph::new("q leaves; the run goes on"), foot);
}

/// Where the run is at this moment.
fn now(story: &Story) -> String {
    match &story.stage {
        Some((stage, since)) => format!("{}: {stage}, for {}", story.place(), duration(Time::now().since(*since))),
        None => story.place(),
    }
}

fn curve(story: &Story) -> Chart<'_> {
    let last = story.points.last().map_or(1.0, |(round, _)| round.max(1.0)).max(f64::from(story.round.1));
    let top = story.points.iter().map(|(_, value)| *value).fold(0.1, f64::max);
    let top = (10.0 * top).ceil() / 10.0;
    let colour =
        if std::env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty()) { Color::Reset } else { Color::Cyan };
    let data = Dataset::default().marker(Marker::Braille).graph_type(GraphType::Line).style(Style::new().fg(colour));
    let percent = |share: f64| format!("{:.0} %", 100.0 * share);
    Chart::new(vec![data.data(&story.points)])
        .block(Block::bordered().title(story.metric.clone().unwrap_or_else(|| "nothing is measured yet".to_owned())))
        .x_axis(Axis::default().bounds([0.0, last]).labels(["0".to_owned(), format!("round {last}")]))
        .y_axis(Axis::default().bounds([0.0, top]).labels([percent(0.0), percent(top / 2.0), percent(top)]))
}
