//! A value cut out of its sentence: what leads to it and what is said about it afterwards is left
//! out, step by step.

use crate::{lexicon, spoken};

/// What a stretch of text may give as its value, from the longest to the shortest. The first that
/// can be read counts.
pub(crate) fn cuts(text: &str) -> Vec<String> {
    // the signs of a heading
    let text = text.trim().trim_start_matches('#').trim_start();
    let sentence = plain(sentence(text));
    let mut found = Vec::new();
    found.extend(unlabelled(&sentence).map(|said| led(said).to_owned()));
    found.extend(said_again(&sentence).map(|said| led(&said).to_owned()));
    let mut rest = without_aside(&sentence).unwrap_or(&sentence);
    loop {
        let lead = led(rest);
        found.push(lead.to_owned());
        let shorter = without_aside(lead).or_else(|| without_clause(lead)).or_else(|| without_adverb(lead));
        match shorter {
            Some(shorter) if shorter.len() < lead.len() => rest = shorter,
            _ => break,
        }
    }
    // "St. Louis" is no sentence
    found.push(text.to_owned());
    found.dedup();
    // letters of "i.e." are no variables
    found.retain(|cut| !cut.is_empty() && !cut.contains("i.e."));
    found
}

/// Without the label of an option before a value: "(B) 18", "A: 18", `\text{(B) } 18`.
pub(crate) fn unlabelled(text: &str) -> Option<&str> {
    let wrapped = ["\\text{", "\\textbf{", "\\mathrm{", "\\mathbf{"].iter().find_map(|open| text.strip_prefix(open));
    let (label, rest) = match wrapped {
        Some(inside) => inside.split_once('}')?,
        None => text.split_once([' ', '~'])?,
    };
    let label = label.trim_end();
    let letter = label.strip_suffix([')', ':', '.'])?.trim_start_matches('(');
    let one = letter.chars().count() == 1 && letter.chars().all(char::is_alphabetic);
    let rest = rest.trim_start_matches([' ', '~']).trim_start_matches("\\ ").trim_start();
    let value = rest.starts_with(|sign: char| sign.is_ascii_digit() || "$\\-".contains(sign));
    (one && value && (wrapped.is_none() || label.starts_with('('))).then_some(rest)
}

/// The same of a marked stretch, which may be a sentence of its own: "The total is 12 apples."
pub(crate) fn marked_cuts(text: &str) -> Vec<String> {
    let mut found = cuts(text);
    let sentence = plain(sentence(text.trim()));
    if !lexicon::denies(&sentence) {
        found.extend(complement(&sentence).map(|said| led(said).to_owned()));
    }
    found
}

/// A text up to the end of its first sentence: a full stop before a blank.
pub(crate) fn sentence(line: &str) -> &str {
    const SHORT: [&str; 16] =
        ["sq", "ft", "in", "approx", "p.m", "a.m", "e.g", "i.e", "no", "cu", "lb", "oz", "mi", "yd", "vs", "st"];
    let line = line.split("\n\n").next().unwrap_or(line).trim();
    let is_end = |at: &usize| {
        let before = line[..*at].rsplit([' ', '\n']).next().unwrap_or("");
        let label = before.len() == 1 && *at == 1 && before.chars().all(char::is_alphabetic);
        let more = line[at + 1..].trim_start();
        let short = SHORT.contains(&before.to_lowercase().as_str()) && !more.starts_with(char::is_uppercase);
        !label && !short && !before.ends_with('.') && !more.starts_with("..")
    };
    let ends = line.match_indices(['.', '!', '?']).map(|(at, _)| at);
    let mut ends = ends.filter(|at| line[at + 1..].starts_with([' ', '\n'])).filter(is_end);
    let found = ends.find(|at| {
        !line[..*at].ends_with(|letter: char| letter == '!' || letter.is_ascii_digit()) || line.as_bytes()[*at] == b'.'
    });
    let line = found.map_or(line, |at| &line[..at]);
    line.strip_suffix('.').filter(|before| !before.ends_with('.')).unwrap_or(line)
}

