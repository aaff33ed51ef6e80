//! A model as the judge of answers.
//!
//! Six ways of reading a grade are one part, because they share everything else: whom to ask, the
//! template, what is unsettled. Three read the probabilities of a fixed reply (`yes`, `digit`,
//! `pairwise`): one forward pass, a smooth grade, but only of a model whose tokens can be scored.
//! Three read a reply (`score`, `list`, `json`), which any model can give, a remote one too. What
//! cannot be read is unsettled and never 0, since a judge that fails on long answers would
//! otherwise teach shortness.
use std::collections::HashMap;
use std::sync::Arc;

use faults::Outcome;
use nouns::{Check, Generate, Prompt, Sampling, Stage, Task, Trace, Turn, Unsettled, Verdict};
use prompts::Template;
use serde::{Deserialize, Serialize};

use crate::grants::{CheckFault, CheckerSettings, Grants};
use crate::reading::{expected, listed, scored, share};

recipe::part! {
    /// Asks a model to grade an answer (LLM as a judge). The grade, from 0 to 1, is read from its
    /// reply, or from the probabilities of its possible replies. A reply without a grade leaves the
    /// attempt unsettled.
    pub struct Judge = "judge", version 2 {
        /// The model that is asked, by its name in the recipe: `policy`, `base`, or one of
        /// `[models]`.
        pub model: String = "policy".into(), "ours: itself";
        /// How the grade is read: off probabilities (`yes`, `digit`, `pairwise`), or off a reply
        /// (`score`, `list`, `json`).
        pub by: Reading = Reading::Yes, "Kadavath et al. 2022, arXiv 2207.05221, section 3: the probability of being right";
        /// The question in Jinja, or `{ file = "PATH" }`; `question` and `answer` stand for the
        /// task and the answer, by `pairwise` `first` and `second` for two answers, and `by`,
        /// `lowest`, `highest` and `field` for these settings.
        pub prompt: Template = Template::known(QUESTION), "ours";
        /// The lower end of the scale of a score, or of a number in a field.
        pub lowest: f64 = 1.0, "Zheng et al. 2023, arXiv 2306.05685, figure 6: from 1";
        /// Its upper end.
        pub highest: f64 = 10.0, "Zheng et al. 2023, arXiv 2306.05685, figure 6: to 10";
        /// The field of a JSON object that is read; `a.b` reaches into objects. A number on the
        /// scale, or true or false.
        pub field: String = "score".into(), "ours";
        /// By `pairwise`, each answer is compared with this many answers before it and after it in
        /// its group, in both orders.
        pub neighbours: usize = 2, "ours";
        /// Tokens of a reply, at most.
        pub max_tokens: u32 = 256, "ours";
        /// Softmax temperature of a reply.
        pub temperature: f32 = 0.0, "Zheng et al. 2023, arXiv 2306.05685, section 4: greedy";
    }
}

const QUESTION: &str = "\
Question:
{{ question }}

{% if by == 'pairwise' %}Answer A:
{{ first }}

Answer B:
{{ second }}{% else %}Answer:
{{ answer }}{% endif %}

{% if by == 'yes' %}Is the answer right? Say Yes or No.
{%- elif by == 'digit' %}How good is the answer, from 0 (useless) to 9 (perfect)? Say one digit.
{%- elif by == 'pairwise' %}Which answer is better? Say A or B.
{%- elif by == 'score' %}How good is the answer? Give your reasons, and at the end a score from {{ lowest }} (useless) to \
{{ highest }} (perfect), as: Score: N
{%- elif by == 'list' %}What does a good answer need here? List it, one requirement a line, each ending in yes if this answer has \
it and in no if not.
{%- else %}How good is the answer? Reply with a JSON object whose field {{ field }} is a number from {{ lowest }} to {{ highest }}.
{%- endif %}";

/// How a judge's grade is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reading {
    /// The probability of `Yes` beside that of `No`.
    Yes,
    /// The expected digit from 0 to 9, over 9 (Liu et al. 2023, arXiv 2303.16634, equation 1).
    Digit,
    /// How probably it is better than another answer to the task: the mean over some others, and
    /// over both orders, so that a judge that prefers what comes first prefers nothing (Zheng et
    /// al. 2023, arXiv 2306.05685, section 3.4).
    Pairwise,
    /// The last number of a reply, on the scale.
    Score,
    /// The share of the items of a list in a reply that say yes.
    List,
    /// A field of a JSON object in a reply.
    Json,
}

