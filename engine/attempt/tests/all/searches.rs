//! Trees, whatever grew them.

use nouns::{Finish, Node, Policy};

use crate::toy::{Counting, attempt, part, policy, tasks, world};

/// Every search, in a few forms.
const SEARCHES: [&str; 12] = [
    r#"{"ranked": {"n": 6}}"#,
    r#"{"ranked": {"n": 6, "decide": "majority", "keep_all": true}}"#,
    r#"{"tree": {"branch": 3, "keep": 2, "temperature": 1.0}}"#,
    r#"{"tree": {"branch": 3, "keep": 2, "value": "vote-prompt", "value_samples": 2, "step_tokens": 6}}"#,
    r#"{"tree": {"order": "depth", "branch": 2, "depth": 6, "answers": 2, "value": "mean-likelihood", "keep_all": true}}"#,
    r#"{"monte_carlo": {"iterations": 6, "value": "mean-likelihood", "temperature": 1.0}}"#,
    r#"{"monte_carlo": {"iterations": 6, "value": "value-prompt", "rule": "puct", "roll_forward": 1}}"#,
    r#"{"monte_carlo": {"iterations": 8, "value": "oracle", "rule": "uct", "gate_stops": false}}"#,
    r#"{"tree": {"budget": 60, "temperature": 1.0}}"#,
    r#"{"ranked": {"n": 40, "budget": 200, "value": "mean-likelihood"}}"#,
    r#"{"tree": {"branch": 3, "keep": 2, "temperature": 1.0, "ends": "critic", "depth": 3}}"#,
    r#"{"monte_carlo": {"iterations": 4, "value": "mean-likelihood", "ends": "answer", "temperature": 1.0}}"#,
];

/// The text of the route to a node.
fn route(tree: &[Node], mut at: usize) -> Vec<usize> {
    let mut route = vec![at];
    while let Some(parent) = tree[at].parent {
        at = parent as usize;
        route.push(at);
    }
    route.reverse();
    route
}

#[test]
fn a_tree_does_not_depend_on_those_beside_it() {
    let policy = policy();
    let tasks = tasks(5);
    for search in SEARCHES.map(part) {
        let together = attempt(&search, &policy, &tasks);
        for (place, task) in tasks.iter().enumerate() {
            let (traces, trees) = attempt(&search, &policy, std::slice::from_ref(task));
            let same: Vec<_> = together.0.iter().filter(|trace| trace.task == task.id).cloned().collect();
            assert_eq!((&traces, &trees[0]), (&same, &together.1[place]), "{search:?}");
        }
        let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
        assert_eq!(one_thread.install(|| attempt(&search, &policy, &tasks)), together, "{search:?}");
    }
}

#[test]
fn every_generated_token_is_paid_for() {
    for search in SEARCHES.map(part) {
        let counting = Counting::new();
        let (traces, _) = attempt(&search, &counting, &tasks(4));
        let paid: u64 = traces.iter().map(|trace| trace.cost.generated_tokens).sum();
        assert_eq!(paid, *counting.tokens.lock().expect("done"), "{search:?}");
    }
}

#[test]
fn the_answer_lies_on_the_route_and_its_tokens_are_those_that_were_drawn() {
    let policy = policy();
    for search in SEARCHES.map(part) {
        let (traces, trees) = attempt(&search, &policy, &tasks(3));
        for tree in &trees {
            let answer = traces.iter().find(|trace| trace.id == tree[0].tree).expect("a trace of the tree's name");
            let end = tree.iter().rposition(|node| node.route).expect("a route");
            let marked: Vec<usize> = (0..tree.len()).filter(|&at| tree[at].route).collect();
            assert_eq!(route(tree, end), marked, "{search:?}");
            let tokens: Vec<u32> = marked.iter().flat_map(|&at| tree[at].tokens.clone()).collect();
            let log_probs: Vec<f32> = marked.iter().flat_map(|&at| tree[at].log_probs.clone()).collect();
            assert_eq!((&tokens, &log_probs), (&answer.tokens, &answer.log_probs), "{search:?}");
            // Cut into steps or not: the log-probabilities are those of the whole answer, to the last bit.
            let context = policy.encode(&answer.generated_under).expect("tokens");
            let scored = policy.score(&[(&context, &answer.tokens)], &nouns::Silent).expect("scores").remove(0);
            let bits = |numbers: &[f32]| numbers.iter().map(|number| number.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&scored), bits(&answer.log_probs), "{search:?}");
        }
    }
}

