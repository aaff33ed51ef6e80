//! Chat templates: rendered byte for byte as `transformers` renders them (golden/templates.py), the
//! mask of what the assistant wrote, and templates that mean harm.

use std::path::Path;

use nouns::{Content, Part, Role, Turn, Vocabulary};
use serde_json::Value;
use tokens::Tokens;
use tokens::chat::{Ask, ChatTemplate, Conversation};

fn fixture() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/templates.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("the fixture")).expect("JSON")
}

/// The text between two marks of a document: `serde_json::Value` sorts keys, and templates show
/// them in their order.
fn conversations() -> Vec<(String, Box<serde_json::value::RawValue>)> {
    #[derive(serde::Deserialize)]
    struct Fixture {
        conversations: std::collections::BTreeMap<String, Box<serde_json::value::RawValue>>,
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/templates.json");
    let fixture: Fixture = serde_json::from_str(&std::fs::read_to_string(path).expect("the fixture")).expect("JSON");
    fixture.conversations.into_iter().collect()
}

#[derive(serde::Deserialize)]
struct Said {
    messages: Box<serde_json::value::RawValue>,
    tools: Option<Box<serde_json::value::RawValue>>,
    #[serde(default)]
    variables: std::collections::BTreeMap<String, Value>,
}

fn template(name: &str, specials: &Value) -> ChatTemplate {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../golden/templates/{name}.jinja"));
    let specials = specials.as_object().expect("special tokens").iter();
    let specials: Vec<(String, String)> =
        specials.map(|(key, token)| (key.clone(), token.as_str().expect("a token").to_owned())).collect();
    ChatTemplate::new(&std::fs::read_to_string(path).expect("a template"), &specials).expect(name)
}

#[test]
fn every_rendering_is_that_of_transformers() {
    let fixture = fixture();
    let said: Vec<(String, Said)> = conversations()
        .into_iter()
        .map(|(name, raw)| (name, serde_json::from_str(raw.get()).expect("a conversation")))
        .collect();
    let mut compared = 0;
    for record in fixture["records"].as_array().expect("records") {
        let (name, about) = (record["template"].as_str().expect("a name"), &record["conversation"]);
        let (_, said) = said.iter().find(|(known, _)| about == known).expect("a conversation");
        let mut conversation = Conversation::from_json(said.messages.get()).expect("messages");
        if let Some(tools) = &said.tools {
            conversation = conversation.with_tools(tools.get()).expect("tools");
        }
        let mut ask = Ask {
            add_generation_prompt: record["add_generation_prompt"] == true,
            continue_final_message: record["continue_final_message"] == true,
            ..Ask::default()
        };
        for (variable, value) in &said.variables {
            ask = ask.with(variable, value);
        }
        let rendered = template(name, &fixture["specials"]).render(&conversation, &ask);
        match record["text"].as_str() {
            Some(text) => {
                let rendered = rendered.unwrap_or_else(|fault| panic!("{name}, {about}: {fault}"));
                assert_eq!(rendered.text, text, "{name}, {about}, {ask:?}");
                let own: Vec<[usize; 2]> = rendered.own.iter().map(|own| [own.start, own.end]).collect();
                assert_eq!(serde_json::json!(own), record["own"], "{name}, {about}");
                compared += 1;
            }
            None => assert!(rendered.is_err(), "{name}, {about}: {} there, here {rendered:?}", record["refused"]),
        }
    }
    assert!(compared > 250, "{compared} renderings were compared");
}

fn own_texts(template: &ChatTemplate, messages: &str) -> Result<Vec<String>, tokens::TokensFault> {
    let conversation = Conversation::from_json(messages).expect("messages");
    let rendered = template.with_own_text(&conversation, &Ask::default())?;
    Ok(rendered.own.into_iter().map(|own| rendered.text[own].to_owned()).collect())
}

const TWICE: &str = r#"[{"role": "user", "content": "q"}, {"role": "assistant", "content": "one"},
    {"role": "user", "content": "r"}, {"role": "assistant", "content": "<think>\nhm\n</think>\n\ntwo"}]"#;

