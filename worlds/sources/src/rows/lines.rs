//! The records of a text, one at a time, none longer than a bound: one a line, spread over several
//! lines, or the elements of one JSON list.

use std::io::{self, BufRead, ErrorKind, Read};

use super::nesting::Nesting;

/// The longest record there may be: one that holds a book, not one that fills the memory.
pub(super) const LONGEST: u64 = 64 << 20;

/// How records lie in a text; its first line that is not blank says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Nothing was read yet.
    Unknown,
    /// A record a line.
    Lines,
    /// Objects whose members stand on lines of their own.
    Spread,
    /// One list of objects.
    List,
    /// A list that has ended.
    Ended,
}

/// Records that are not empty, with their numbers.
pub(super) struct Lines<R> {
    text: R,
    number: u64,
    form: Form,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(text: R) -> Self {
        Lines { text, number: 0, form: Form::Unknown }
    }

    /// The next record. Its number, from 1, is that of the line it begins on, or its place in the
    /// list.
    pub(super) fn next_line(&mut self) -> io::Result<Option<(u64, String)>> {
        if self.form == Form::Unknown {
            self.begin()?;
        }
        match self.form {
            Form::List => return self.element(),
            Form::Ended => return Ok(None),
            Form::Unknown | Form::Lines | Form::Spread => {}
        }
        let Some(line) = self.line()? else { return Ok(None) };
        if self.form == Form::Unknown {
            let spread = line.starts_with('{') && Nesting::of(line.as_bytes()).is_open();
            self.form = if spread { Form::Spread } else { Form::Lines };
        }
        match self.form {
            Form::Spread => self.spread(line).map(Some),
            _ => Ok(Some((self.number, line))),
        }
    }

    /// Goes past blanks to the first letter, which says whether this is a list.
    fn begin(&mut self) -> io::Result<()> {
        loop {
            let bytes = self.text.fill_buf()?;
            let (past, lines) = match bytes {
                // Editors of one system put a mark of the encoding in front of the first line.
                [0xef, 0xbb, 0xbf, ..] => (3, 0),
                [b'\n', ..] => (1, 1),
                [blank, ..] if blank.is_ascii_whitespace() => (1, 0),
                [b'[', ..] => {
                    self.text.consume(1);
                    (self.form, self.number) = (Form::List, 0);
                    return Ok(());
                }
                _ => return Ok(()),
            };
            self.text.consume(past);
            self.number += lines;
        }
    }

    /// The next line that is not blank.
    fn line(&mut self) -> io::Result<Option<String>> {
        loop {
            let mut line = Vec::new();
            if self.text.by_ref().take(LONGEST).read_until(b'\n', &mut line)? == 0 {
                return Ok(None);
            }
            self.number += 1;
            if line.len() as u64 == LONGEST && !line.ends_with(b"\n") {
                return Err(self.invalid("longer than 64 MiB"));
            }
            let line = String::from_utf8(line).map_err(|_| self.invalid("not UTF-8"))?;
            let line = line.trim();
            if !line.is_empty() {
                return Ok(Some(line.to_owned()));
            }
        }
    }

    /// An object that begins on this line, up to the line that closes it.
    fn spread(&mut self, mut record: String) -> io::Result<(u64, String)> {
        let number = self.number;
        let mut nesting = Nesting::of(record.as_bytes());
        while nesting.is_open() {
            let Some(line) = self.line()? else {
                self.number = number;
                return Err(self.invalid("the object that begins here does not end"));
            };
            line.bytes().for_each(|byte| nesting.read(byte));
            record.push('\n');
            record.push_str(&line);
            if record.len() as u64 > LONGEST {
                return Err(self.invalid("longer than 64 MiB"));
            }
        }
        Ok((number, record))
    }

