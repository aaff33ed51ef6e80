/// How a display may look.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// Whether a line may be drawn over: on a terminal that understands it.
    pub in_place: bool,
    /// Whether there may be colour. Nothing is said by colour alone.
    pub colour: bool,
    /// Whether there may be more than ASCII.
    pub unicode: bool,
    /// Characters in a line.
    pub width: usize,
}

impl Look {
    /// Lines of ASCII: for files, logs and tests.
    pub fn plain() -> Self {
        Look { in_place: false, colour: false, unicode: false, width: 100 }
    }

    /// What a person's surroundings ask for: `NO_COLOR`, `TERM=dumb`, a locale that is not UTF-8.
    /// `variable` reads an environment variable; only the program itself looks at the environment.
    pub fn of(is_terminal: bool, width: usize, variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let is_able = is_terminal && set("TERM").as_deref() != Some("dumb");
        let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
        let unicode = locale.map_or(cfg!(windows), |locale| {
            let locale = locale.to_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        });
        Look { in_place: is_able, colour: is_able && set("NO_COLOR").is_none(), unicode, width }
    }

    /// The first of two where there is Unicode, else the second.
    pub(super) fn or<'a>(&self, unicode: &'a str, ascii: &'a str) -> &'a str {
        if self.unicode { unicode } else { ascii }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(is_terminal: bool, variables: &[(&str, &str)]) -> (bool, bool, bool) {
        let find = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
        let look = Look::of(is_terminal, 80, find);
        (look.in_place, look.colour, look.unicode)
    }

    #[test]
    fn surroundings_decide() {
        let utf8 = ("LANG", "en_GB.UTF-8");
        assert_eq!(look(true, &[utf8]), (true, true, true));
        assert_eq!(look(false, &[utf8]), (false, false, true));
        assert_eq!(look(true, &[utf8, ("NO_COLOR", "1")]), (true, false, true));
        assert_eq!(look(true, &[utf8, ("NO_COLOR", "")]), (true, true, true));
        assert_eq!(look(true, &[utf8, ("TERM", "dumb")]), (false, false, true));
        assert_eq!(look(true, &[utf8, ("LC_ALL", "C")]), (true, true, false));
    }
}
