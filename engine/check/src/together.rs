//! Several checkers that give one verdict.

use faults::Outcome;
use nouns::{Check, Component, Digest, Judgement, Stage, Task, Trace, Unsettled, Verdict};

/// Several checkers together. One that could not tell leaves the whole unsettled, whatever the
/// others say.
pub struct Together {
    pub(crate) members: Vec<Member>,
    pub(crate) rule: Rule,
    /// What the mean of the verdicts is.
    pub(crate) metric: &'static str,
}

/// One of them.
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) weight: f64,
    pub(crate) check: Box<dyn Check>,
}

/// How the verdicts of several checkers become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Wrong if one says so. Else the mean of the grades, if there are any; else right.
    Every,
    /// The sum of the rewards, each times its weight.
    Sum,
}

impl Check for Together {
    fn check(&self, stage: &Stage, tasks: &[Task], traces: &[Trace]) -> Outcome<Vec<Verdict>> {
        Ok(self.judge(stage, tasks, traces)?.into_iter().map(|judgement| judgement.verdict).collect())
    }

    fn judge(&self, stage: &Stage, tasks: &[Task], traces: &[Trace]) -> Outcome<Vec<Judgement>> {
        if let ([alone], Rule::Every) = (&self.members[..], self.rule) {
            return alone.check.judge(stage, tasks, traces);
        }
        let columns = self.members.iter().map(|member| member.check.check(stage, tasks, traces));
        let columns = columns.collect::<Outcome<Vec<_>>>()?;
        let component = |(member, column): (&Member, &Vec<Verdict>), row: usize| Component {
            name: member.name.clone(),
            weight: member.weight,
            verdict: column[row].clone(),
        };
        let judged = |row: usize| {
            let components: Vec<Component> =
                self.members.iter().zip(&columns).map(|pair| component(pair, row)).collect();
            Judgement { verdict: self.rule.together(&components), components }
        };
        Ok((0..traces.len()).map(judged).collect())
    }

    fn outside(&self) -> Option<Digest> {
        let digests: Vec<String> =
            self.members.iter().filter_map(|member| Some(member.check.outside()?.to_string())).collect();
        (!digests.is_empty()).then(|| Digest::of_fields(digests.iter().map(|digest| digest.as_bytes())))
    }

    fn metric(&self) -> &'static str {
        self.metric
    }
}

impl Rule {
    fn together(self, components: &[Component]) -> Verdict {
        let find = |wanted: fn(&Verdict) -> bool| components.iter().find(|one| wanted(&one.verdict));
        if let Some(lost) = find(Verdict::is_unsettled) {
            return lost.verdict.clone();
        }
        let rewards = components.iter().filter_map(|one| Some(one.weight * one.verdict.reward()?));
        match (self, find(|verdict| verdict.is_right() == Some(false)), grades(components)) {
            (Rule::Sum, ..) => Verdict::Graded(rewards.sum()),
            (Rule::Every, _, _) if components.is_empty() => Verdict::Unsettled(Unsettled::NoReference),
            (Rule::Every, Some(wrong), _) => wrong.verdict.clone(),
            (Rule::Every, None, grades) if grades.is_empty() => Verdict::Right,
            (Rule::Every, None, grades) => Verdict::Graded(grades.iter().sum::<f64>() / grades.len() as f64),
        }
    }
}

fn grades(components: &[Component]) -> Vec<f64> {
    let grade = |one: &Component| match one.verdict {
        Verdict::Graded(grade) => Some(grade),
        _ => None,
    };
    components.iter().filter_map(grade).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn together(rule: Rule, verdicts: &[(f64, Verdict)]) -> Verdict {
        let component = |(weight, verdict): &(f64, Verdict)| Component {
            name: "toy".into(),
            weight: *weight,
            verdict: verdict.clone(),
        };
        rule.together(&verdicts.iter().map(component).collect::<Vec<_>>())
    }

    #[test]
    fn a_list_is_right_if_all_are_and_graded_by_the_mean_of_the_grades() {
        let list = |verdicts: &[Verdict]| {
            together(Rule::Every, &verdicts.iter().map(|verdict| (1.0, verdict.clone())).collect::<Vec<_>>())
        };
        let (right, wrong) = (Verdict::Right, Verdict::Wrong("no".into()));
        assert_eq!(list(&[right.clone(), right.clone()]), right);
        assert_eq!(list(&[right.clone(), wrong.clone()]), wrong);
        assert_eq!(list(&[Verdict::Graded(0.9), wrong.clone()]), wrong, "a grade makes nothing wrong right");
        assert_eq!(list(&[right, Verdict::Graded(0.25), Verdict::Graded(0.75)]), Verdict::Graded(0.5));
    }

    #[test]
    fn weights_count_and_one_that_is_unsettled_leaves_the_whole_so() {
        let weighed = [(1.0, Verdict::Right), (0.5, Verdict::Graded(0.5)), (2.0, Verdict::Wrong("no".into()))];
        assert_eq!(together(Rule::Sum, &weighed), Verdict::Graded(1.25));
        let lost = Verdict::Unsettled(Unsettled::CheckerFailed("gone".into()));
        for rule in [Rule::Sum, Rule::Every] {
            let with = [(1.0, Verdict::Right), (0.0, lost.clone()), (1.0, Verdict::Wrong("no".into()))];
            assert_eq!(together(rule, &with), lost);
        }
    }
}
