//! How likely the model finds what stands on the lines of a file.

use faults::Outcome;
use nouns::{Policy, Progress};
use serde::Serialize;

use crate::fault::FolderFault;
use crate::lines::InputLine;
use crate::loaded::LoadedModel;

/// The scores of a line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scored {
    /// Every token of the line, context included.
    pub tokens: Vec<u32>,
    /// Log-probability of each token given those before it; null where a token is context and is
    /// not scored.
    pub log_probs: Vec<Option<f32>>,
    /// Sum of those that are scored, in nats.
    pub sum: f64,
    /// How many are scored.
    pub scored: usize,
}

impl LoadedModel {
    /// Scores some lines, in order.
    pub fn scores(&self, lines: &[(u64, InputLine)], progress: &dyn Progress) -> Outcome<Vec<Scored>> {
        let mut stretches = Vec::new();
        for (number, said) in lines {
            let stretch = said.scored_span(self).map_err(|failure| FolderFault::on_line(*number, &failure))?;
            if stretch.tokens.is_empty() {
                return Err(FolderFault::BadLine { line: *number, why: "there is no token to score".into() }.into());
            }
            stretches.push(stretch);
        }
        let items: Vec<(&[u32], &[u32])> = stretches.iter().map(|stretch| stretch.tokens.split_at(1)).collect();
        let scores = self.policy.score(&items, progress)?;
        Ok(stretches
            .iter()
            .zip(scores)
            .map(|(stretch, scores)| scored(&stretch.tokens, &stretch.own, &scores))
            .collect())
    }
}

fn scored(tokens: &[u32], own: &[bool], scores: &[f32]) -> Scored {
    // The first token follows nothing, so it has no score.
    let after_first = scores.iter().zip(&own[1..]).map(|(&score, &own)| own.then_some(score));
    let log_probs: Vec<Option<f32>> = std::iter::once(None).chain(after_first).collect();
    let counted = || log_probs.iter().flatten().map(|&score| f64::from(score));
    Scored { tokens: tokens.to_vec(), sum: counted().sum(), scored: counted().count(), log_probs }
}
