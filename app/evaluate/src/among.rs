//! Multiple choice by likelihood: of the possible answers, the one that the model finds likeliest.

use faults::Outcome;
use nouns::{AnswerOption, Policy, Score, Stage, Task, Verdict};

use crate::answered::{Answered, Given, Judging, Scored, context, in_words, shown};
use crate::fault::EvaluateFault;
use crate::figures::Spent;

/// The answers that a model chooses among.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Among {
    /// The texts of the options that a task names; the labels of a classification.
    Texts,
    /// The letters of the options.
    Letters,
    /// These, whatever the task.
    Given(Vec<String>),
}

/// What `--among` is given: `texts`, `letters`, or the answers themselves.
impl From<&[String]> for Among {
    fn from(words: &[String]) -> Among {
        match words {
            [word] if word == "texts" => Among::Texts,
            [word] if word == "letters" => Among::Letters,
            words => Among::Given(words.to_vec()),
        }
    }
}

impl Among {
    /// What is scored of every option, and what is judged if it is chosen.
    fn options(&self, judging: &Judging, task: &Task) -> Result<Vec<AnswerOption>, EvaluateFault> {
        let own = |text: fn(AnswerOption) -> AnswerOption| judging.world.options(task).into_iter().map(text).collect();
        let options: Vec<AnswerOption> = match self {
            Among::Texts => own(|option| option),
            Among::Letters => own(|option| AnswerOption { text: option.letter.clone(), letter: option.letter }),
            Among::Given(words) => {
                words.iter().map(|word| AnswerOption { letter: word.clone(), text: word.clone() }).collect()
            }
        };
        match options.is_empty() {
            true => Err(EvaluateFault::NoOptions { world: judging.world.name().into(), task: task.id.clone() }),
            false => Ok(options),
        }
    }
}

/// Chooses for each task, by the sum of the log-probabilities and by that divided by the number of
/// letters (`acc` and `acc_norm` of lm-evaluation-harness).
pub(crate) fn chosen(
    stage: &Stage,
    policy: &dyn Policy,
    judging: &Judging,
    tasks: &[Task],
    among: &Among,
) -> Outcome<(Vec<Answered>, Vec<Score>, Spent)> {
    let mut asked = Vec::new();
    for task in tasks {
        let context = context(policy, task)?;
        // in a text the answer stands behind a space; behind a template it begins a turn
        let spaced = policy.decode_text(&context).ends_with(|letter: char| !letter.is_whitespace());
        let mut options = Vec::new();
        for option in among.options(judging, task)? {
            let tokens =
                policy.encode_fragment(&if spaced { format!(" {}", option.text) } else { option.text.clone() });
            if tokens.is_empty() {
                return Err(EvaluateFault::EmptyOption { option: option.text }.into());
            }
            options.push((option, tokens));
        }
        asked.push((task, context, options));
    }
    let items: Vec<(&[u32], &[u32])> = asked
        .iter()
        .flat_map(|(_, context, options)| options.iter().map(|(_, tokens)| (&context[..], &tokens[..])))
        .collect();
    let mut sums =
        policy.score(&items, stage.progress)?.into_iter().map(|scores| scores.iter().map(|&p| f64::from(p)).sum());
    let (mut answered, mut plain, mut by_length) = (Vec::new(), Vec::new(), Vec::new());
    for (task, _, options) in &asked {
        let sums: Vec<f64> = sums.by_ref().take(options.len()).collect();
        let lengths = options.iter().map(|(option, _)| option.text.chars().count() as f64);
        let per_letter: Vec<f64> = sums.iter().zip(lengths).map(|(sum, length)| sum / length).collect();
        let judge = |scores: &[f64]| judging.oracle.judge(task, &options[likeliest(scores)].0.letter);
        let (verdict, shortened) = (judge(&sums), judge(&per_letter));
        plain.push((task.id.clone(), verdict.reward()));
        by_length.push((task.id.clone(), shortened.reward()));
        let scored = |((option, tokens), sum): (&(AnswerOption, Vec<u32>), &f64)| Scored {
            text: option.text.clone(),
            tokens: tokens.len(),
            log_likelihood: *sum,
        };
        let best = likeliest(&sums);
        answered.push(Answered {
            task: task.id.clone(),
            prompt: shown(task),
            answers: vec![given(&options[best], sums[best], &verdict)],
            options: options.iter().zip(&sums).map(scored).collect(),
        });
    }
    let on = judging.world.name();
    let scores = vec![Score::new("accuracy", on, plain), Score::new("accuracy by length", on, by_length)];
    let context_tokens: u64 = asked.iter().map(|(_, context, _)| context.len() as u64).sum();
    let scored: usize = asked.iter().flat_map(|(_, _, options)| options).map(|(_, tokens)| tokens.len()).sum();
    let spent =
        Spent { answers: tasks.len(), generated_tokens: 0, context_tokens: context_tokens + scored as u64, cut_off: 0 };
    Ok((answered, scores, spent))
}

/// The first of the largest.
fn likeliest(scores: &[f64]) -> usize {
    (0..scores.len()).rev().max_by(|&one, &other| scores[one].total_cmp(&scores[other])).unwrap_or(0)
}

/// The answer that is chosen, judged.
fn given((option, tokens): &(AnswerOption, Vec<u32>), sum: f64, verdict: &Verdict) -> Given {
    Given {
        text: option.letter.clone(),
        correct: verdict.reward(),
        verdict: in_words(verdict),
        answer: Some(option.letter.clone()),
        tokens: tokens.len() as u64,
        log_likelihood: sum,
        finish: None,
        counts: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likeliest_is_chosen_and_of_equal_ones_the_first() {
        assert_eq!(likeliest(&[-2.0, -1.0, -1.0, -3.0]), 1);
        assert_eq!(Among::from(&["texts".to_owned()][..]), Among::Texts);
        assert_eq!(
            Among::from(&["yes".to_owned(), "no".to_owned()][..]),
            Among::Given(vec!["yes".into(), "no".into()])
        );
    }
}