/// Without the marks of emphasis around words and numbers.
fn plain(text: &str) -> String {
    let mut text = text.trim().to_owned();
    for mark in ["**", "__"] {
        text = without_pairs(&text, mark);
    }
    for mark in ['*', '_'] {
        let inside = text.trim_end_matches('.').strip_prefix(mark).and_then(|text| text.strip_suffix(mark));
        if let Some(inside) = inside.filter(|inside| !inside.contains(mark) && !inside.starts_with(' ')) {
            text = inside.to_owned();
        }
    }
    text
}

/// Without pairs of a mark that stand at the edges of words, as emphasis does and an operator does
/// not.
fn without_pairs(text: &str, mark: &str) -> String {
    let mut found = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(mark) {
        let opens = !rest[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == ')')
            && (at > 0 || !found.ends_with(|letter: char| letter.is_alphanumeric()));
        let after = &rest[at + mark.len()..];
        let close = after.find(mark).filter(|close| *close > 0);
        let (Some(close), true) = (close, opens && !after.starts_with(' ')) else {
            found += &rest[..at + mark.len()];
            rest = after;
            continue;
        };
        found += &rest[..at];
        found += &after[..close];
        rest = &after[close + mark.len()..];
    }
    let found = found + rest;
    // one that is never closed, or that was opened before the stretch
    found.trim_start_matches(mark).trim_end_matches(mark).trim().to_owned()
}

/// Words that lead to a value and are no part of it.
const LEADS: [&str; 74] = [
    "therefore",
    "thus",
    "hence",
    "so",
    "simply",
    "just",
    "only",
    "exactly",
    "precisely",
    "clearly",
    "indeed",
    "then",
    "now",
    "approximately",
    "about",
    "roughly",
    "around",
    "given by",
    "equal to",
    "equals",
    "equal",
    "obviously",
    "always",
    "actually",
    "either",
    "also",
    "still",
    "probably",
    "definitely",
    "certainly",
    "most likely",
    "indeed",
    "finally",
    "again",
    "going to be",
    "found to be",
    "is",
    "are",
    "be",
    "number",
    "value",
    "the number",
    "the value",
    "the point",
    "point",
    "option",
    "both",
    "of course",
    "in fact",
    "as expected",
    "i got",
    "i get",
    "we got",
    "we get",
    "i found",
    "i find",
    "we found",
    "we find",
    "we have",
    "i think",
    "i believe",
    "my guess is",
    "it's",
    "it is",
    "that's",
    "that is",
    "this is",
    "donc",
    "quindi",
    "entonces",
    "portanto",
    "folglich",
    "daher",
    "dus",
];

/// What follows the words that lead to a value.
pub(crate) fn led(text: &str) -> &str {
    let mut text = text.trim();
    loop {
        let bare = text.trim_start_matches([':', ',', '∴']).trim_start();
        let arrow = ["=>", "->", "\\to ", "\\implies ", "\\Rightarrow ", "\\therefore "];
        let bare = arrow.iter().find_map(|arrow| bare.strip_prefix(arrow)).unwrap_or(bare).trim_start();
        let lead = LEADS.iter().filter(|lead| {
            bare.get(..lead.len()).is_some_and(|start| start.eq_ignore_ascii_case(lead))
                && bare[lead.len()..].starts_with([' ', ':', ','])
        });
        let next = lead.map(|lead| bare[lead.len()..].trim_start()).min_by_key(|rest| rest.len()).unwrap_or(bare);
        if next.len() == text.len() {
            return text;
        }
        text = next;
    }
}

