use nouns::{Candidate, Choose, Key};

use crate::groups::groups;

recipe::part! {
    /// Keeps attempts whose meaning differs from that of attempts kept before. Meaning is the
    /// cosine of their embeddings, the mean of the model's last hidden states over an answer's
    /// tokens, less the mean of the question's attempts.
    pub struct Similar = "similar", version 1 {
        /// Attempts nearer to one that is kept than this cosine are left out.
        pub cosine: f64 = 0.9, "Abbas et al. 2023, arXiv 2303.09540, leave out what is nearer than a threshold; the number is ours", -1.0..=1.0;
    }
}

impl Choose for Similar {
    fn choose(&self, _: &Key, pool: Vec<Candidate>) -> Vec<Candidate> {
        let mut kept = vec![false; pool.len()];
        for places in groups(&pool) {
            let centred = centred(places.iter().map(|&place| pool[place].embedding.as_slice()).collect());
            let mut before: Vec<usize> = Vec::new();
            for (number, place) in places.into_iter().enumerate() {
                if before.iter().all(|&other| cosine(&centred[number], &centred[other]) <= self.cosine) {
                    kept[place] = true;
                    before.push(number);
                }
            }
        }
        pool.into_iter().zip(kept).filter_map(|(candidate, kept)| kept.then_some(candidate)).collect()
    }

    fn needs_embeddings(&self) -> bool {
        true
    }
}

/// Each less the mean of all: hidden states share a large part that says nothing of what is said.
fn centred(embeddings: Vec<&[f32]>) -> Vec<Vec<f64>> {
    let width = embeddings.iter().map(|embedding| embedding.len()).min().unwrap_or(0);
    let count = embeddings.len().max(1) as f64;
    let mean = |n: usize| embeddings.iter().map(|embedding| f64::from(embedding[n])).sum::<f64>() / count;
    let means: Vec<f64> = (0..width).map(mean).collect();
    embeddings.iter().map(|one| one.iter().zip(&means).map(|(&own, mean)| f64::from(own) - mean).collect()).collect()
}

/// 1 where both say nothing.
fn cosine(one: &[f64], other: &[f64]) -> f64 {
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let lengths = (product(one, one) * product(other, other)).sqrt();
    if lengths > 0.0 { product(one, other) / lengths } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pools::{ids, pool};

    #[test]
    fn what_points_the_same_way_as_one_that_is_kept_is_left_out_question_by_question() {
        let mut attempts = pool(&[("a", &[1.0, 1.0, 1.0, 1.0]), ("b", &[1.0, 1.0])]);
        // From their mean, (2, 2): up, nearly up, down, aside.
        for (candidate, embedding) in attempts.iter_mut().zip([[2.0, 4.0], [2.1, 4.0], [1.9, 0.0], [2.0, 0.0]]) {
            candidate.embedding = embedding.to_vec();
        }
        attempts[4].embedding = vec![1.0, 0.0];
        attempts[5].embedding = vec![-1.0, 0.0];
        let left = Similar { cosine: 0.9 }.choose(&Key::root(1), attempts);
        assert_eq!(ids(&left), ["1/a/0", "1/a/2", "1/b/0", "1/b/1"]);
    }

    #[test]
    fn the_same_again_is_left_out_and_opposites_are_not() {
        assert_eq!(cosine(&[1.0, 2.0], &[2.0, 4.0]), 1.0);
        assert_eq!(cosine(&[1.0, 0.0], &[-3.0, 0.0]), -1.0);
        assert_eq!(cosine(&[0.0], &[0.0]), 1.0);
    }
}
