//! What a judge's probabilities and replies come to.

use nouns::{Unsettled, Verdict};

/// What is said on average, among words that are worth so much and found so likely.
pub(crate) fn expected(worth: &[f64], scores: &[Vec<f32>]) -> Verdict {
    let logs: Vec<f64> = scores.iter().map(|tokens| tokens.iter().map(|&p| f64::from(p)).sum()).collect();
    let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let shares: Vec<f64> = logs.iter().map(|log| (log - top).exp()).collect();
    let grade = shares.iter().zip(worth).map(|(share, worth)| share * worth).sum::<f64>() / shares.iter().sum::<f64>();
    match grade.is_finite() {
        true => Verdict::Graded(grade),
        false => failed("the judge could say none of the words"),
    }
}

/// The mean of shares; unsettled if one could not be told, or if there is none.
pub(crate) fn share(shares: &[Option<f64>]) -> Verdict {
    let known: Option<Vec<f64>> = shares.iter().copied().collect();
    match known {
        Some(known) if !known.is_empty() => Verdict::Graded(known.iter().sum::<f64>() / known.len() as f64),
        Some(_) => failed("there is no other answer to compare it with"),
        None => failed("the judge could say none of the words"),
    }
}

/// Where a number lies on its scale, from 0 to 1; unsettled where there is none on it.
pub(crate) fn scored(number: Option<f64>, lowest: f64, highest: f64, reply: &str) -> Verdict {
    match number.filter(|number| (lowest..=highest).contains(number)) {
        Some(number) if highest > lowest => Verdict::Graded((number - lowest) / (highest - lowest)),
        _ => failed(&format!("the judge's reply has no score from {lowest} to {highest}: {}", beginning(reply))),
    }
}

/// The share of the items of a list that say yes; unsettled where there is none, or where an item
/// says neither.
pub(crate) fn listed(reply: &str) -> Verdict {
    let said: Option<Vec<bool>> = prompts::items(reply).iter().map(|item| prompts::says_yes(item)).collect();
    match said {
        Some(said) if !said.is_empty() => {
            Verdict::Graded(said.iter().filter(|&&yes| yes).count() as f64 / said.len() as f64)
        }
        _ => failed(&format!("the judge's reply is no list of items that say yes or no: {}", beginning(reply))),
    }
}

fn failed(why: &str) -> Verdict {
    Verdict::Unsettled(Unsettled::CheckerFailed(why.to_owned()))
}

/// Enough of a reply to see what it is.
fn beginning(reply: &str) -> String {
    const SHOWN: usize = 80;
    let shown: String = reply.chars().take(SHOWN).collect();
    format!("{shown:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graded(worth: &[f64], shares: &[f32]) -> f64 {
        let scores: Vec<Vec<f32>> = shares.iter().map(|share| vec![share.ln()]).collect();
        expected(worth, &scores).reward().expect("a grade")
    }

    #[test]
    fn a_grade_is_what_is_said_on_average_whatever_else_could_be_said() {
        assert!((graded(&[0.0, 1.0], &[0.1, 0.3]) - 0.75).abs() < 1e-6, "0.6 went elsewhere");
        let digits: Vec<f64> = (0..10).map(|digit| f64::from(digit) / 9.0).collect();
        let mut shares = [0.0f32; 10];
        (shares[3], shares[9]) = (0.2, 0.2);
        assert!((graded(&digits, &shares) - 6.0 / 9.0).abs() < 1e-6);
    }

    #[test]
    fn a_judge_that_can_say_nothing_settles_nothing() {
        let lost = expected(&[0.0, 1.0], &[vec![f32::NEG_INFINITY], vec![f32::NEG_INFINITY]]);
        assert!(lost.is_unsettled(), "a broken judge never scores 0");
        assert!(share(&[Some(0.5), None]).is_unsettled() && share(&[]).is_unsettled());
    }
}