#[test]
fn parents_come_before_children_and_siblings_differ() {
    let policy = policy();
    for search in SEARCHES.map(part) {
        for tree in attempt(&search, &policy, &tasks(3)).1 {
            assert!(tree.iter().enumerate().all(|(at, node)| node.number as usize == at));
            assert!(tree[1..].iter().all(|node| node.parent.is_some_and(|parent| parent < node.number)));
            assert!(
                tree.iter().all(|node| node.finish.is_none() || tree.iter().all(|n| n.parent != Some(node.number)))
            );
            let whole = matches!(search, attempt::AttemptPart::Ranked(_));
            for node in tree[1..].iter().filter(|node| !node.rollout && !whole) {
                let twins = tree
                    .iter()
                    .filter(|other| !other.rollout && other.parent == node.parent && other.tokens == node.tokens);
                // The greedy completion of the answer may repeat a step that was drawn.
                assert!(twins.count() == 1 || node.route, "{search:?}: {node:?}");
            }
        }
    }
}

#[test]
fn a_step_ends_where_the_world_says() {
    let (policy, search) = (policy(), part(SEARCHES[2]));
    for tree in attempt(&search, &policy, &tasks(4)).1 {
        for node in &tree[1..] {
            let at_end = world().step_ends().iter().any(|end| node.text.ends_with(end.as_str()));
            assert!(node.finish.is_some() || at_end, "{node:?}");
            assert!(node.finish.is_some() || !node.text.trim_end_matches(';').contains(';'), "{node:?}");
        }
    }
}

#[test]
fn trees_of_many_tasks_grow_in_the_same_batches() {
    let search = part(SEARCHES[5]);
    let (one, many) = (Counting::new(), Counting::new());
    let tasks = tasks(6);
    tasks.iter().for_each(|task| drop(attempt(&search, &one, std::slice::from_ref(task))));
    attempt(&search, &many, &tasks);
    let (alone, together) = (one.calls.into_inner().expect("done"), many.calls.into_inner().expect("done"));
    assert_eq!(alone.iter().sum::<usize>(), together.iter().sum::<usize>(), "the same work");
    assert!(together.len() * 2 < alone.len(), "{} calls instead of {}", together.len(), alone.len());
}

#[test]
fn a_search_ends_at_its_budget_and_still_answers() {
    let policy = policy();
    let free = attempt(&part(r#"{"tree": {"temperature": 1.0}}"#), &policy, &tasks(4)).0;
    let bound = attempt(&part(SEARCHES[8]), &policy, &tasks(4)).0;
    for (free, bound) in free.iter().zip(&bound) {
        assert!(bound.cost.generated_tokens < free.cost.generated_tokens);
        // What was begun is finished: one level of 25 steps, their retries, and one answer.
        assert!(!bound.tokens.is_empty() && matches!(bound.finish, Finish::Stop | Finish::Length));
    }
}

#[test]
fn answers_are_drawn_until_a_budget_is_spent() {
    let drawn = attempt(&part(SEARCHES[9]), &policy(), &tasks(6)).0;
    for trace in &drawn {
        let (spent, longest) = (trace.cost.generated_tokens, u64::from(world().longest_answer()));
        assert!((200..200 + longest).contains(&spent), "{spent}");
    }
    let greedy = attempt(&part(r#"{"ranked": {"n": 2, "budget": 100000}}"#), &policy(), &tasks(2)).1;
    assert!(greedy.iter().all(|tree| tree.len() == 3), "no more than were asked for");
}

#[test]
fn a_critic_that_ends_answers_is_asked_and_paid() {
    let (policy, tasks) = (policy(), tasks(4));
    let plain = r#"{"tree": {"branch": 2, "keep": 2, "depth": 2, "temperature": 1.0, "value": "mean-likelihood"}}"#;
    let ended = attempt(&part(&plain.replace("\"depth\"", "\"ends\": \"critic\", \"depth\"")), &policy, &tasks).0;
    let free = attempt(&part(plain), &policy, &tasks).0;
    assert!(free.iter().all(|trace| trace.cost.value_calls == 0));
    assert!(ended.iter().all(|trace| trace.cost.value_calls > 0));
}

#[test]
fn a_search_guided_by_the_oracle_is_handed_it_and_no_other_is() {
    for search in SEARCHES.map(part) {
        assert_eq!(search.needs_oracle(), format!("{search:?}").contains("Oracle"));
    }
    let unguided = part(r#"{"tree": {"value": "model"}}"#);
    let (world, policy) = (world(), policy());
    let cx = nouns::AttemptContext {
        policy: &policy,
        models: &Default::default(),
        checker: &crate::toy::NoCheck,
        world: world.as_ref(),
        oracle: None,
        value: None,
        trees: &nouns::DropTrees,
        held_out: &|_| false,
    };
    let stage = nouns::Stage { round: 1, key: nouns::Key::root(3), progress: &nouns::Silent };
    let refused = unguided.attempt(&stage, &cx, &tasks(1), Vec::new()).expect_err("there is no model");
    assert_eq!(refused.code(), faults::Code::Recipe);
    assert!(refused.hint().is_some_and(|hint| hint.contains("likelihood")));
}
