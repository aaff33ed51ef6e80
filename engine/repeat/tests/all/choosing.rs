//! What recipes teach of pools in which the right choice is known.

use nouns::{Candidate, Content, Cost, Digest, Finish, Key, Sampling, Trace, Turn, Verdict};
use repeat::Recipe;

fn recipe(name: &str) -> Recipe {
    let source = repeat::library().iter().find(|(known, _)| *known == name).expect("a recipe").1;
    repeat::read_recipe(name, source, &[]).expect(name).value
}

/// An attempt at a task that says this, trained on under the task alone.
fn said(id: &str, parent: Option<&str>, text: &str, verdict: Verdict) -> Candidate {
    let trace = Trace {
        id: id.into(),
        task: "t".into(),
        round: 1,
        sample: 0,
        model_name: "policy".into(),
        turn: 0,
        parent: parent.map(str::to_owned),
        generated_under: vec![Turn::user("a plan"), Turn::user("t")],
        trained_under: vec![Turn::user("t")],
        answer: Content::text(text),
        tokens: vec![1],
        log_probs: vec![-1.0],
        sampling: Sampling::default(),
        model: Digest::of(b"toy"),
        finish: Finish::Stop,
        cost: Cost::default(),
        episode: None,
    };
    Candidate::new(trace, verdict)
}

fn chosen(recipe: &Recipe, pool: Vec<Candidate>) -> Vec<String> {
    let choose = |pool, part: &choose::ChoosePart| part.choose(&Key::root(1).of(part.describe().name()), pool);
    recipe.choose.iter().fold(pool, choose).into_iter().map(|candidate| candidate.trace.id).collect()
}

fn wrong() -> Verdict {
    Verdict::Wrong("no".into())
}

#[test]
fn re_genesis_teaches_at_most_five_paths_a_task_all_right_whole_and_different() {
    let words = |n: usize| format!("first {n} then {} then {} so it is 7", n + 1, n * n);
    let right = |id: usize| said(&format!("path-{id}"), None, &words(id), Verdict::Right);
    let mut pool: Vec<Candidate> = (0..8).map(right).collect();
    pool.push(said("the same again", None, &words(0), Verdict::Right));
    pool.push(said("nearly the same", None, &format!("{} .", words(1)), Verdict::Right));
    pool.push(said("wrong", None, "it is 8", wrong()));
    let mut cut = said("cut off", None, "it is 7 and so on", Verdict::Right);
    cut.trace.finish = Finish::Length;
    pool.push(cut);
    let kept = chosen(&recipe("re-genesis"), pool.clone());
    assert_eq!(kept.len(), 5);
    assert!(kept.iter().all(|id| id.starts_with("path-")), "{kept:?}");
    let few = pool.into_iter().filter(|one| ["path-0", "the same again", "wrong"].contains(&one.trace.id.as_str()));
    assert_eq!(chosen(&recipe("re-genesis"), few.collect()), ["path-0"]);
}

#[test]
fn self_reads_labels_in_its_first_round_and_never_again() {
    let own = recipe("self");
    assert!(own.in_round(1).needs_oracle(), "the corpus is annotated");
    for round in 2..=own.repeat.rounds {
        assert!(!own.in_round(round).needs_oracle(), "round {round}");
    }
    let parents = [None, Some("a"), Some("a/critique"), Some("a/critique/rewrite-0")];
    let ids = ["a", "a/critique", "a/critique/rewrite-0", "a/critique/rewrite-0/critique"];
    let unsettled = Verdict::Unsettled(nouns::Unsettled::NoReference);
    let verdicts = [wrong(), unsettled.clone(), Verdict::Right, unsettled];
    let pool = ids.iter().zip(parents).zip(verdicts).map(|((id, parent), verdict)| said(id, parent, id, verdict));
    assert_eq!(chosen(&own, pool.collect()), ["a/critique/rewrite-0"], "what its own critique finds right");
}

#[test]
fn auto_math_critique_teaches_right_answers_and_one_mended_one_but_no_critique() {
    let own = recipe("auto-math-critique");
    let pool = vec![
        said("a", None, "7", Verdict::Right),
        said("b", None, "6", wrong()),
        said("b/critique", Some("b"), "The sum is off: no", Verdict::Right),
        said("b/critique/rewrite-0", Some("b/critique"), "8", wrong()),
        said("b/critique/rewrite-1", Some("b/critique"), "it is 7", Verdict::Right),
        said("b/critique/rewrite-2", Some("b/critique"), "again 7", Verdict::Right),
    ];
    assert_eq!(chosen(&own, pool.clone()), ["a", "b/critique/rewrite-1"]);
    let critic = &own.models["critic"];
    let of_critic = Recipe { choose: critic.choose.clone(), ..own.clone() };
    assert_eq!(chosen(&of_critic, pool), ["b/critique"]);
}
