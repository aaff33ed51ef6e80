/// What a piece of text means, hence its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// As it is.
    Plain,
    /// Of less interest.
    Quiet,
    /// Where the eye should go.
    Strong,
    /// As hoped.
    Good,
    /// To be known.
    Caution,
    /// The drawing of a quantity.
    Bar,
}

impl Tone {
    fn code(self) -> &'static str {
        match self {
            Tone::Plain => "",
            Tone::Quiet => "\x1b[2m",
            Tone::Strong => "\x1b[1m",
            Tone::Good => "\x1b[32m",
            Tone::Caution => "\x1b[33m",
            Tone::Bar => "\x1b[36m",
        }
    }
}

/// Whether a terminal does something else with a letter than to show it: control characters, and
/// marks that turn the direction of a text round.
pub fn steers(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A line, in pieces that each mean something.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Text(Vec<(Tone, String)>);

impl Text {
    /// A line of one piece.
    pub(super) fn plain(text: &str) -> Self {
        Text::default().with(Tone::Plain, text)
    }

    /// The line with a piece more. What steers a terminal becomes blanks: what a model writes must
    /// not drive the terminal.
    pub(super) fn with(mut self, tone: Tone, text: &str) -> Self {
        self.0.push((tone, text.chars().map(|c| if steers(c) { ' ' } else { c }).collect()));
        self
    }

    pub(super) fn width(&self) -> usize {
        self.0.iter().map(|(_, text)| text.chars().count()).sum()
    }

    /// The line with all of another after it.
    pub(super) fn and(mut self, other: Text) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The line with blanks up to a width.
    pub(super) fn padded(self, width: usize) -> Self {
        let blanks = " ".repeat(width.saturating_sub(self.width()));
        self.with(Tone::Plain, &blanks)
    }

    /// What of the line fits.
    pub(super) fn cropped(self, width: usize) -> Self {
        let mut left = width;
        let pieces = self.0.into_iter().map(|(tone, text)| {
            let text: String = text.chars().take(left).collect();
            left -= text.chars().count();
            (tone, text)
        });
        Text(pieces.collect())
    }

    pub(super) fn shown(&self, colour: bool) -> String {
        let piece = |(tone, text): &(Tone, String)| match tone.code() {
            code if colour && !code.is_empty() && !text.is_empty() => format!("{code}{text}\x1b[0m"),
            _ => text.clone(),
        };
        let line: String = self.0.iter().map(piece).collect();
        line.trim_end_matches(' ').to_owned()
    }
}