/// Without the first remark in brackets: words after a value, or a numeral after words.
fn without_aside(text: &str) -> Option<&str> {
    let start = text.match_indices(" (").map(|(at, _)| at).find(|at| {
        let inside = text[at + 2..].split(')').next().unwrap_or("");
        let remark =
            |word: &str| word.chars().count() > 2 && word.chars().all(char::is_alphabetic) && !is_mathematics(word);
        let numeral = !inside.is_empty()
            && inside.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, '.' | ',' | '-'));
        let spoken = lexicon::words(&text[..*at]).last().is_some_and(|word| !spoken::numbers(word).is_empty());
        !inside.contains('\\') && (lexicon::words(inside).any(remark) || numeral && spoken)
    })?;
    let close = text[start..].find(')').map_or(text.len(), |length| start + length + 1);
    let aside = &text[start..close];
    let opposed = lexicon::words(aside).next().is_some_and(lexicon::negates);
    (start > 0 && (opposed || !lexicon::denies(aside))).then(|| text[..start].trim())
}

/// Whether a word is a function or a letter's name.
fn is_mathematics(word: &str) -> bool {
    let last = word.rsplit(|letter: char| !letter.is_alphabetic()).next().unwrap_or(word);
    [
        "mod", "sin", "cos", "tan", "log", "exp", "sqrt", "abs", "max", "min", "gcd", "lcm", "theta", "alpha", "beta",
        "arcsin", "arccos", "arctan",
    ]
    .contains(&last)
}

/// Words that begin a clause about the value; after a comma, more do.
const CLAUSES: [&str; 50] = [
    "because",
    "since",
    "so",
    "which",
    "when",
    "if",
    "for",
    "as",
    "where",
    "by the",
    "by definition",
    "by our",
    "by a",
    "in total",
    "in all",
    "altogether",
    "overall",
    "and we",
    "and so",
    "and thus",
    "and it",
    "and this",
    "and that",
    "and hence",
    "and therefore",
    "and the",
    "based on",
    "according to",
    "due to",
    "given",
    "provided",
    "assuming",
    "while",
    "making",
    "meaning",
    "that",
    "is the",
    "using",
    "after",
    "upon",
    "in the",
    "in a",
    "on the",
    "at the",
    "of them",
    "of it",
    "rather than",
    "instead of",
    "as opposed to",
    "and not",
];

const AFTER_COMMA: [&str; 16] = [
    "not",
    "the",
    "obtained",
    "with",
    "but",
    "i.e",
    "namely",
    "after",
    "rather than",
    "reached",
    "this",
    "we",
    "hence",
    "thus",
    "therefore",
    "then",
];

/// Up to the first word or dash that begins a clause, unless the clause takes the value back.
fn without_clause(text: &str) -> Option<&str> {
    let mut found: Option<usize> = None;
    let mut consider = |at: usize| found = Some(found.map_or(at, |found| found.min(at)));
    let lower = text.to_ascii_lowercase();
    let begins = |at: usize, word: &str| {
        lower[at..].starts_with(word) && !lower[at + word.len()..].starts_with(|letter: char| letter.is_alphanumeric())
    };
    for (at, _) in text.match_indices(' ') {
        let set_off = lower[..at].ends_with([',', ';']);
        let not_another = begins(at + 1, "not")
            && text[at + 4..].trim_start().starts_with(|sign: char| sign.is_ascii_digit() || "$\\(-".contains(sign));
        let is_clause = CLAUSES.iter().any(|word| begins(at + 1, word))
            || not_another
            || set_off && AFTER_COMMA.iter().any(|word| begins(at + 1, word))
            || lower[..at].ends_with(';')
                && text[at + 1..].starts_with(|letter: char| letter.is_alphabetic())
                && lexicon::words(&text[at + 1..]).next().is_some_and(|word| word.chars().count() > 1);
        let dash = ["- ", "– ", "— "].iter().find(|dash| text[at + 1..].starts_with(**dash));
        let after_dash = dash.and_then(|dash| lexicon::words(&text[at + 1 + dash.len()..]).next());
        let is_remark =
            after_dash.is_some_and(|word| word.chars().count() > 1 && word.chars().all(char::is_alphabetic));
        if at > 0 && (is_clause || is_remark) {
            consider(at);
        }
    }
    let at = found?;
    let clause = &text[at..];
    // "5 if n is even, else 7" has two cases
    if lexicon::words(clause).any(|word| matches!(word, "else" | "otherwise")) {
        return None;
    }
    let first = lexicon::words(clause).next().unwrap_or("");
    // "5, not 4" leaves 5; "5, which is wrong" leaves nothing
    let said = clause.trim_start().to_ascii_lowercase();
    let opposes = ["rather than", "instead of", "as opposed to", "and not"];
    let opposed = lexicon::negates(first) || opposes.iter().any(|words| said.starts_with(words));
    if lexicon::denies(clause) && !opposed && !(lower[..at].ends_with(';') && denies_another(clause)) {
        return None;
    }
    Some(text[..at].trim().trim_end_matches([',', ';', ':']).trim())
}