impl Reading {
    /// What the judge could say, and what each is worth; nothing where its reply is read.
    fn words(self) -> Vec<(String, f64)> {
        match self {
            Reading::Yes => vec![("No".into(), 0.0), ("Yes".into(), 1.0)],
            Reading::Digit => (0..10).map(|digit| (digit.to_string(), f64::from(digit) / 9.0)).collect(),
            Reading::Pairwise => vec![("B".into(), 0.0), ("A".into(), 1.0)],
            Reading::Score | Reading::List | Reading::Json => Vec::new(),
        }
    }

    /// Whether it is read off probabilities, which takes a model with tokens.
    fn reads_probabilities(self) -> bool {
        matches!(self, Reading::Yes | Reading::Digit | Reading::Pairwise)
    }

    fn shows(self) -> &'static [&'static str] {
        if self == Reading::Pairwise { &["first", "second"] } else { &["answer"] }
    }
}

impl CheckerSettings for Judge {
    fn build(&self, grants: &Grants) -> Result<Box<dyn Check>, CheckFault> {
        Ok(Box::new(self.asker(grants.answering("judge", &self.model)?)?))
    }

    fn votes(&self) -> bool {
        self.by == Reading::Pairwise
    }

    fn models(&self) -> Vec<&str> {
        vec![&self.model]
    }

    fn models_with_tokens(&self) -> Vec<&str> {
        if self.by.reads_probabilities() { vec![&self.model] } else { Vec::new() }
    }
}

/// [`Judge`] with the model that is asked.
pub(crate) struct Asker {
    part: Judge,
    model: Arc<dyn Generate>,
}

impl Judge {
    /// The judge that asks this model, if its prompt shows what is judged, and the model says what
    /// is read.
    fn asker(&self, model: Arc<dyn Generate>) -> Result<Asker, CheckFault> {
        self.prompt.must_show(self.by.shows()).map_err(|fault| CheckFault::Prompt("judge", fault))?;
        if self.by.reads_probabilities() && model.as_policy().is_none() {
            return Err(CheckFault::NoTokens { part: "judge", model: self.model.clone() });
        }
        Ok(Asker { part: self.clone(), model })
    }
}

impl Check for Asker {
    fn check(&self, stage: &Stage, tasks: &[Task], traces: &[Trace]) -> Outcome<Vec<Verdict>> {
        let by_id: HashMap<&str, &Task> = tasks.iter().map(|task| (task.id.as_str(), task)).collect();
        let of = |trace: &Trace| by_id.get(trace.task.as_str()).copied();
        match self.part.by {
            Reading::Pairwise => self.compared(stage, &of, traces),
            Reading::Yes | Reading::Digit => {
                let asked = traces.iter().map(|trace| self.about(of(trace), trace)).collect::<Outcome<Vec<_>>>()?;
                let grades = self.said(stage, &asked)?;
                let unknown = || Verdict::Unsettled(Unsettled::NoReference);
                Ok(grades.into_iter().map(|grade| grade.unwrap_or_else(unknown)).collect())
            }
            Reading::Score | Reading::List | Reading::Json => self.replied(stage, &of, traces),
        }
    }
}

/// The task of an attempt, where it is known.
type Of<'a> = dyn Fn(&Trace) -> Option<&'a Task> + 'a;

impl Asker {
    /// What is asked about an answer; nothing about a task that is not there.
    fn about(&self, task: Option<&Task>, trace: &Trace) -> Outcome<Option<Vec<Turn>>> {
        let Some(task) = task else { return Ok(None) };
        self.asked(task, &[("answer", &trace.text())]).map(Some)
    }

    fn asked(&self, task: &Task, more: &[(&str, &str)]) -> Outcome<Vec<Turn>> {
        let (question, part) = (task.prompt_text(), &self.part);
        let (lowest, highest) = (part.lowest.to_string(), part.highest.to_string());
        let by = recipe::plain_value(&recipe::values_of(&part.by));
        let known = [
            ("question", &question[..]),
            ("by", by.trim_matches('"')),
            ("lowest", &lowest),
            ("highest", &highest),
            ("field", &part.field),
        ];
        Ok(vec![task.question(part.prompt.fill(&[&known, more].concat())?)])
    }

