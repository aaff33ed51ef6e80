//! Parsers of text and JSON.

use tokens::Tokens;
use tokens::chat::{Ask, ChatTemplate, Conversation};

/// The text of some bytes; what is no UTF-8 is replaced, because the program does so or refuses.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Two answers, the reference on the first line: every kind of comparison.
pub fn answers(bytes: &[u8]) {
    let text = text(bytes);
    let (gold, answer) = text.split_once('\n').unwrap_or((&text, &text));
    for kind in answers::Kind::ALL {
        let _verdict = kind.judge(gold, answer);
    }
    let _found = answers::final_answer(&text);
}

/// A record with tests, and a program in an answer to them and to others.
pub fn code(bytes: &[u8]) {
    let text = text(bytes);
    if let Ok(serde_json::Value::Object(record)) = serde_json::from_str(&text) {
        let tests = sources::code::Tests::of(&record);
        let _program = tests.ok().flatten().and_then(|tests| tests.program(&text));
    }
    let called =
        sources::code::Tests::Asserts { setup: String::new(), asserts: vec![text.clone()], reference: String::new() };
    for tests in [called, sources::code::Tests::Streams(Vec::new())] {
        let _program = tests.program(&text);
    }
}

/// A `config.json`.
pub fn config(bytes: &[u8]) {
    if let Ok(config) = networks::Config::from_json(&text(bytes)) {
        let _known = (config.parameters(), config.context_length(), networks::sampling_bytes(&config, 1, 64));
    }
}

/// Messages, with tools and documents of the same bytes, through two templates.
pub fn conversation(bytes: &[u8]) {
    let text = text(bytes);
    let Ok(conversation) = Conversation::from_json(&text) else { return };
    let conversation = conversation.clone().with_tools(&text).unwrap_or(conversation);
    let sources = [
        "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}",
        "{{ messages | tojson }}{% if tools %}{{ tools | tojson(indent=2) }}{% endif %}",
    ];
    for source in sources {
        if let Ok(template) = ChatTemplate::new(source, &[]) {
            let _text = template.render(&conversation, &Ask::answer());
        }
    }
}

/// A run's record of events, and the manifest of a stage.
pub fn events(bytes: &[u8]) {
    let text = text(bytes);
    let lines = events::read_lines(&text).count();
    let _manifest = (lines, serde_json::from_str::<store::Manifest>(&text).is_ok());
}

/// A recipe.
pub fn recipe(bytes: &[u8]) {
    let _recipe = repeat::read_recipe("recipe.toml", &text(bytes), &[]);
}

/// A chat template, over a conversation with everything in it.
pub fn template(bytes: &[u8]) {
    let specials = [("bos_token".to_owned(), "<s>".to_owned()), ("eos_token".to_owned(), "</s>".to_owned())];
    let Ok(template) = ChatTemplate::new(&text(bytes), &specials) else { return };
    let messages = r#"[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "2 + 2?"},
        {"role": "assistant", "content": "4", "tool_calls": [{"type": "function", "function": {"name": "add", "arguments": {"a": 2}}}]}]"#;
    if let Ok(conversation) = Conversation::from_json(messages) {
        let _text = template.render(&conversation, &Ask::answer());
        let _own = template.with_own_text(&conversation, &Ask::default());
    }
}

/// A `tokenizer.json`.
pub fn tokenizer(bytes: &[u8]) {
    if let Ok(tokens) = Tokens::from_bytes(bytes) {
        let ids = tokens.encode_text("two and two is four");
        let _text = (tokens.decode(&ids), tokens.vocabulary_size());
    }
}
