//! Words in capitals, where words are those of the Penn Treebank: `JOHN'S` and `DON'T` are two
//! each, and signs stand by themselves.

/// Signs that part words wherever they stand.
const APART: &str = "«»“”‘’„`\";@#$%&?!*[](){}<>";
/// What parts from the end of a word.
const ENDINGS: [&str; 7] = ["'s", "'m", "'d", "'ll", "'re", "'ve", "n't"];
/// Words that are two, and where the second begins.
const PAIRS: [(&str, usize); 6] = [("cannot", 3), ("gimme", 3), ("gonna", 3), ("gotta", 3), ("lemme", 3), ("wanna", 3)];

/// How many words have capitals and no small letters.
pub(crate) fn words_in_capitals(text: &str) -> usize {
    spaced(text).split_whitespace().map(|word| parts(word).into_iter().filter(|part| in_capitals(part)).count()).sum()
}

fn in_capitals(word: &str) -> bool {
    word.chars().any(char::is_uppercase) && !word.chars().any(char::is_lowercase)
}

/// The text with blanks where signs part words.
fn spaced(text: &str) -> String {
    let text = text.replace("--", " -- ").replace("..", " .. ");
    let mut spaced = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        // a comma or colon within a number stays there
        let within = letters.peek().is_some_and(char::is_ascii_digit);
        match APART.contains(letter) || matches!(letter, ',' | ':') && !within {
            true => spaced.extend([' ', letter, ' ']),
            false => spaced.push(letter),
        }
    }
    spaced
}

/// The one or two words that a word is.
fn parts(word: &str) -> Vec<&str> {
    let small = word.to_lowercase();
    if small.len() == word.len() {
        if let Some((_, at)) = PAIRS.iter().find(|(pair, _)| small == *pair) {
            return vec![&word[..*at], &word[*at..]];
        }
        if let Some(ending) = ENDINGS.iter().find(|ending| small.len() > ending.len() && small.ends_with(*ending)) {
            let (stem, ending) = word.split_at(word.len() - ending.len());
            // mixed endings such as `'Ll` stay where they are
            let alike = in_capitals(ending) || !ending.chars().any(char::is_uppercase);
            return if alike { vec![stem, ending] } else { vec![word] };
        }
    }
    vec![word]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clitics_and_signs_are_words_of_their_own() {
        // by nltk 3.9's word_tokenize
        let counted = [
            ("HELLO WORLD, it is I.", 3),
            ("JOHN'S DOG DON'T", 5),
            ("A-B, C/D and U.S.A.", 3),
            ("(NASA) \"ESA\" *JAXA*", 3),
            ("we CANNOT", 2),
            ("no capitals, No Capitals", 0),
            ("3PM at 10:30AM,OK", 3),
        ];
        for (text, count) in counted {
            assert_eq!(words_in_capitals(text), count, "{text}");
        }
    }
}
