use nouns::{Content, Key, Role, Split};

use super::*;

fn small() -> Tokens {
    let words = ["4", "7", "8", "-", "=", ":"].map(str::to_owned).to_vec();
    Tokens::of_vocabulary(&Vocabulary { words }).expect("a tokenizer")
}

fn of_world(name: &str) -> (std::sync::Arc<dyn nouns::World>, Tokens) {
    let world = sources::find(name, &sources::Options::default()).expect("a world");
    let tokens = Tokens::of_vocabulary(&world.language().expect("words").vocabulary()).expect("a tokenizer");
    (world, tokens)
}

#[test]
fn special_tokens_come_first() {
    let tokens = small();
    assert_eq!((tokens.pad_id(), tokens.begin_id(), tokens.end_id(), tokens.unknown), (Some(0), Some(1), 2, Some(3)));
    assert_eq!(tokens.vocabulary_size(), 10);
    assert_eq!(tokens.encode_context(&[Turn::user("4 7 8 :")]).expect("tokens"), [1, 4, 5, 6, 9]);
    assert_eq!(tokens.encode_answer("8 - 4 = 4"), [6, 7, 4, 8, 4, 2]);
    assert_eq!(tokens.decode(&[1, 6, 7, 4, 8, 4, 2]), "8 - 4 = 4");
    assert!(tokens.is_end(2) && !tokens.is_end(1));
}

#[test]
fn turns_follow_one_another_and_given_tokens_stay() {
    let given =
        Turn { role: Role::Assistant, content: Content(vec![Part::Tokens(vec![9, 9]), Part::Text("8".to_owned())]) };
    assert_eq!(small().encode_context(&[Turn::user("4 7"), given]).expect("tokens"), [1, 4, 5, 9, 9, 6]);
    assert_eq!(small().encode_context(&[]).expect("tokens"), [1]);
}

#[test]
fn every_world_round_trips_exactly() {
    let told =
        |name: &str| sources::find(name, &sources::Options::default()).is_ok_and(|world| world.language().is_some());
    for entry in sources::catalogue().into_iter().filter(|entry| told(entry.name)) {
        let (world, tokens) = of_world(entry.name);
        for index in 0..200 {
            let example =
                world.language().expect("words").example(&Key::root(1).at(index), &|_| false).expect("an example");
            let prompt = example.prompt[0].content.as_text();
            assert_eq!(tokens.decode(&tokens.encode_context(&example.prompt).expect("tokens")), prompt);
            assert_eq!(tokens.decode(&tokens.encode_answer(&example.response)), example.response);
            tokens.check_known(&prompt).expect("known words");
        }
        let task = &world.tasks(Split::Test).expect("tasks")[0];
        let words = task.prompt_text().split(' ').count();
        assert_eq!(tokens.encode_context(&task.prompt).expect("tokens").len(), words + 1, "a token per word");
    }
}

#[test]
fn the_file_is_the_same_every_time_and_survives_reading() {
    let (world, tokens) = of_world("game24");
    let again = Tokens::of_vocabulary(&world.language().expect("words").vocabulary()).expect("a tokenizer");
    assert_eq!(tokens.to_json(), again.to_json());
    let read = Tokens::from_bytes(tokens.to_json().as_bytes()).expect("a tokenizer");
    assert_eq!(read.to_json(), tokens.to_json());
    assert_eq!(read.tokenizer_config_json(), tokens.tokenizer_config_json());
    let text = "8 / 3 = 8 over 3 left 8 over 3 3 8";
    assert_eq!(read.encode_answer(text), tokens.encode_answer(text));
    assert_eq!(read.vocabulary_size(), tokens.vocabulary_size());
}

#[test]
fn unknown_words_are_named() {
    let why = |text: &str| small().check_known(text).expect_err("unknown").to_string();
    assert_eq!(why("4 7 tree 8"), "the model does not know the word `tree`");
    assert_eq!(why("4 <eos>"), "`<eos>` is reserved: it marks where texts begin and end");
    small().check_known("8 - 4").expect("known");
    assert_eq!(small().encode_answer("tree"), [3, 2], "unknown, but no failure");
}

#[test]
fn the_mask_shows_the_answer_alone() {
    let tokens = small();
    let context = tokens.encode_context(&[Turn::user("8 4 :")]).expect("tokens");
    let shown = tokens.show_mask(&Stream::new("t", &context, &tokens.encode_answer("8 - 4 = 4"), 0.5));
    let taught: Vec<&str> = shown.iter().filter(|(_, taught)| *taught).map(|(word, _)| word.as_str()).collect();
    let context: Vec<&str> = shown.iter().filter(|(_, taught)| !*taught).map(|(word, _)| word.as_str()).collect();
    assert_eq!(taught, ["8", "-", "4", "=", "4", "<eos>"]);
    assert_eq!(context, ["<bos>", "8", "4", ":"]);
}

#[test]
fn pieces_of_texts_are_shown_as_people_read_them() {
    let vocabulary = r#"{"<eos>": 0, "Ġthe": 1, "ĊĊ": 2, "Ã©": 3, "Ã": 4, "end": 5}"#;
    let json = format!(
        r#"{{"version": "1.0", "added_tokens": [{{"id": 0, "content": "<eos>", "single_word": false, "lstrip": false,
        "rstrip": false, "normalized": false, "special": true}}], "normalizer": null, "pre_tokenizer": null,
        "post_processor": null, "truncation": null, "padding": null,
        "decoder": {{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}},
        "model": {{"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
        "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
        "vocab": {vocabulary}, "merges": []}}}}"#
    );
    let tokens = Tokens::from_bytes(json.as_bytes()).expect("a tokenizer");
    let shown = tokens.show_mask(&Stream::new("t", &[1, 2, 3, 4], &[5, 0], 1.0));
    let shown: Vec<&str> = shown.iter().map(|(text, _)| text.as_str()).collect();
    assert_eq!(shown, ["·the", "↵↵", "é", "Ã", "end", "<eos>"]);
}

#[test]
fn files_that_cannot_serve_are_refused() {
    let why = |json: &str| Tokens::from_bytes(json.as_bytes()).expect_err("refused").to_string();
    assert!(why("{").starts_with("not a usable tokenizer.json: "));
    let without_end = small().to_json().replace("<eos>", "<fin>");
    assert_eq!(why(&without_end), "the tokenizer has no token that ends an answer");
    assert!(Tokens::from_bytes(&[0xff]).is_err());
}
