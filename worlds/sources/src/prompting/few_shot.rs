//! Solved questions that are shown before the one that is asked.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Which solved questions are shown: the first ones of a file, or of the training part of the data
/// file itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FewShot {
    /// The file; none takes the data file's own training part.
    pub from: Option<PathBuf>,
    /// How many; none takes all of a file.
    pub count: Option<usize>,
}

/// As it is typed: `4`, `solved.jsonl`, `solved.jsonl:4`.
impl FromStr for FewShot {
    type Err = String;

    fn from_str(text: &str) -> Result<FewShot, String> {
        let none = || "to show no solved questions, leave it out".to_owned();
        if let Ok(count) = text.parse::<usize>() {
            return if count > 0 { Ok(FewShot { from: None, count: Some(count) }) } else { Err(none()) };
        }
        let counted = text.rsplit_once(':').and_then(|(file, count)| Some((file, count.parse::<usize>().ok()?)));
        match counted {
            Some((_, 0)) => Err(none()),
            Some((file, count)) if !file.is_empty() => Ok(FewShot { from: Some(file.into()), count: Some(count) }),
            _ if text.is_empty() => Err("it is a number, a file, or FILE:N".to_owned()),
            _ => Ok(FewShot { from: Some(text.into()), count: None }),
        }
    }
}

/// As it is typed.
impl fmt::Display for FewShot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.from, self.count) {
            (None, None) => f.write_str("all"),
            (None, Some(count)) => write!(f, "{count}"),
            (Some(file), None) => write!(f, "{}", file.display()),
            (Some(file), Some(count)) => write!(f, "{}:{count}", file.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_a_file_or_both() {
        let read = |text: &str| text.parse::<FewShot>().map(|few| (few.from, few.count));
        assert_eq!(read("4"), Ok((None, Some(4))));
        assert_eq!(read("a.jsonl"), Ok((Some("a.jsonl".into()), None)));
        for typed in ["4", "a.jsonl", "a.jsonl:3"] {
            assert_eq!(typed.parse::<FewShot>().map(|few| few.to_string()), Ok(typed.to_owned()));
        }
        assert_eq!(read("c:/a.jsonl:3"), Ok((Some("c:/a.jsonl".into()), Some(3))));
        assert!(read("0").is_err() && read("a.jsonl:0").is_err() && read("").is_err());
    }
}