    /// The next element of a list.
    fn element(&mut self) -> io::Result<Option<(u64, String)>> {
        let mut apart = self.number == 0;
        loop {
            match self.peek()? {
                None => return Err(self.invalid("the list is not closed")),
                Some(blank) if blank.is_ascii_whitespace() => {}
                Some(b',') if !apart => apart = true,
                Some(b']') if self.number == 0 || !apart => {
                    self.text.consume(1);
                    return self.end_of_list().map(|()| None);
                }
                Some(_) if apart => break,
                Some(_) => return Err(self.invalid("no comma stands behind it")),
            }
            self.text.consume(1);
        }
        self.number += 1;
        let (mut record, mut nesting) = (Vec::new(), Nesting::default());
        while let Some(byte) = self.peek()? {
            if !nesting.is_open() && matches!(byte, b',' | b']') {
                if record.is_empty() {
                    return Err(self.invalid("nothing stands here"));
                }
                let record = String::from_utf8(record).map_err(|_| self.invalid("not UTF-8"))?;
                return Ok(Some((self.number, record.trim_end().to_owned())));
            }
            nesting.read(byte);
            record.push(byte);
            self.text.consume(1);
            if record.len() as u64 > LONGEST {
                return Err(self.invalid("longer than 64 MiB"));
            }
        }
        Err(self.invalid("it does not end"))
    }

    /// Sees that nothing stands after a list.
    fn end_of_list(&mut self) -> io::Result<()> {
        self.form = Form::Ended;
        while let Some(byte) = self.peek()? {
            if !byte.is_ascii_whitespace() {
                return Err(self.invalid("something stands behind the list"));
            }
            self.text.consume(1);
        }
        Ok(())
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        Ok(self.text.fill_buf()?.first().copied())
    }

    fn invalid(&self, why: &str) -> io::Error {
        let place = if matches!(self.form, Form::List | Form::Ended) { "element" } else { "line" };
        io::Error::new(ErrorKind::InvalidData, format!("{place} {}: {why}", self.number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> io::Result<Vec<(u64, String)>> {
        let mut lines = Lines::new(text);
        std::iter::from_fn(|| lines.next_line().transpose()).collect()
    }

    fn wanted(records: &[(u64, &str)]) -> Vec<(u64, String)> {
        records.iter().map(|(number, record)| (*number, (*record).to_owned())).collect()
    }

    #[test]
    fn records_are_lines_or_spread_or_elements_of_a_list() {
        for (text, records) in [
            ("{\"a\":1}\n\n  {\"a\":2}\r\n", &[(1, "{\"a\":1}"), (3, "{\"a\":2}")][..]),
            ("\u{feff}{}\n{}", &[(1, "{}"), (2, "{}")]),
            ("\n{\n  \"a\": \"}\"\n}\n{\n}\n", &[(2, "{\n\"a\": \"}\"\n}"), (5, "{\n}")]),
            ("[{\"a\":\"],\\\"\"}, {\n\"b\": [1, 2]}\n]\n", &[(1, "{\"a\":\"],\\\"\"}"), (2, "{\n\"b\": [1, 2]}")]),
            ("\u{feff}\n[{}\n,{}]", &[(1, "{}"), (2, "{}")]),
            ("[]", &[]),
            ("", &[]),
            ("plain\ntext", &[(1, "plain"), (2, "text")]),
        ] {
            assert_eq!(read(text.as_bytes()).expect(text), wanted(records), "{text:?}");
        }
    }

    #[test]
    fn what_does_not_end_or_goes_on_is_refused_and_the_place_is_said() {
        for (text, why) in [
            ("{\n\"a\": 1\n", "line 1: the object that begins here does not end"),
            ("[{}, {}", "element 2: it does not end"),
            ("[{}, {\"a\"", "element 2: it does not end"),
            ("[{}", "element 1: it does not end"),
            ("[", "element 0: the list is not closed"),
            ("[{}] {}", "element 1: something stands behind the list"),
            ("[{},]", "element 2: nothing stands here"),
        ] {
            let said = read(text.as_bytes()).map_or_else(|error| error.to_string(), |read| format!("{read:?}"));
            assert!(said.starts_with(why), "{text:?}: {said}");
        }
        assert!(read(b"{\"a\": \"\xff\"}").expect_err("no UTF-8").to_string().contains("line 1: not UTF-8"));
    }
}