    /// What would be said on average to each question, among the words that could be said; none
    /// where nothing was asked.
    fn said(&self, stage: &Stage, asked: &[Option<Vec<Turn>>]) -> Outcome<Vec<Option<Verdict>>> {
        let Some(model) = self.model.as_policy() else {
            return Err(CheckFault::NoTokens { part: "judge", model: self.part.model.clone() }.into());
        };
        let encode = |asked: &Option<Vec<Turn>>| asked.as_ref().map(|asked| model.encode(asked)).transpose();
        let asked = asked.iter().map(encode).collect::<Outcome<Vec<Option<Vec<u32>>>>>()?;
        let words = self.part.by.words();
        let worth: Vec<f64> = words.iter().map(|(_, worth)| *worth).collect();
        let words: Vec<Vec<u32>> = words.iter().map(|(word, _)| model.encode_fragment(word)).collect();
        let items =
            asked.iter().flatten().flat_map(|context| words.iter().map(|word| (context.as_slice(), word.as_slice())));
        let scores = model.score(&items.collect::<Vec<_>>(), stage.progress)?;
        let mut grades = scores.chunks(words.len()).map(|scores| expected(&worth, scores));
        Ok(asked.iter().map(|asked| asked.as_ref().and_then(|_| grades.next())).collect())
    }

    /// Every answer beside some others to its task, both ways round.
    fn compared(&self, stage: &Stage, of: &Of, traces: &[Trace]) -> Outcome<Vec<Verdict>> {
        let pairs = pairs(traces, self.part.neighbours);
        let mut asked = Vec::with_capacity(2 * pairs.len());
        for &(one, other) in &pairs {
            for (first, second) in [(one, other), (other, one)] {
                let (one, other) = (traces[first].text(), traces[second].text());
                let shown = [("first", one.as_ref()), ("second", other.as_ref())];
                asked.push(of(&traces[first]).map(|task| self.asked(task, &shown)).transpose()?);
            }
        }
        let said = self.said(stage, &asked)?;
        let mut worth: Vec<Vec<Option<f64>>> = vec![Vec::new(); traces.len()];
        for (&(one, other), said) in pairs.iter().zip(said.chunks(2)) {
            let ahead = |place: usize| said[place].as_ref().and_then(Verdict::reward);
            let better = ahead(0).zip(ahead(1)).map(|(one, other)| (one + 1.0 - other) / 2.0);
            worth[one].push(better);
            worth[other].push(better.map(|share| 1.0 - share));
        }
        Ok(worth.iter().map(|shares| share(shares)).collect())
    }

    /// What is read of the replies.
    fn replied(&self, stage: &Stage, of: &Of, traces: &[Trace]) -> Outcome<Vec<Verdict>> {
        let (mut prompts, mut known) = (Vec::new(), Vec::with_capacity(traces.len()));
        for trace in traces {
            let asked = self.about(of(trace), trace)?;
            known.push(asked.is_some());
            let (temperature, max_tokens) = (self.part.temperature, self.part.max_tokens);
            let sampling = Sampling { temperature, max_tokens, ..Sampling::default() };
            let key = stage.key.of("judge").of(&trace.id);
            prompts.extend(asked.map(|turns| Prompt { turns, sampling, key }));
        }
        let replies = self.model.generate(&prompts, stage.progress)?;
        let mut read = replies.iter().map(|reply| self.read(&reply.content.as_text()));
        let unknown = || Verdict::Unsettled(Unsettled::NoReference);
        Ok(known.into_iter().map(|known| known.then(|| read.next()).flatten().unwrap_or_else(unknown)).collect())
    }

    fn read(&self, reply: &str) -> Verdict {
        let Judge { lowest, highest, .. } = self.part;
        match self.part.by {
            Reading::List => listed(reply),
            Reading::Json => {
                let found = prompts::field(reply, &self.part.field);
                let number = found.as_ref().and_then(|value| match value {
                    serde_json::Value::Bool(yes) => Some(if *yes { highest } else { lowest }),
                    other => other.as_f64(),
                });
                scored(number, lowest, highest, reply)
            }
            _ => scored(prompts::number(reply, lowest, highest), lowest, highest, reply),
        }
    }
}

