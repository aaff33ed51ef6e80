//! Constrained decoding: answers that must be one of some texts, and the tokens that lead to one of
//! them.

/// The texts, as tokens, each with the end token after it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Choices(Vec<Vec<u32>>);

impl Choices {
    /// Of the texts' tokens; `end` is the token that ends an answer.
    pub(crate) fn new(texts: impl Iterator<Item = Vec<u32>>, end: u32) -> Choices {
        Choices(texts.map(|text| [text, vec![end]].concat()).collect())
    }

    /// The tokens that may follow these, ascending and each once: the end token where a text is
    /// whole.
    pub(crate) fn after(&self, tokens: &[u32]) -> Vec<u32> {
        let rest = |text: &Vec<u32>| text.strip_prefix(tokens).and_then(|rest| rest.first().copied());
        let mut next: Vec<u32> = self.0.iter().filter_map(rest).collect();
        next.sort_unstable();
        next.dedup();
        next
    }

    /// Whether these are one of the texts, and no other goes on from it: nothing is left to be
    /// drawn.
    pub(crate) fn end_with(&self, tokens: &[u32]) -> bool {
        let whole = |text: &Vec<u32>| text.split_last().is_some_and(|(_, text)| text == tokens);
        self.0.iter().any(whole) && self.after(tokens).len() == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_goes_on_from_another_leaves_a_choice() {
        let choices = Choices::new([vec![5, 6], vec![5, 6, 7], vec![4], vec![5, 9]].into_iter(), 2);
        assert_eq!(choices.after(&[]), [4, 5]);
        assert_eq!(choices.after(&[5]), [6, 9]);
        assert_eq!(choices.after(&[5, 6]), [2, 7], "it may end here or go on");
        let ends = [&[4][..], &[5], &[5, 6], &[5, 6, 7], &[5, 9]].map(|tokens| choices.end_with(tokens));
        assert_eq!(ends, [true, false, false, true, true]);
    }
}
