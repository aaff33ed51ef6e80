//! A classifier as it answers: a policy whose answers are one token long.

use std::sync::Arc;

use faults::Outcome;
use nouns::{
    Completion, Content, Cost, Digest, Finish, Generate, Part, Policy, Progress, Prompt, Reply, Request, Tick, Turn,
    generate_by_tokens,
};

use crate::classifier::{Classifier, softmax};
use crate::fault::ClassifierFault;

/// Answers feature vectors with labels.
///
/// A context's tokens are the bits of its features as f32, one token each; an answer is one token,
/// the place of its label. So a draw, its log-probability and its score mean what they mean for a
/// language model: `score` of a drawn label is its `log_probs` to the last bit, temperature
/// sharpens the distribution over labels, and whatever needs no more than that (votes, likelihoods,
/// choosing by confidence) works unchanged.
pub struct Answering {
    classifier: Arc<Classifier>,
    digest: Digest,
}

impl Answering {
    /// The classifier as a policy.
    pub fn new(classifier: Arc<Classifier>) -> Answering {
        let digest = classifier.digest();
        Answering { classifier, digest }
    }

    fn complete(&self, request: &Request) -> Outcome<Completion> {
        let probabilities = self.classifier.probabilities(&features(&request.context))?;
        let temperature = f64::from(request.sampling.temperature);
        let drawn = match temperature > 0.0 {
            false => likeliest(&probabilities),
            true => {
                let logits: Vec<f64> = probabilities.iter().map(|p| p.ln() / temperature).collect();
                drawn(&softmax(&logits), request.key.random().uniform())
            }
        };
        Ok(Completion {
            tokens: vec![drawn as u32],
            log_probs: vec![probabilities[drawn].ln() as f32],
            finish: Finish::Stop,
            cost: Cost { context_tokens: request.context.len() as u64, generated_tokens: 1, ..Cost::default() },
        })
    }
}

/// The features that a context's tokens are the bits of.
pub fn features(context: &[u32]) -> Vec<f64> {
    context.iter().map(|&bits| f64::from(f32::from_bits(bits))).collect()
}

fn likeliest(probabilities: &[f64]) -> usize {
    let better = |best: usize, place: usize| if probabilities[place] > probabilities[best] { place } else { best };
    (0..probabilities.len()).fold(0, better)
}

/// The label whose stretch of the cumulated probabilities a uniform number falls in.
fn drawn(probabilities: &[f64], uniform: f64) -> usize {
    let mut left = uniform;
    let place = probabilities.iter().position(|p| {
        left -= p;
        left < 0.0
    });
    place.unwrap_or(probabilities.len().saturating_sub(1))
}

impl Generate for Answering {
    fn digest(&self) -> Digest {
        self.digest.clone()
    }

    fn generate(&self, prompts: &[Prompt], progress: &dyn Progress) -> Outcome<Vec<Reply>> {
        generate_by_tokens(self, prompts, progress)
    }

    fn as_policy(&self) -> Option<&dyn Policy> {
        Some(self)
    }
}

impl Policy for Answering {
    /// The numbers of the prompt, in order; what else is said in it is refused.
    fn encode(&self, context: &[Turn]) -> Outcome<Vec<u32>> {
        let mut numbers: Vec<f64> = Vec::new();
        for part in context.iter().flat_map(|turn| &turn.content.0) {
            match part {
                Part::Numbers(values) => numbers.extend(values),
                Part::Text(text) if text.trim().is_empty() => {}
                other => return Err(ClassifierFault::NoFeatures { kind: other.kind() }.into()),
            }
        }
        self.classifier.refuse_unfit("a task", &numbers)?;
        Ok(numbers.into_iter().map(|number| (number as f32).to_bits()).collect())
    }

    fn encode_fragment(&self, text: &str) -> Vec<u32> {
        self.classifier.class(text.trim()).map_or_else(|_| Vec::new(), |class| vec![class as u32])
    }

    fn decode(&self, tokens: &[u32]) -> Content {
        let label = |&token: &u32| self.classifier.shape.labels.get(token as usize).cloned();
        Content::text(tokens.iter().filter_map(label).collect::<Vec<_>>().join(" "))
    }

    fn context_length(&self) -> usize {
        self.classifier.shape.features + 1
    }

    fn sample(&self, requests: &[Request], progress: &dyn Progress) -> Outcome<Vec<Completion>> {
        let completions = requests.iter().map(|request| self.complete(request)).collect::<Outcome<Vec<_>>>()?;
        let done = requests.len() as u64;
        progress.tick(Tick { done, total: done, tokens: done, ..Tick::default() });
        Ok(completions)
    }

    fn score(&self, items: &[(&[u32], &[u32])], _: &dyn Progress) -> Outcome<Vec<Vec<f32>>> {
        let score = |(context, answer): &(&[u32], &[u32])| {
            let probabilities = self.classifier.probabilities(&features(context))?;
            let of = |&token: &u32| probabilities.get(token as usize).map_or(f32::NEG_INFINITY, |p| p.ln() as f32);
            Ok(answer.iter().map(of).collect())
        };
        items.iter().map(score).collect()
    }
}

#[cfg(test)]
mod tests {
    use nouns::{Key, Sampling, Silent};

    use super::*;
    use crate::classifier::Shape;

    fn policy() -> Answering {
        let shape = Shape { features: 2, hidden: 3, labels: vec!["no".into(), "yes".into(), "maybe".into()] };
        let rows = [[0.0, 1.0], [2.0, 5.0], [1.0, -3.0]];
        Answering::new(Arc::new(Classifier::random(shape, rows.iter().map(|row| &row[..]), &Key::root(2))))
    }

    fn turns(part: Part) -> Vec<Turn> {
        vec![Turn { content: Content(vec![part]), ..Turn::user("") }]
    }

    #[test]
    fn a_drawn_label_scores_what_it_was_drawn_with() {
        let policy = policy();
        let context = policy.encode(&turns(Part::Numbers(vec![0.1, 2.5]))).expect("features");
        let request =
            |number| Request { context: context.clone(), sampling: Sampling::default(), key: Key::root(9).at(number) };
        let drawn = policy.sample(&(0..300).map(request).collect::<Vec<_>>(), &Silent).expect("drawn");
        let mut seen = [0.0; 3];
        for done in &drawn {
            let scores = policy.score(&[(&context, &done.tokens)], &Silent).expect("scored");
            assert_eq!(scores[0], done.log_probs);
            seen[done.tokens[0] as usize] += 1.0 / 300.0;
        }
        let wanted = policy.classifier.probabilities(&features(&context)).expect("probabilities");
        assert!(seen.iter().zip(&wanted).all(|(seen, p)| (seen - p).abs() < 0.1), "{seen:?} and {wanted:?}");
    }

    #[test]
    fn what_are_no_features_is_refused_by_name() {
        let refused = |part| policy().encode(&turns(part)).expect_err("no features").to_string();
        assert_eq!(refused(Part::Text("hello".into())), "a classifier reads feature vectors, and was shown text");
        assert_eq!(refused(Part::Numbers(vec![1.0])), "a task has 1 features; the classifier takes 2");
    }
}
