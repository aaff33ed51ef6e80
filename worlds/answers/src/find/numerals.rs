//! Numerals in prose: each as long as it can be, with its sign, currency, fraction, exponent and
//! factor word.

/// The stretches of a text that are numerals, in order.
pub(crate) fn numerals(text: &str) -> Vec<&str> {
    let letters: Vec<(usize, char)> = text.char_indices().collect();
    let mut scan = Scan { text, letters, at: 0 };
    let mut found = Vec::new();
    while scan.at < scan.letters.len() {
        let start = scan.at;
        match scan.numeral() {
            Some(from) => {
                let end = scan.place(scan.at);
                found.push(&text[scan.place(from)..end]);
            }
            None => scan.at = start + 1,
        }
    }
    found
}

struct Scan<'a> {
    text: &'a str,
    letters: Vec<(usize, char)>,
    at: usize,
}

impl Scan<'_> {
    fn place(&self, at: usize) -> usize {
        self.letters.get(at).map_or(self.text.len(), |(place, _)| *place)
    }

    fn rest(&self, at: usize) -> &str {
        &self.text[self.place(at)..]
    }

    fn peek(&self, at: usize) -> char {
        self.letters.get(at).map_or('\0', |(_, letter)| *letter)
    }

    /// A numeral that begins here; where it began, sign included, is returned, and the scan stands
    /// after it.
    fn numeral(&mut self) -> Option<usize> {
        let body = self.body(self.at)?;
        let mut start = self.at;
        let before = |at: usize| at.checked_sub(1).map_or('\0', |at| self.peek(at));
        if before(start) == '$' {
            start -= usize::from(before(start - 1) == '\\') + 1;
        }
        // a sign, unless it stands between two things that it parts
        if matches!(before(start), '-' | '−' | '–') {
            let ahead = before(start - 1);
            if !(ahead.is_alphanumeric() || matches!(ahead, ')' | '}' | '-' | '−' | '–' | '%')) {
                start -= 1;
                start -= usize::from(before(start) == '$');
            }
        }
        self.at = self.tail(body);
        Some(start)
    }

    /// The end of digits, or of a fraction in LaTeX, that begin here.
    fn body(&self, at: usize) -> Option<usize> {
        if let Some(end) = self.fraction(at) {
            return Some(end);
        }
        let pointed = self.peek(at) == '.' && self.peek(at + 1).is_ascii_digit();
        if !self.peek(at).is_ascii_digit() && !pointed {
            return None;
        }
        let mut end = at;
        let mut whole = !pointed;
        let mut group = 0;
        loop {
            let letter = self.peek(end);
            if letter.is_ascii_digit() {
                group += 1;
                end += 1;
            } else if letter == '.' && whole | pointed & (end == at) && self.peek(end + 1).is_ascii_digit() {
                (whole, end) = (false, end + 1);
            } else if whole && group <= 3 && (group == 3 || end - at <= 3) {
                let Some(length) = self.separator(end) else { break };
                (group, end) = (0, end + length);
            } else {
                break;
            }
        }
        Some(end)
    }

    /// The length of a separator of thousands.
    fn separator(&self, at: usize) -> Option<usize> {
        let three = |at: usize| {
            (0..3).all(|place| self.peek(at + place).is_ascii_digit()) && !self.peek(at + 3).is_ascii_digit()
        };
        let found =
            [",", "{,}", "\\,", "\u{202f}", "\u{a0}"].into_iter().find(|sign| self.rest(at).starts_with(sign))?;
        let length = found.chars().count();
        three(at + length).then_some(length)
    }

    fn fraction(&self, at: usize) -> Option<usize> {
        let name =
            ["\\frac", "\\dfrac", "\\tfrac", "\\cfrac"].into_iter().find(|name| self.rest(at).starts_with(name))?;
        let mut end = at + name.chars().count();
        for _ in 0..2 {
            while self.peek(end) == ' ' {
                end += 1;
            }
            if self.peek(end) == '{' {
                let length = self.rest(end).chars().take_while(|letter| *letter != '}').count();
                end += length + 1;
            } else if self.peek(end).is_ascii_digit() {
                end += 1;
            } else {
                return None;
            }
        }
        (end <= self.letters.len()).then_some(end)
    }

    /// What still belongs to a numeral: a fraction, an exponent, a power of ten, a factor in words.
    fn tail(&self, mut end: usize) -> usize {
        let blank = usize::from(self.peek(end) == ' ');
        if let Some(mixed) = self.fraction(end + blank) {
            return mixed;
        }
        let digits = |at: usize| self.rest(at).chars().take_while(char::is_ascii_digit).count();
        let bottom = |at: usize| (self.peek(at) == '/' && digits(at + 1) > 0).then(|| at + 1 + digits(at + 1));
        if let Some(fraction) = bottom(end) {
            return fraction;
        }
        let top = digits(end + blank);
        if blank == 1
            && top > 0
            && let Some(mixed) = bottom(end + 1 + top)
        {
            return mixed;
        }
        if let Some(half) = self.rest(end).strip_prefix(" and ")
            && half.starts_with(|letter: char| letter.is_ascii_digit())
            && let Some(mixed) = bottom(end + 5 + digits(end + 5))
        {
            return mixed;
        }
        let signed = usize::from(matches!(self.peek(end + 1), '+' | '-'));
        if matches!(self.peek(end), 'e' | 'E') && digits(end + 1 + signed) > 0 {
            end += 1 + signed + digits(end + 1 + signed);
        }
        if let Some(power) = self.exponent(end) {
            return power;
        }
        for times in [" × 10", "×10", " x 10", "\\times10", "\\times 10", " \\times 10", " \\times10", " * 10", "*10"]
        {
            if self.rest(end).starts_with(times)
                && let Some(power) = self.exponent(end + times.chars().count())
            {
                return power;
            }
        }
        self.factor(end).unwrap_or(end)
    }

    fn exponent(&self, at: usize) -> Option<usize> {
        if self.peek(at) != '^' {
            return None;
        }
        let inside = if self.peek(at + 1) == '{' { at + 2 } else { at + 1 };
        let signed = usize::from(self.peek(inside) == '-');
        let digits = self.rest(inside + signed).chars().take_while(char::is_ascii_digit).count();
        let end = inside + signed + digits;
        (digits > 0).then(|| end + usize::from(inside == at + 2 && self.peek(end) == '}'))
    }

    /// ` million`, `k`, `%` after a numeral.
    fn factor(&self, at: usize) -> Option<usize> {
        const WORDS: [&str; 12] =
            ["hundred", "thousand", "million", "billion", "trillion", "dozen", "k", "K", "M", "B", "bn", "%"];
        let blank = usize::from(self.peek(at) == ' ');
        let rest = self.rest(at + blank);
        let word = WORDS.iter().find(|word| {
            rest.strip_prefix(**word).is_some_and(|rest| !rest.starts_with(|letter: char| letter.is_alphanumeric()))
        })?;
        Some(at + blank + word.chars().count())
    }
}
