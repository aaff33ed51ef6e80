use std::collections::{HashMap, HashSet};

/// Words in a row that two texts must share to count as overlapping, as in GPT-3's contamination
/// check.
const WORDS: usize = 13;

/// A word n-gram that more texts than this have is a phrase, such as an instruction before every
/// question, and says nothing about them (GPT-3, arXiv 2005.14165, appendix C, leaves out runs that
/// occur more than ten times).
const PHRASE: usize = 10;

type Hash = [u8; 32];

/// The word n-grams of texts that must not be trained on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overlap {
    /// Hashes of runs of [`WORDS`] words.
    runs: HashSet<Hash>,
    /// Hashes of whole texts.
    texts: HashSet<Hash>,
    /// Hashes of runs that many texts of the world have.
    phrases: HashSet<Hash>,
}

impl Overlap {
    /// Nothing yet, for a world with these texts: runs that more than ten of them have are phrases;
    /// of few texts, those that more than half of them have.
    pub(crate) fn of_world<'a>(texts: impl Iterator<Item = &'a str>) -> Overlap {
        let (mut having, mut number) = (HashMap::<Hash, usize>::new(), 0);
        for text in texts {
            let own: HashSet<Hash> = normalised(text).windows(WORDS).map(hash).collect();
            own.into_iter().for_each(|run| *having.entry(run).or_default() += 1);
            number += 1;
        }
        let many = |having: usize| having > PHRASE || (having > 2 && 2 * having > number);
        let phrases = having.into_iter().filter(|(_, having)| many(*having)).map(|(run, _)| run).collect();
        Overlap { phrases, ..Overlap::default() }
    }

    /// Remembers a text. One without words, such as that of a feature vector, says nothing that
    /// another could share.
    pub(crate) fn add(&mut self, text: &str) {
        let words = normalised(text);
        if words.is_empty() {
            return;
        }
        self.texts.insert(hash(&words));
        let phrases = &self.phrases;
        self.runs.extend(words.windows(WORDS).map(hash).filter(|run| !phrases.contains(run)));
    }

    /// The word n-gram that a text shares with one of those remembered, or the whole text if it is
    /// the same word for word.
    pub(crate) fn shared(&self, text: &str) -> Option<String> {
        let words = normalised(text);
        if self.texts.contains(&hash(&words)) {
            return Some(words.join(" "));
        }
        words.windows(WORDS).find(|run| self.runs.contains(&hash(run))).map(|run| run.join(" "))
    }
}

/// Words in lower case without punctuation.
fn normalised(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

fn hash(words: &[String]) -> Hash {
    *blake3::hash(words.join(" ").as_bytes()).as_bytes()
}