/// Whether what a clause denies is a value of its own: "note that 15 is wrong".
fn denies_another(clause: &str) -> bool {
    let mut before = lexicon::words(clause).take_while(|word| !lexicon::denies(word));
    before.any(|word| word.starts_with(|letter: char| letter.is_ascii_digit()))
}

/// What a sentence says of its subject: what stands behind its last "is", "equals" or "find that".
pub(crate) fn complement(sentence: &str) -> Option<&str> {
    const LINKS: [&str; 21] = [
        " is ",
        " are ",
        " was ",
        " were ",
        " be ",
        " equals ",
        " equal to ",
        " gives ",
        " get ",
        " gets ",
        " yields ",
        " has ",
        " have ",
        " find ",
        " makes ",
        " costs ",
        " obtain ",
        " remain ",
        " becomes ",
        " got ",
        " found ",
    ];
    let lower = sentence.to_ascii_lowercase();
    let at = LINKS.iter().filter_map(|link| Some(lower.rfind(link)? + link.len())).max()?;
    let said = &sentence[at..];
    let denied = lexicon::words(said).next().is_some_and(lexicon::negates);
    (!denied).then_some(said)
}

/// What is said instead of what is denied: "not 4 but 5", "not 4; it is 5".
pub(crate) fn but(text: &str) -> Option<&str> {
    let lower = text.to_ascii_lowercase();
    let words = [" but ", "; it is ", ", it is ", "; it's ", ", it's ", "; rather, ", ". it is ", ". it's "];
    let at = words.iter().filter_map(|words| Some(lower.find(words)? + words.len())).min()?;
    Some(&text[at..])
}

/// Without an adverb at the end that says nothing about the value.
fn without_adverb(text: &str) -> Option<&str> {
    const ADVERBS: [&str; 27] = [
        "tall",
        "long",
        "wide",
        "high",
        "deep",
        "in length",
        "in width",
        "in height",
        "each",
        "apiece",
        "here",
        "there",
        "now",
        "then",
        "today",
        "overall",
        "altogether",
        "too",
        "indeed",
        "again",
        "instead",
        "approximately",
        "exactly",
        "respectively",
        "left over",
        "at most once",
        "in the end",
    ];
    let lower = text.to_ascii_lowercase();
    let adverb = ADVERBS
        .iter()
        .find(|adverb| lower.strip_suffix(**adverb).is_some_and(|before| before.ends_with([' ', ','])))?;
    Some(text[..text.len() - adverb.len()].trim().trim_end_matches(','))
}

/// The value that a clause says anew: "2+3, which is 5", "the first, i.e. 4", "not 4 but 5".
fn said_again(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    if lexicon::words(&lower).next().is_some_and(lexicon::negates) {
        return but(text).map(|said| said.trim().to_owned());
    }
    let at = [
        ", which is ",
        ", which equals ",
        ", which gives ",
        ", which simplifies to ",
        ", that is, ",
        ", i.e., ",
        ", i.e. ",
    ]
    .iter()
    .filter_map(|words| Some(lower.rfind(words)? + words.len()))
    .max()?;
    let said = text[at..].trim();
    let begins =
        said.trim_start_matches(['$', '\\', '(', '-', '*', '[']).starts_with(|letter: char| letter.is_ascii_digit());
    (begins || said.starts_with(['$', '\\'])).then(|| said.to_owned())
}
