use faults::Outcome;
use networks::ScoreHead;
use nouns::{Lesson, LessonKind, Pair, Stage, Stream, Update};

use crate::fault::LearnFault;
use crate::objective::{Batch, Objective, Term, log_sigmoid, sigmoid};
use crate::reads::Reads;
use crate::settings::LearnerSettings;
use crate::student::Student;
use crate::takes::only;
use crate::training::{Descends, learner};

learner! {
    /// Trains a reward model to score how much one answer improves on another. The score is that of
    /// a head, read at the last token of the question, the other answer, and then this one. Of a
    /// pair `w` is the chosen one and `l` the rejected one, and `gap(a, b)` how much `a` improves
    /// on `b`; five differences are to be positive, and the loss of a pair is the sum of `-log
    /// sigmoid` of each: `gap(w,l) - gap(w,w)`, `gap(w,l) - gap(l,l)`, `gap(w,l) - gap(l,w)`,
    /// `gap(w,w) - gap(l,w)`, `gap(l,l) - gap(l,w)`. A batch's loss is the mean. A model without a
    /// score head gets one whose scores are all 0.
    pub struct Improvement = "improvement", version 2, lr 1e-4, "ours, for models of about a million parameters" {
        /// Passes over the lessons; may be a fraction.
        pub epochs: f64 = 1.0, "ours", 0.0..=100_000.0;
    }
}

/// The answer that is scored and the one before it, of the sequences of a pair in this order.
const SEQUENCES: [[Side; 2]; 4] =
    [[Side::Chosen, Side::Rejected], [Side::Chosen; 2], [Side::Rejected; 2], [Side::Rejected, Side::Chosen]];
/// Which of these sequences is to be scored above which: Wang et al. 2023, arXiv 2310.00898,
/// section 3.2.
const ABOVE: [[usize; 2]; 5] = [[0, 1], [0, 2], [0, 3], [1, 3], [2, 3]];

#[derive(Clone, Copy)]
enum Side {
    Chosen,
    Rejected,
}

impl LearnerSettings for Improvement {
    fn takes(&self) -> LessonKind {
        LessonKind::Pair
    }

    fn learn(&self, stage: &Stage, student: &mut Student, lessons: &[Lesson]) -> Outcome<Update> {
        student.gain_scores(ScoreHead::REWARD)?;
        self.training().descend(stage, student, &self.objective(lessons)?)
    }

    fn head(&self) -> Option<ScoreHead> {
        Some(ScoreHead::REWARD)
    }
}

impl Improvement {
    /// The loss over these pairs.
    pub(crate) fn objective(&self, lessons: &[Lesson]) -> Result<Gaps, LearnFault> {
        let pairs = only("improvement", LessonKind::Pair, lessons, |lesson| match lesson {
            Lesson::Pair(pair) => Some(pair),
            _ => None,
        })?;
        Ok(Gaps { sequences: pairs.into_iter().map(sequences).collect() })
    }
}

/// The four sequences of a pair.
fn sequences(pair: &Pair) -> [Stream; 4] {
    let split = |stream: &Stream| {
        let first = stream.weights.iter().position(|&weight| weight != 0.0).unwrap_or(stream.tokens.len());
        (stream.tokens[..first].to_vec(), stream.tokens[first..].to_vec())
    };
    let ((context, chosen), (_, rejected)) = (split(&pair.chosen), split(&pair.rejected));
    let said = |side| match side {
        Side::Chosen => &chosen,
        Side::Rejected => &rejected,
    };
    SEQUENCES.map(|[scored, before]| {
        let context = [context.as_slice(), said(before)].concat();
        Stream::new(pair.chosen.trace.clone(), &context, said(scored), 1.0)
    })
}

/// The objective over pairs.
pub(crate) struct Gaps {
    sequences: Vec<[Stream; 4]>,
}

impl Objective for Gaps {
    fn reads(&self) -> Reads {
        Reads::Scores
    }

    fn lessons(&self) -> usize {
        self.sequences.len()
    }

    fn streams(&self, lesson: usize) -> Vec<&Stream> {
        self.sequences[lesson].iter().collect()
    }

    fn term(&self, _: usize, batch: &Batch, seen: &[Vec<f64>]) -> Term {
        let gaps: Vec<f64> = seen.iter().map(|scores| scores.last().copied().unwrap_or(0.0)).collect();
        let mut term =
            Term { gradients: seen.iter().map(|scores| vec![0.0; scores.len()]).collect(), ..Term::default() };
        let mut held = 0.0;
        for [above, below] in ABOVE {
            let d = gaps[above] - gaps[below];
            term.loss -= log_sigmoid(d) / batch.total;
            let gradient = sigmoid(-d) / batch.total;
            for (side, gradient) in [(above, -gradient), (below, gradient)] {
                term.gradients[side].iter_mut().last().into_iter().for_each(|to| *to += gradient);
            }
            held += f64::from(u8::from(d > 0.0));
        }
        term.metrics = vec![
            ("accuracy", f64::from(u8::from(gaps[0] > gaps[3])), 1.0),
            ("margin", gaps[0] - gaps[3], 1.0),
            ("relations", held / ABOVE.len() as f64, 1.0),
            ("mean_reward", gaps.iter().sum::<f64>() / gaps.len() as f64, 1.0),
        ];
        term
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::check;

    fn lessons() -> [Lesson; 1] {
        let (chosen, rejected) = (Stream::new("c", &[1, 7], &[2, 3], 1.0), Stream::new("r", &[1, 7], &[4, 3], 1.0));
        [Lesson::Pair(Pair { chosen, rejected, gap: 1.0, better: Vec::new() })]
    }

    #[test]
    fn each_sequence_is_the_question_the_answer_improved_upon_and_the_answer() {
        let gaps = Improvement::default().objective(&lessons()).expect("pairs");
        let tokens: Vec<&[u32]> = gaps.streams(0).into_iter().map(|stream| stream.tokens.as_slice()).collect();
        assert_eq!(tokens, [[1, 7, 4, 3, 2, 3], [1, 7, 2, 3, 2, 3], [1, 7, 4, 3, 4, 3], [1, 7, 2, 3, 4, 3]]);
    }

    #[test]
    fn gradients_are_derivatives_and_lie_at_the_last_token_alone() {
        let gaps = Improvement::default().objective(&lessons()).expect("pairs");
        let at: Vec<Vec<f64>> = [0.8, -0.1, 0.3, -0.9].map(|last| vec![9.0, 9.0, 9.0, 9.0, 9.0, last]).to_vec();
        check::gradients(&gaps, std::slice::from_ref(&at));
        let term = gaps.term(0, &Batch { total: 1.0, level: 0.0 }, &at);
        assert!(term.gradients.iter().all(|gradients| gradients[..5].iter().all(|gradient| *gradient == 0.0)));
        let all: f64 = term.gradients.iter().map(|gradients| gradients[5]).sum();
        assert!(all.abs() < 1e-12, "only differences count");
    }

    #[test]
    fn to_leave_an_answer_as_it_is_lies_between_improving_and_spoiling_it() {
        let gaps = Improvement::default().objective(&lessons()).expect("pairs");
        let loss = |scores: [f64; 4]| gaps.term(0, &Batch { total: 1.0, level: 0.0 }, &scores.map(|s| vec![s])).loss;
        assert!((loss([0.0; 4]) - 5.0 * 2f64.ln()).abs() < 1e-12);
        // A reward of the answer alone cannot tell a copy from an improvement: both are told apart here.
        assert!(loss([2.0, 0.0, 0.0, -2.0]) < loss([2.0, 2.0, -2.0, -2.0]));
    }
}
