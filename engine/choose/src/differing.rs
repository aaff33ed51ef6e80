use std::collections::HashSet;

use nouns::{Candidate, Choose, Key};

use crate::groups::groups;

recipe::part! {
    /// Keeps attempts whose words differ from those of attempts kept before. Two attempts at one
    /// question are compared by the Jaccard similarity of their sets of word n-grams: the share of
    /// all n-grams of both that both have. A text of fewer words is one n-gram.
    pub struct Differing = "differing", version 1 {
        /// Words in an n-gram.
        pub words: usize = 3, "ours";
        /// An attempt whose similarity to one that was kept exceeds this is left out.
        pub overlap: f64 = 0.7, "Wang et al. 2022, arXiv 2212.10560, section 2.2, leave out ROUGE-L above 0.7", 0.0..=1.0;
    }
}

impl Choose for Differing {
    fn choose(&self, _: &Key, pool: Vec<Candidate>) -> Vec<Candidate> {
        let mut kept = vec![false; pool.len()];
        for places in groups(&pool) {
            let mut before: Vec<HashSet<String>> = Vec::new();
            for place in places {
                let own = n_grams(&pool[place].trace.text(), self.words);
                if before.iter().all(|other| overlap(&own, other) <= self.overlap) {
                    kept[place] = true;
                    before.push(own);
                }
            }
        }
        let left = pool.into_iter().zip(kept);
        left.filter_map(|(candidate, kept)| kept.then_some(candidate)).collect()
    }
}

fn n_grams(text: &str, words: usize) -> HashSet<String> {
    let all: Vec<&str> = text.split_whitespace().collect();
    let length = words.clamp(1, all.len().max(1));
    all.windows(length).map(|words| words.join(" ")).collect()
}

/// Jaccard similarity: the size of the intersection over that of the union; 1 for two empty sets.
fn overlap(one: &HashSet<String>, other: &HashSet<String>) -> f64 {
    let shared = one.intersection(other).count();
    let all = one.len() + other.len() - shared;
    if all == 0 { 1.0 } else { shared as f64 / all as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pools::{ids, said};
    use nouns::Verdict;

    #[test]
    fn what_says_nearly_the_same_is_left_out_among_attempts_at_one_question() {
        let say = |task: &str, sample, text: &str| said(task, sample, text, Verdict::Right);
        let pool = vec![
            say("a", 0, "one two three four five six"),
            say("a", 1, "one two three four five six seven"),
            say("a", 2, "six five four three two one"),
            say("b", 0, "one two three four five six"),
            say("b", 1, "one"),
            say("b", 2, "one"),
        ];
        let kept = Differing::default().choose(&Key::root(1), pool);
        assert_eq!(ids(&kept), ["1/a/0", "1/a/2", "1/b/0", "1/b/1"]);
    }
}
