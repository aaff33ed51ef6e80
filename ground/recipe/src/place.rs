use std::ops::Range;

/// The longest line drawn whole; of a longer one, the neighbourhood of the error is.
const WIDEST: usize = 100;

/// A line of a recipe, or a `--set` as it was typed, with the part of it that is meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// `file:line:column`; nothing for a `--set`, which is drawn whole.
    address: Option<String>,
    /// The line's number in its file.
    number: Option<usize>,
    /// The line, or `None` if the file as a whole is meant.
    line: Option<String>,
    /// What of it is underlined, counted in characters.
    underlined: Range<usize>,
}

impl Place {
    pub(crate) fn whole_file(name: &str) -> Self {
        Place { address: Some(name.to_owned()), number: None, line: None, underlined: 0..0 }
    }

    pub(crate) fn in_file(name: &str, text: &str, range: Range<usize>) -> Self {
        let start = floor_char(text, range.start);
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let number = text[..line_start].matches('\n').count() + 1;
        let line = text[line_start..].lines().next().unwrap_or("");
        let underlined = characters(line, start - line_start..range.end.saturating_sub(line_start));
        let address = Some(format!("{name}:{number}:{}", underlined.start + 1));
        Place { address, number: Some(number), line: None, underlined }.with_line(line)
    }

    pub(crate) fn in_override(text: &str, range: Range<usize>) -> Self {
        let typed = format!("--set {text}");
        let shift = typed.len() - text.len();
        let underlined = characters(&typed, range.start + shift..range.end + shift);
        Place { address: None, number: None, line: None, underlined }.with_line(&typed)
    }

    /// The drawing: where, the line, carets under what is meant followed by `label`, and a `note`
    /// below.
    pub(crate) fn draw(&self, label: &str, note: &str) -> String {
        let number = self.number.map(|number| number.to_string()).unwrap_or_default();
        let gutter = " ".repeat(number.len());
        let mut rows = Vec::new();
        if let Some(address) = &self.address {
            rows.push(format!("{gutter}--> {address}"));
        }
        if let Some(line) = &self.line {
            let carets = " ".repeat(self.underlined.start) + &"^".repeat(self.underlined.len().max(1));
            rows.extend([format!("{gutter} |"), format!("{number} | {line}"), format!("{gutter} | {carets} {label}")]);
        }
        if !note.is_empty() {
            rows.push(format!("{gutter} = {note}"));
        }
        rows.iter().map(|row| row.trim_end()).collect::<Vec<_>>().join("\n")
    }

    /// With this line as a terminal can show it: no control characters, not too long.
    fn with_line(mut self, line: &str) -> Self {
        let shown = |c: char| if c.is_control() { ' ' } else { c };
        let characters: Vec<char> = line.chars().map(shown).collect();
        let first = if characters.len() <= WIDEST { 0 } else { self.underlined.start.saturating_sub(WIDEST / 3) };
        let last = characters.len().min(first + WIDEST);
        let mut line: String = characters[first..last].iter().collect();
        if first > 0 {
            line = format!("…{}", line.chars().skip(1).collect::<String>());
        }
        if last < characters.len() {
            line.push('…');
        }
        self.underlined =
            self.underlined.start - first..self.underlined.end.min(last).max(self.underlined.start) - first;
        self.line = Some(line.trim_end().to_owned());
        self
    }
}

/// Byte positions of a line as character positions, within the line and at least one character
/// long.
fn characters(line: &str, bytes: Range<usize>) -> Range<usize> {
    let at = |byte: usize| line[..floor_char(line, byte)].chars().count();
    let start = at(bytes.start);
    start..at(bytes.end).max(start + 1)
}

/// The nearest boundary of a character at or before this byte.
fn floor_char(text: &str, byte: usize) -> usize {
    let byte = byte.min(text.len());
    (0..=byte).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}