/// The pairs of attempts at one task that are compared: each with the next
/// `neighbours` of its group, in a ring.
fn pairs(traces: &[Trace], neighbours: usize) -> Vec<(usize, usize)> {
    let mut groups: HashMap<&str, Vec<usize>> = HashMap::new();
    traces.iter().enumerate().for_each(|(place, trace)| groups.entry(&trace.task).or_default().push(place));
    let mut pairs = Vec::new();
    for group in groups.values() {
        for (place, &one) in group.iter().enumerate() {
            let others = (1..=neighbours.min(group.len() / 2)).map(|step| group[(place + step) % group.len()]);
            pairs.extend(others.filter(|&other| other != one).map(|other| (one.min(other), one.max(other))));
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

#[cfg(test)]
mod tests {
    use nouns::{
        Completion, Content, Cost, Digest, Finish, Key, Policy, Progress, Reply, Request, Silent, generate_by_tokens,
    };

    use super::*;

    /// A model whose tokens are letters, which replies one thing and finds `better` words likely
    /// after what ends in that.
    struct Toy {
        reply: &'static str,
        /// How likely it finds a word after a question.
        likes: fn(&str, &str) -> f32,
    }

    impl Generate for Toy {
        fn digest(&self) -> Digest {
            Digest::of(b"toy")
        }
        fn generate(&self, prompts: &[Prompt], progress: &dyn Progress) -> Outcome<Vec<Reply>> {
            generate_by_tokens(self, prompts, progress)
        }
        fn as_policy(&self) -> Option<&dyn Policy> {
            Some(self)
        }
    }

    /// A model over the network, say: it answers, and has no tokens of ours.
    struct Words(&'static str);

    impl Generate for Words {
        fn digest(&self) -> Digest {
            Digest::of(b"words")
        }
        fn generate(&self, prompts: &[Prompt], _: &dyn Progress) -> Outcome<Vec<Reply>> {
            let reply = Reply { content: Content::text(self.0), finish: Finish::Stop, cost: Cost::default() };
            Ok(vec![reply; prompts.len()])
        }
    }

    impl Policy for Toy {
        fn encode(&self, context: &[Turn]) -> Outcome<Vec<u32>> {
            Ok(context
                .iter()
                .flat_map(|turn| turn.content.as_text().chars().map(u32::from).collect::<Vec<_>>())
                .collect())
        }
        fn encode_fragment(&self, text: &str) -> Vec<u32> {
            text.chars().map(u32::from).collect()
        }
        fn decode(&self, tokens: &[u32]) -> Content {
            Content::text(tokens.iter().filter_map(|&token| char::from_u32(token)).collect::<String>())
        }
        fn context_length(&self) -> usize {
            4096
        }
        fn sample(&self, requests: &[Request], _: &dyn Progress) -> Outcome<Vec<Completion>> {
            let tokens = self.encode_fragment(self.reply);
            let (log_probs, finish, cost) = (vec![0.0; tokens.len()], Finish::Stop, Cost::default());
            Ok(requests
                .iter()
                .map(|_| Completion { tokens: tokens.clone(), log_probs: log_probs.clone(), finish, cost })
                .collect())
        }
        fn score(&self, items: &[(&[u32], &[u32])], _: &dyn Progress) -> Outcome<Vec<Vec<f32>>> {
            Ok(items
                .iter()
                .map(|(context, word)| vec![(self.likes)(&self.decode_text(context), &self.decode_text(word)).ln()])
                .collect())
        }
    }

    fn trace(sample: u32, response: &str) -> Trace {
        Trace {
            id: format!("1/sum/{sample}"),
            task: "sum".into(),
            round: 1,
            sample,
            model_name: "policy".into(),
            turn: 0,
            parent: None,
            generated_under: Vec::new(),
            trained_under: Vec::new(),
            answer: response.into(),
            tokens: Vec::new(),
            log_probs: Vec::new(),
            sampling: Sampling::default(),
            model: Digest::of(b"model"),
            finish: Finish::Stop,
            cost: Cost::default(),
            episode: None,
        }
    }

    fn judged(part: Judge, model: impl Generate + 'static, answers: &[&str]) -> Vec<Option<f64>> {
        let task = Task { id: "sum".into(), ..worlds_task() };
        let stage = Stage { round: 1, key: Key::root(1), progress: &Silent };
        let traces: Vec<Trace> = answers.iter().enumerate().map(|(n, answer)| trace(n as u32, answer)).collect();
        let verdicts = part.asker(Arc::new(model)).expect("a judge").check(&stage, &[task], &traces).expect("verdicts");
        verdicts.iter().map(Verdict::reward).collect()
    }

    fn worlds_task() -> Task {
        let world = sources::find("arithmetic", &sources::Options::default()).expect("a world");
        world.read("2 + 2").expect("a task")
    }

    const SILENT: fn(&str, &str) -> f32 = |_, _| 0.5;

    #[test]
    fn a_judge_that_prefers_what_comes_first_prefers_nothing_and_one_that_knows_ranks() {
        let pairwise = || Judge { by: Reading::Pairwise, ..Judge::default() };
        let first: fn(&str, &str) -> f32 = |_, word| if word == "A" { 0.9 } else { 0.1 };
        let grades = judged(pairwise(), Toy { reply: "", likes: first }, &["3", "4", "5"]);
        assert!(grades.iter().all(|grade| grade.is_some_and(|grade| (grade - 0.5).abs() < 1e-6)), "{grades:?}");

        let knows: fn(&str, &str) -> f32 =
            |asked, word| match (asked.contains("Answer A:\n4"), asked.contains("Answer B:\n4"), word) {
                (true, false, "A") | (false, true, "B") => 0.8,
                (true, false, _) | (false, true, _) => 0.2,
                _ => 0.5,
            };
        let grades = judged(pairwise(), Toy { reply: "", likes: knows }, &["3", "4", "5"]);
        let wanted = [0.35, 0.8, 0.35];
        assert!(
            grades.iter().zip(wanted).all(|(grade, wanted)| (grade.expect("a grade") - wanted).abs() < 1e-6),
            "{grades:?}"
        );
        assert_eq!(judged(pairwise(), Toy { reply: "", likes: knows }, &["4"]), [None], "nothing to compare it with");
    }

    #[test]
    fn replies_are_read_and_what_does_not_say_it_settles_nothing() {
        let read = |by, reply| judged(Judge { by, ..Judge::default() }, Toy { reply, likes: SILENT }, &["4"])[0];
        assert_eq!(read(Reading::Score, "It is right. Score: 10"), Some(1.0));
        assert_eq!(read(Reading::Score, "Score: 5.5"), Some(0.5));
        assert_eq!(read(Reading::Json, "{\"score\": 1}"), Some(0.0));
        assert_eq!(read(Reading::Json, "{\"score\": true}"), Some(1.0));
        assert_eq!(read(Reading::List, "1. a number: yes\n2. units: no"), Some(0.5));
        let lost = [(Reading::Score, "Great!"), (Reading::Score, "42"), (Reading::Json, "{}"), (Reading::List, "yes")];
        assert!(lost.into_iter().all(|(by, reply)| read(by, reply).is_none()));
    }

    #[test]
    fn a_model_without_tokens_is_asked_for_replies_and_refused_for_probabilities() {
        let judge = |by| Judge { by, ..Judge::default() };
        assert_eq!(judged(judge(Reading::Score), Words("Score: 10"), &["4"]), [Some(1.0)]);
        let refused = judge(Reading::Yes).asker(Arc::new(Words("Yes"))).map(drop).expect_err("it has no probabilities");
        assert!(matches!(refused, CheckFault::NoTokens { .. }), "{refused}");
    }

    #[test]
    fn a_prompt_of_ones_own_must_show_what_is_judged() {
        let asker = |prompt: &str, by| {
            let prompt = Template::new(prompt).expect("Jinja");
            Judge { prompt, by, ..Judge::default() }.asker(Arc::new(Toy { reply: "", likes: SILENT }))
        };
        assert!(asker("Right? {{ answer }}", Reading::Yes).is_ok());
        assert!(asker("Right? {answer}", Reading::Yes).is_err(), "that is no Jinja");
        assert!(asker("Right? {{ answer }}", Reading::Pairwise).is_err(), "there are two");
    }

    #[test]
    fn our_own_prompt_asks_for_what_is_read() {
        let asked = |by: Reading, more: &[(&str, &str)]| {
            let asker =
                Judge { by, ..Judge::default() }.asker(Arc::new(Toy { reply: "", likes: SILENT })).expect("a judge");
            asker.asked(&worlds_task(), more).expect("a question")[0].content.as_text().into_owned()
        };
        let one = [("answer", "4")];
        assert!(asked(Reading::Yes, &one).ends_with("Answer:\n4\n\nIs the answer right? Say Yes or No."));
        assert!(asked(Reading::Digit, &one).ends_with("Say one digit."));
        assert!(asked(Reading::Score, &one).ends_with("a score from 1 (useless) to 10 (perfect), as: Score: N"));
        assert!(asked(Reading::Json, &one).ends_with("whose field score is a number from 1 to 10."));
        let two = asked(Reading::Pairwise, &[("first", "4"), ("second", "5")]);
        assert!(two.contains("Answer A:\n4\n\nAnswer B:\n5\n\n") && two.ends_with("Say A or B."), "{two}");
    }
}
