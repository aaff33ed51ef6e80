//! Conversations of several turns, with every chat template: the prefix of the next turn is the
//! tokens of the last.

use std::path::Path;

use nouns::{Content, Part, Role, Tool, Turn};
use serde_json::{Value, json};
use tokens::Tokens;
use tokens::chat::{Ask, ChatTemplate, Conversation, History};

/// Tokens that templates write and a tokenizer of theirs has.
const SPECIALS: [&str; 16] = [
    "<|im_start|>",
    "<|im_end|>",
    "<|start_header_id|>",
    "<|end_header_id|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|begin_of_text|>",
    "<start_of_turn>",
    "<end_of_turn>",
    "<|user|>",
    "<|assistant|>",
    "<|system|>",
    "<|end|>",
    "<|endoftext|>",
    "[INST]",
    "[/INST]",
];

/// What each family's template does with turns that are past: whether it keeps prompts, thoughts
/// and blanks, and has turns for tools. Found with `jinja2` as `transformers` sets it up
/// (golden/histories.py).
const HISTORIES: [(&str, [bool; 4]); 13] = [
    ("chatml", [true, true, true, true]),
    ("chatml-generation", [true, true, true, true]),
    ("deepseek", [false, false, true, true]),
    ("gemma", [true, true, false, false]),
    ("llama3", [true, true, false, true]),
    ("llama3-tools", [true, true, false, true]),
    ("mistral", [false, true, true, true]),
    ("olmo2", [true, true, true, false]),
    ("phi3", [true, true, true, false]),
    ("qwen2.5", [true, true, true, true]),
    ("qwen3-thinking", [true, false, true, true]),
    ("smollm3", [true, true, true, true]),
    ("zephyr", [true, true, true, false]),
];

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn source(name: &str) -> String {
    std::fs::read_to_string(root().join(format!("golden/templates/{name}.jinja"))).expect(name)
}

