//! Refinement chains.

use std::sync::{Arc, Mutex};

use faults::Outcome;
use nouns::{Answerers, Content, Cost, Digest, Finish, Generate, Progress, Prompt, Reply, Role, Trace};

use crate::toy::{Counting, NoCheck, attempt, attempt_among, part, policy, tasks};

/// Short turns, so that several fit the toy's context.
const CHAIN: &str = r#"{"refine": {"rounds": 2, "max_tokens": 8, "critique": "x", "revise": "x", "keep_all": true}}"#;

#[test]
fn every_answer_is_given_in_view_of_the_last_and_of_what_was_wrong_with_it() {
    let counting = Counting::new();
    let (traces, _) = attempt(&part(CHAIN), &counting, &tasks(4));
    assert_eq!(traces.len(), 4 * 3, "two answers anew each: nothing says that it is done");
    let paid: u64 = traces.iter().map(|trace| trace.cost.generated_tokens).sum();
    assert_eq!(paid, *counting.tokens.lock().expect("done"), "critiques are paid too");
    for chain in traces.chunks(3) {
        assert_eq!([0, 1, 2].map(|at| chain[at].turn), [2, 1, 0], "the last answer comes first");
        assert!(chain.windows(2).all(|two| two[0].parent.as_deref() == Some(two[1].id.as_str())));
        for (newer, older) in chain.iter().zip(&chain[1..]) {
            let spoken: Vec<&str> = newer
                .generated_under
                .iter()
                .filter(|turn| turn.role == Role::Assistant)
                .map(|turn| {
                    let nouns::Part::Text(text) = &turn.content.0[0] else { panic!("{turn:?}") };
                    text.as_str()
                })
                .collect();
            assert_eq!(spoken[spoken.len() - 2], older.text(), "the answer, and behind it the critique");
            assert_eq!(newer.trained_under, older.trained_under, "the task alone");
        }
    }
}

#[test]
fn a_chain_ends_where_nothing_is_found_wrong_or_the_budget_is_spent() {
    let (policy, tasks) = (policy(), tasks(6));
    // Some word of the language that the toy says by chance.
    let satisfied = attempt(&part(&CHAIN.replace("\"rounds\"", "\"done\": \";\", \"rounds\"")), &policy, &tasks).0;
    let all = attempt(&part(CHAIN), &policy, &tasks).0;
    assert!(satisfied.len() < all.len() && satisfied.len() >= tasks.len());
    let bound = attempt(&part(&CHAIN.replace("\"rounds\"", "\"budget\": 1, \"rounds\"")), &policy, &tasks).0;
    assert_eq!(bound.len(), tasks.len(), "one answer each, and nothing more is begun");
}

#[test]
fn a_chain_does_not_depend_on_those_beside_it() {
    let (policy, tasks) = (policy(), tasks(5));
    let together = attempt(&part(CHAIN), &policy, &tasks).0;
    let alone = tasks.iter().flat_map(|task| attempt(&part(CHAIN), &policy, std::slice::from_ref(task)).0);
    assert_eq!(alone.collect::<Vec<_>>(), together);
}

/// A critic over the network, say: it has words and no tokens, and keeps what it was asked.
struct Critic {
    says: &'static str,
    heard: Mutex<Vec<String>>,
}

impl Generate for Critic {
    fn digest(&self) -> Digest {
        Digest::of(self.says.as_bytes())
    }

    fn generate(&self, prompts: &[Prompt], _: &dyn Progress) -> Outcome<Vec<Reply>> {
        let asked = prompts.iter().filter_map(|prompt| prompt.turns.last()).map(|turn| turn.content.to_string());
        self.heard.lock().expect("one at a time").extend(asked);
        let cost = Cost { generated_tokens: 5, ..Cost::default() };
        Ok(vec![Reply { content: Content::text(self.says), finish: Finish::Stop, cost }; prompts.len()])
    }
}

fn criticised(says: &'static str) -> (Vec<Trace>, Vec<String>) {
    let critic = Arc::new(Critic { says, heard: Mutex::default() });
    let models = Answerers::from([("critic".to_owned(), critic.clone() as Arc<dyn Generate>)]);
    let part = part(
        r#"{"refine": {"rounds": 1, "max_tokens": 8, "critic": "critic", "critique": "{{ answer }}",
            "revise": "{{ critique }}"}}"#,
    );
    let traces = attempt_among(&part, &policy(), &models, &NoCheck, &tasks(3), Vec::new()).expect("traces").0;
    let heard = critic.heard.lock().expect("done").clone();
    (traces, heard)
}

#[test]
fn another_model_criticises_in_words_and_its_words_reach_the_reviser() {
    let (traces, heard) = criticised("x ;");
    assert_eq!((traces.len(), heard.len()), (3, 3));
    for (trace, heard) in traces.iter().zip(&heard) {
        let [.., answer, question, critique, revise] = &trace.generated_under[..] else { panic!("{trace:?}") };
        assert_eq!(answer.content.to_string(), *heard, "it is shown the answer");
        assert_eq!(question.content.to_string(), *heard);
        assert_eq!((critique.content.to_string(), revise.content.to_string()), ("x ;".into(), "x ;".into()));
        assert!(trace.cost.generated_tokens >= 5, "its words are paid too");
    }
    let (content, _) = criticised("Nothing, it is right.");
    assert!(content.iter().all(|trace| trace.turn == 0), "nothing is wrong: the first answer stays");
}

#[test]
fn a_critic_that_is_not_there_is_named() {
    let part = part(r#"{"refine": {"critic": "teacher"}}"#);
    let fault = attempt_among(&part, &policy(), &Answerers::new(), &NoCheck, &tasks(1), Vec::new()).expect_err("none");
    assert_eq!(fault.to_string(), "no model is called `teacher`");
}