#[test]
fn what_the_assistant_wrote_is_found_with_and_without_marks() {
    let fixture = fixture();
    let of = |name: &str| own_texts(&template(name, &fixture["specials"]), TWICE);
    let second = "<think>\nhm\n</think>\n\ntwo<|im_end|>";
    assert_eq!(of("chatml-generation").expect("marked"), ["one<|im_end|>", second]);
    assert_eq!(of("chatml").expect("by prompts"), ["one<|im_end|>\n".to_owned(), format!("{second}\n")]);
    assert_eq!(of("mistral").expect("by prompts")[0], " one</s>");
    // This template writes an empty thought before the last answer and none before one that is past.
    let refused = of("qwen3-thinking").expect_err("cannot be told apart").to_string();
    assert!(refused.contains("message 2"), "{refused}");
}

#[test]
fn templates_that_mean_harm_are_stopped() {
    let one = Conversation::from_json(r#"[{"role": "user", "content": "q"}]"#).expect("messages");
    let render = |source: &str| ChatTemplate::new(source, &[]).and_then(|made| made.render(&one, &Ask::default()));
    for source in [
        "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% endfor %}{% endfor %}{% endfor %}",
        "{% macro deep(n) %}{{ deep(n + 1) }}{% endmacro %}{{ deep(0) }}",
        "{% include 'chat_template' %}",
        "{% for a in range(9999) %}{% for b in range(9999) %}aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa{% endfor %}{% endfor %}",
        "{{ range(999999999999) | list }}",
        "{% if %}",
        "{{ messages[0].content.nothing.at.all }}",
        "{{ unknown_function() }}",
        "{{ [1, 2] | slice(10000000000) | list }}",
        "{{ [1, 2] | batch(10000000000, 0) | list }}",
        "{{ '%01000000000d' | format(5) }}",
        "{{ '{:01000000000d}'.format(5) }}",
        "{{ 'x' | indent(10000000000, true) }}",
        "{{ 'x'.join(range(100000)).replace('x', 'x'.join(range(100000))) }}",
        "{{ range(100000) | join('x' * 10000) }}",
        "{{ ('x' * 100000) | replace('x', 'x' * 100000) }}",
    ] {
        assert!(render(source).is_err(), "{source}");
    }
    let nested = format!("{}1{}", "(".repeat(100_000), ")".repeat(100_000));
    assert!(ChatTemplate::new(&format!("{{{{ {nested} }}}}"), &[]).is_err());
    assert_eq!(render("{{ messages[0].role }}").expect("a good one").text, "user");
    let said = render("{{ raise_exception('only users may speak') }}").expect_err("refused").to_string();
    assert!(said.contains("only users may speak"), "{said}");
}

/// Figures by Python: `datetime.datetime(2024, 7, 26).strftime(format)`.
#[test]
fn dates_are_written_as_python_writes_them() {
    let render = |format: &str| {
        let conversation = Conversation::from_json(r#"[{"role": "user", "content": "q"}]"#).expect("messages");
        let made = ChatTemplate::new(&format!("{{{{ strftime_now('{format}') }}}}"), &[]).expect("a template");
        made.render(&conversation, &Ask::default())
    };
    let dates =
        [("%d %b %Y", "26 Jul 2024"), ("%Y-%m-%d", "2024-07-26"), ("%A, %B %d, %H:%M", "Friday, July 26, 00:00")];
    for (format, wanted) in dates {
        assert_eq!(render(format).expect("a date").text, wanted);
    }
    for unknown in ["%Q", "%z"] {
        let said = render(unknown).expect_err("refused").to_string();
        assert!(said.contains("asks for what a date does not have"), "{said}");
    }
}

/// A model folder of a small world's tokenizer with a chat template.
fn folder(template: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let words = ["user", "assistant", "a", "b", "c", "end"].map(str::to_owned).to_vec();
    let tokens = Tokens::of_vocabulary(&Vocabulary { words }).expect("a tokenizer");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write("tokenizer.json", &tokens.to_json());
    write(
        "tokenizer_config.json",
        r#"{"eos_token": {"content": "<eos>"}, "bos_token": "<bos>", "chat_template": "unused"}"#,
    );
    write("generation_config.json", r#"{"eos_token_id": [2, 9]}"#);
    write("chat_template.jinja", template);
    folder
}

const SMALL: &str = "{{ bos_token }}{% for m in messages %} {{ m.role }} {{ m.content }} {{ eos_token }}{% endfor %}\
                     {% if add_generation_prompt %} assistant{% endif %}";

#[test]
fn a_folders_template_makes_contexts_and_masks() {
    let folder = folder(SMALL);
    let tokens = Tokens::from_folder(folder.path()).expect("a tokenizer");
    // <bos> user a <eos> assistant
    assert_eq!(tokens.encode_context(&[Turn::user("a")]).expect("tokens"), [1, 4, 6, 2, 5]);
    let answered = Turn { role: Role::Assistant, content: Content(vec![Part::Tokens(vec![7, 3, 8])]) };
    let continued = tokens.encode_context(&[Turn::user("a"), answered, Turn::user("c")]).expect("tokens");
    assert_eq!(continued, [1, 4, 6, 2, 5, 7, 3, 8, 2, 4, 8, 2, 5], "tokens stay as they were drawn");
    let said = r#"[{"role": "user", "content": "a"}, {"role": "assistant", "content": "b c"}]"#;
    let said = Conversation::from_json(said).expect("messages");
    let (ids, own) = tokens.encode_conversation(&said, &Ask::default()).expect("tokens");
    assert_eq!(ids, [1, 4, 6, 2, 5, 7, 8, 2]);
    assert_eq!(own, [false, false, false, false, false, true, true, true], "the end of the turn is taught");
    assert!(tokens.is_end(2) && tokens.is_end(9) && tokens.end_id() == 2);
    let saved = tokens.to_files();
    for (name, bytes) in saved {
        assert_eq!(bytes, std::fs::read(folder.path().join(&name)).expect("the same file"), "{name}");
    }
}

#[test]
fn a_folder_that_is_not_one_is_refused() {
    let empty = tempfile::tempdir().expect("a folder");
    assert!(Tokens::from_folder(empty.path()).expect_err("refused").to_string().contains("tokenizer.json"));
    let broken = folder("{% for %}");
    assert!(Tokens::from_folder(broken.path()).is_err());
    std::fs::write(broken.path().join("tokenizer_config.json"), "{").expect("written");
    assert!(Tokens::from_folder(broken.path()).expect_err("refused").to_string().contains("tokenizer_config.json"));
}

fn lesson_texts(template: &ChatTemplate, messages: &str) -> Vec<(String, String)> {
    let conversation = Conversation::from_json(messages).expect("messages");
    let apart = template.answers_apart(&conversation, &Ask::default()).expect("answers");
    let split = |rendered: tokens::chat::Rendered| {
        let own = rendered.own[0].clone();
        (rendered.text[..own.start].to_owned(), rendered.text[own].to_owned())
    };
    apart.into_iter().map(split).collect()
}

/// What a template writes differently once it is past is learned after what its prompt was.
#[test]
fn each_answer_can_be_learned_behind_its_own_prompt() {
    let fixture = fixture();
    let thinking = lesson_texts(&template("qwen3-thinking", &fixture["specials"]), TWICE);
    let texts: Vec<&str> = thinking.iter().map(|(_, own)| own.as_str()).collect();
    assert_eq!(texts, ["<think>\n\n</think>\n\none<|im_end|>\n", "<think>\nhm\n</think>\n\ntwo<|im_end|>\n"]);
    assert!(thinking[1].0.ends_with("<|im_start|>user\nr<|im_end|>\n<|im_start|>assistant\n"), "{:?}", thinking[1].0);
    // The prompt ends with `<think>`, and a written answer does not begin with it.
    let once = r#"[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yo"}]"#;
    let deepseek = template("deepseek", &fixture["specials"]);
    let (before, own) = &lesson_texts(&deepseek, once)[0];
    assert!(own.starts_with("Yo<"), "{own}");
    assert!(before.ends_with("Assistant｜>"), "{before}");
    assert_eq!(own_texts(&deepseek, once).expect("told apart"), [own.as_str()]);
}

#[test]
fn a_conversation_may_begin_with_the_assistant() {
    let said = r#"[{"role": "assistant", "content": "a"}, {"role": "user", "content": "q"}, {"role": "assistant", "content": "b"}]"#;
    let own = own_texts(&template("llama3", &fixture()["specials"]), said).expect("told apart");
    assert_eq!(own, ["a<|eot_id|>", "b<|eot_id|>"]);
    let own = own_texts(&template("chatml", &fixture()["specials"]), said).expect("told apart");
    assert_eq!(own, ["a<|im_end|>\n", "b<|im_end|>\n"]);
}

/// As in transformers, which leaves such keys out before a template sees them.
#[test]
fn keys_that_hold_nothing_are_not_there() {
    let fixture = fixture();
    let render = |name: &str, messages: &str| {
        let conversation = Conversation::from_json(messages).expect("messages");
        template(name, &fixture["specials"]).render(&conversation, &Ask::default()).expect(name).text
    };
    let with = r#"[{"role": "system", "content": null}, {"role": "user", "content": "q", "tool_calls": null}]"#;
    for name in ["llama3", "llama3-tools"] {
        assert!(!render(name, with).contains("None"), "{name}");
    }
    assert!(render("llama3", with).contains("system<|end_header_id|>\n\n<|eot_id|>"));
    let plain = r#"[{"role": "user", "content": "q"}]"#;
    let nulls = r#"[{"role": "user", "content": "q", "name": null, "tool_calls": null, "reasoning_content": null}]"#;
    for name in ["llama3", "chatml", "qwen2.5", "qwen3-thinking", "mistral"] {
        assert_eq!(render(name, nulls), render(name, plain), "{name}");
    }
}

#[test]
fn messages_may_be_a_text_of_json() {
    let list = r#"[{"role":"user","content":"q"}]"#;
    let text = serde_json::Value::from(list).to_string();
    let render = |messages: &str| {
        let conversation = Conversation::from_json(messages)?;
        template("chatml", &fixture()["specials"]).render(&conversation, &Ask::default())
    };
    assert_eq!(render(&text).expect("read"), render(list).expect("read"));
    for wrong in [r#""no JSON""#, r#"{"role": "user"}"#, "3", r#"[{"content": "q"}]"#, "[4]"] {
        assert!(matches!(render(wrong), Err(tokens::TokensFault::Messages(_))), "{wrong}");
    }
}

/// Python's `json` writes exponents from 1e16 on and below 1e-4.
#[test]
fn numbers_are_written_as_python_writes_them() {
    let asked = r#"[{"role": "user", "content": "q", "x": [1.0, 1e20, 1e-7, 1e15, 1e16, 0.0001, -2.5e-5, 3, 0.1]}]"#;
    let conversation = Conversation::from_json(asked).expect("messages");
    let made = ChatTemplate::new("{{ messages[0].x | tojson }} {{ messages[0].x }}", &[]).expect("a template");
    let numbers = "[1.0, 1e+20, 1e-07, 1000000000000000.0, 1e+16, 0.0001, -2.5e-05, 3, 0.1]";
    assert_eq!(made.render(&conversation, &Ask::default()).expect("text").text, format!("{numbers} {numbers}"));
}

#[test]
fn a_text_has_one_end_token() {
    let tokens = Tokens::from_folder(folder(SMALL).path()).expect("a tokenizer");
    assert_eq!(tokens.encode_answer("b c"), tokens.encode_answer("b c <eos>"));
    assert_eq!(tokens.encode_whole("user a"), [1, 4, 6, 2]);
    assert_eq!(tokens.encode_whole("user a <eos>"), [1, 4, 6, 2]);
}