/// A byte-level tokenizer that has these templates' special tokens, with one of the templates.
fn tokens(name: &str) -> Tokens {
    let bytes = std::fs::read_to_string(root().join("fuzz/seeds/tokenizer/bytes.json")).expect("a tokenizer");
    let mut tokenizer: Value = serde_json::from_str(&bytes).expect("JSON");
    let first = 10_000;
    let added = SPECIALS.iter().enumerate().map(|(number, content)| {
        json!({ "id": first + number, "content": content, "single_word": false, "lstrip": false, "rstrip": false,
                "normalized": false, "special": true })
    });
    tokenizer["added_tokens"].as_array_mut().expect("a list").extend(added);
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write("tokenizer.json", &tokenizer.to_string());
    write("tokenizer_config.json", r#"{"bos_token": "<s>", "eos_token": "</s>"}"#);
    write("chat_template.jinja", &source(name));
    Tokens::from_folder(folder.path()).expect(name)
}

fn spelled(tokens: &Tokens, ids: &[u32]) -> String {
    ids.iter().map(|&id| tokens.spelling(id).expect("a token")).collect()
}

fn turn(role: Role, text: &str) -> Turn {
    Turn { role, ..Turn::user(text) }
}

#[test]
fn what_a_template_does_with_turns_that_are_past_is_known() {
    for (name, wanted) in HISTORIES {
        let found = tokens(name).chat().expect("a template").history();
        let History { keeps_prompts, keeps_thoughts, keeps_blanks, has_tool_turns } = found;
        assert_eq!([keeps_prompts, keeps_thoughts, keeps_blanks, has_tool_turns], wanted, "{name}");
        assert_eq!(found.said().len(), wanted.iter().filter(|kept| !**kept).count(), "{name}");
    }
}

/// An answer in two turns, as it is played: the opening, the answer as drawn, what is between it
/// and the next.
fn played(tokens: &Tokens, answer: &str, said: &[Turn]) -> (Vec<u32>, Vec<u32>, Vec<u32>) {
    let opening = [Turn::user("What is 6 * 7?")];
    let before = tokens.encode_context(&opening).expect("tokens");
    let drawn = [tokens.encode_fragment(answer), vec![tokens.end_id()]].concat();
    let between = tokens.encode_between(&opening, &drawn, said).expect("tokens");
    (before, drawn, between)
}

#[test]
fn the_next_turn_begins_with_the_tokens_of_the_last_and_goes_on_as_the_template_would() {
    for (name, [keeps_prompts, ..]) in HISTORIES {
        let tokens = tokens(name);
        let template = tokens.chat().expect("a template");
        let (before, drawn, between) = played(&tokens, "I look it up.", &[Turn::user("look, 42")]);
        let asked = Conversation::from_json(r#"[{"role": "user", "content": "What is 6 * 7?"}, {"role": "assistant", "content": "I look it up."}, {"role": "user", "content": "look, 42"}]"#)
            .expect("a conversation");
        let anew = template.render(&asked, &Ask::answer()).expect("a rendering").text;
        let anew = spelled(&tokens, &tokens.encode_fragment(&anew));
        let next = spelled(&tokens, &[before.clone(), drawn.clone(), between.clone()].concat());
        // Where the template only appends, playing and rendering are the same; where it does not, what stands after the answer is.
        assert_eq!(next == anew, keeps_prompts, "{name}: {next} is not {anew}");
        let behind = spelled(&tokens, &between);
        assert!(anew.ends_with(&behind) && behind.contains("42"), "{name}: {behind}");
        // A second turn goes on after the first, whatever the first was.
        let said = vec![Turn::user("look, 42")];
        let answered = turn(Role::Assistant, "");
        let context = [
            vec![
                Turn::user("What is 6 * 7?"),
                Turn { content: Content(vec![Part::Tokens(drawn.clone())]), ..answered },
            ],
            said.clone(),
        ]
        .concat();
        let again = tokens.encode_between(&context, &drawn, &said).expect("tokens");
        assert_eq!(spelled(&tokens, &again), behind, "{name}");
    }
}

#[test]
fn thoughts_and_blanks_stay_as_they_were_drawn_and_a_cut_off_answer_is_ended() {
    for (name, _) in HISTORIES {
        let tokens = tokens(name);
        let (_, _, plain) = played(&tokens, "42", &[Turn::user("so?")]);
        let (_, drawn, between) = played(&tokens, " <think>\nhm\n</think>\n\n 42 \n", &[Turn::user("so?")]);
        assert_eq!(between, plain, "{name}: what comes behind an answer does not depend on what is in it");
        let opening = [Turn::user("What is 6 * 7?")];
        let cut = &drawn[..drawn.len() - 1];
        let behind = tokens.encode_between(&opening, cut, &[Turn::user("so?")]).expect("tokens");
        assert!(behind.ends_with(&between), "{name}");
    }
}

#[test]
fn what_a_tool_says_reaches_the_model_with_every_template() {
    let parameters = json!({ "type": "object", "properties": { "expression": { "type": "string" } } });
    let tool = Tool { name: "calculator".into(), description: "Computes.".into(), parameters };
    let shown = Turn { role: Role::System, content: Content(vec![Part::Tools(vec![tool])]) };
    for (name, _) in HISTORIES {
        let tokens = tokens(name);
        let opening = [shown.clone(), Turn::user("What is 6 * 7?")];
        let before = tokens.encode_context(&opening).expect("tokens");
        assert!(spelled(&tokens, &before).contains("calculator"), "{name} shows its tools");
        let drawn = [tokens.encode_fragment("call"), vec![tokens.end_id()]].concat();
        let said = [turn(Role::Tool, "fortytwo"), turn(Role::Tool, "fortythree")];
        let between = spelled(&tokens, &tokens.encode_between(&opening, &drawn, &said).expect("tokens"));
        let places = [between.find("fortytwo"), between.find("fortythree")];
        assert!(places[0].is_some() && places[0] < places[1], "{name}: {between}");
    }
}

#[test]
fn a_template_that_leaves_answers_out_is_refused() {
    let template = ChatTemplate::new(
        "{% for m in messages %}{% if m.role == 'user' %}{{ m.content }}{% endif %}{% endfor %}",
        &[],
    );
    assert!(!template.expect("a template").history().keeps_prompts);
    let folder = tempfile::tempdir().expect("a folder");
    let bytes = std::fs::read(root().join("fuzz/seeds/tokenizer/bytes.json")).expect("a tokenizer");
    std::fs::write(folder.path().join("tokenizer.json"), bytes).expect("written");
    std::fs::write(
        folder.path().join("chat_template.jinja"),
        "{% for m in messages %}{% if m.role == 'user' %}{{ m.content }}{% endif %}{% endfor %}",
    )
    .expect("written");
    let tokens = Tokens::from_folder(folder.path()).expect("a tokenizer");
    let refused = tokens.encode_between(&[Turn::user("q")], &[5, 6], &[Turn::user("r")]).expect_err("refused");
    assert!(refused.to_string().contains("leaves out a part"), "{refused}");
}
