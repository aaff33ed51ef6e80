use std::collections::HashSet;

/// Words in a row that two texts must share to count as overlapping, as in GPT-3's contamination check.
const WORDS: usize = 13;

/// The runs of words of texts that must not be trained on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overlap {
    /// Hashes of runs of [`WORDS`] words.
    runs: HashSet<[u8; 32]>,
    /// Hashes of whole texts.
    texts: HashSet<[u8; 32]>,
}

impl Overlap {
    /// Remembers a text.
    pub(crate) fn add(&mut self, text: &str) {
        let words = normalised(text);
        self.texts.insert(hash(&words));
        self.runs.extend(words.windows(WORDS).map(hash));
    }

    /// Whether the text shares a run of words with one of those remembered. One too short for a run must be the same
    /// word for word.
    pub(crate) fn touches(&self, text: &str) -> bool {
        let words = normalised(text);
        self.texts.contains(&hash(&words)) || words.windows(WORDS).any(|run| self.runs.contains(&hash(run)))
    }
}

/// Words in lower case without punctuation.
fn normalised(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

fn hash(words: &[String]) -> [u8; 32] {
    *blake3::hash(words.join(" ").as_bytes()).as_bytes()
}
