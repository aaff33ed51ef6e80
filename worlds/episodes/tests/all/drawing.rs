//! Episodes of a model: their log-probabilities are those of scoring, and they do not depend on
//! their company.

use episodes::{Limits, Rolling, Spent, Start};
use networks::{Config, Decoder, DeviceKind, device};
use nouns::{Key, Policy, Sampling, Silent, Split, Trace, World};
use policy::LocalPolicy;
use tokens::Tokens;

/// A random model that speaks the calculator's language. It ends its turns by chance.
fn policy(world: &dyn World, slots: usize) -> LocalPolicy {
    let tokens = Tokens::of_vocabulary(&world.language().expect("a language").vocabulary()).expect("a tokenizer");
    let config = format!(
        r#"{{"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu", "vocab_size": {},
            "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 1, "num_attention_heads": 2,
            "num_key_value_heads": 1, "head_dim": 8, "max_position_embeddings": 160, "rms_norm_eps": 1e-6,
            "rope_theta": 10000.0, "tie_word_embeddings": true, "bos_token_id": 1, "eos_token_id": 2}}"#,
        tokens.vocabulary_size()
    );
    let device = device(DeviceKind::Cpu).expect("the processor");
    let decoder = Decoder::random(Config::from_json(&config).expect("a config"), &Key::root(5), &device);
    LocalPolicy::new(decoder, tokens, device, slots)
}

fn roll(policy: &LocalPolicy, world: &dyn World, starts: &[Start]) -> Vec<Trace> {
    let sampling = Sampling::default();
    let limits = Limits { turns: 4, tokens: 80, turn_tokens: 0, spent: Spent::Unsettled };
    let rolling = Rolling { policy, world, oracle: None, sampling: &sampling, limits, round: 1, progress: &Silent };
    let chains: Vec<Vec<Start>> = starts.iter().map(|start| vec![start.clone()]).collect();
    rolling.roll(&chains).expect("traces").expect("an environment")
}

#[test]
fn episodes_are_scored_as_they_were_drawn_and_do_not_depend_on_their_company() {
    let world = sources::find("calculator", &sources::Options::default()).expect("a world");
    let tasks = world.tasks(Split::Train).expect("tasks");
    let asked = tasks.iter().take(12).flat_map(|task| [(task, 0), (task, 1)]);
    let starts: Vec<Start> = asked
        .map(|(task, sample)| Start {
            task,
            sample,
            id: format!("{}/{sample}", task.id),
            key: Key::root(3).of(&task.id),
        })
        .collect();
    let together = roll(&policy(world.as_ref(), 64), world.as_ref(), &starts);
    let few = policy(world.as_ref(), 3);
    let mut backwards: Vec<Trace> =
        starts.iter().rev().flat_map(|start| roll(&few, world.as_ref(), std::slice::from_ref(start))).collect();
    backwards.reverse();
    assert_eq!(together, backwards);
    let several = together.iter().filter(|trace| trace.episode.as_ref().is_some_and(|one| one.turns.len() > 1)).count();
    assert!(together.len() == 24 && together[0] != together[1] && several > 0, "{several}");
    for trace in &together {
        let context = few.encode(&trace.generated_under).expect("tokens");
        let scored = few.score(&[(&context, &trace.tokens)], &Silent).expect("scores").remove(0);
        for ((drawn, said), scored) in trace.drawn().into_iter().zip(&trace.log_probs).zip(scored) {
            assert!(if drawn { said.to_bits() == scored.to_bits() } else { *said == 0.0 });
        }
    }
}
