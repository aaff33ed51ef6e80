use std::io::Write;

use super::*;

fn open(text: &str) -> Result<FileWorld, WorldFault> {
    let mut file = tempfile::Builder::new().suffix(".jsonl").tempfile().expect("a file");
    file.write_all(text.as_bytes()).expect("written");
    FileWorld::open(file.path(), &Options::default())
}

fn asked(world: &FileWorld, question: &str) -> Task {
    world.read(question).expect("a task")
}

#[test]
fn school_problems_are_judged_by_their_final_number() {
    let world = open(concat!(
        r#"{"question": "How many?", "answer": "3 * 4 = <<3*4=12>>12\n#### 1,012"}"#,
        "\n\n",
        r#"{"Question": "How  much?", "Answer": 7.0}"#,
        "\n",
        r#"{"prompt": "Unanswered?"}"#,
    ))
    .expect("a world");
    let judge = |question, response| world.oracle().judge(&asked(&world, question), response);
    assert_eq!(judge("How many?", "it is 1000 + 12\n#### 1012"), Verdict::Right);
    assert_eq!(judge("How many?", "#### 12"), Verdict::Wrong("answers 12, not 1012".to_owned()));
    assert_eq!(judge("How much?", "That makes 7."), Verdict::Right);
    assert_eq!(judge("How much?", "no idea"), Verdict::Wrong("gives no answer; it should be 7".to_owned()));
    assert_eq!(judge("Unanswered?", "7"), Verdict::Unsettled(Unsettled::NoReference));
    assert_eq!(judge("Never seen?", "7"), Verdict::Unsettled(Unsettled::NoReference));
    let hinted = world.oracle().hinted(&asked(&world, "How many?")).expect("a hint");
    assert_eq!(hinted[0].content.as_text(), "How many?\n(The answer is 1012.)");
    let guided = |question| Some(world.oracle().guided(&asked(&world, question))?[0].content.as_text().into_owned());
    let wanted = "How many?\n(Hint: a solution begins like this. 3 * 4 = <<3*4=12>>12)";
    assert_eq!(guided("How many?").as_deref(), Some(wanted));
    assert_eq!(guided("How much?"), None, "its first line is the answer");
}

#[test]
fn a_record_keeps_its_split_and_the_others_are_split_by_hash() {
    let lines: Vec<String> = (0..200).map(|n| format!(r#"{{"question": "What is {n}?", "answer": "{n}"}}"#)).collect();
    let own = r#"{"question": "Mine?", "answer": "1", "split": "dev"}"#;
    let world = open(&format!("{own}\n{}\n{own}", lines.join("\n"))).expect("a world");
    let ids = |split| world.tasks(split).expect("tasks").into_iter().map(|task| task.id).collect::<Vec<_>>();
    assert!(ids(Split::Valid).contains(&"Mine?".to_owned()));
    assert_eq!(Split::ALL.map(|split| ids(split).len()).iter().sum::<usize>(), 201, "the same question is one task");
    assert!(ids(Split::Train).iter().all(|id| split_of(id) == Split::Train));
}

#[test]
fn bad_lines_are_named() {
    let why = |text: &str| open(text).err().expect("bad").to_string();
    let good = r#"{"question": "a", "answer": "b"}"#;
    assert!(why(&format!("{good}\nnonsense")).contains(".jsonl:2: not a JSON record: expected"));
    assert!(why(r#"{"q": "a"}"#).ends_with("text, sentence, utterance; it has q"));
    assert!(why(r#"{"question": "a", "split": "best"}"#).ends_with(":1: `best` is not a split: train, valid or test"));
    assert!(why("\n\n").ends_with("holds no tasks"));
}

#[test]
fn a_choice_is_named_by_its_letter_or_by_its_words_and_by_one_alone() {
    let world = open(r#"{"question": "Capital of France?", "choices": ["Lyon", "Paris", "Nice"], "answer": "B"}"#)
        .expect("a world");
    let [task] = &Split::ALL.iter().flat_map(|split| world.tasks(*split).expect("tasks")).collect::<Vec<_>>()[..]
    else {
        panic!("one task")
    };
    let judge = |response| world.oracle().judge(task, response);
    for right in ["B", "(B) Paris", "Paris", "The answer is Paris.", "I would say option B, not A.", "**Paris**"] {
        assert_eq!(judge(right), Verdict::Right, "{right}");
    }
    for wrong in
        ["A", "Lyon", "Paris or Lyon", "B or C", "The answer is not Paris.", "\\boxed{A} or \\boxed{B}", "London"]
    {
        assert_ne!(judge(wrong), Verdict::Right, "{wrong}");
    }
    assert_eq!(world.answer(task, "It is Nice.").as_deref(), Some("C"));
}

#[test]
fn columns_can_be_named() {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(br#"{"q": "Two and two?", "a": "4"}"#).expect("written");
    let options = Options { columns: "question=q,answer=a".parse().expect("columns"), ..Options::default() };
    let world = FileWorld::open(file.path(), &options).expect("a world");
    assert_eq!(world.oracle().judge(&asked(&world, "Two and two?"), "4"), Verdict::Right);
}

#[test]
fn a_compressed_file_is_read_and_a_broken_one_is_an_error() {
    let line = r#"{"question": "Two and two?", "answer": "2+2=4\n#### 4"}"#;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(line.as_bytes()).expect("written");
    let bytes = encoder.finish().expect("compressed");
    let open = |bytes: &[u8]| {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(bytes).expect("written");
        FileWorld::open(file.path(), &Options::default())
    };
    let world = open(&bytes).expect("a world");
    assert_eq!(world.oracle().judge(&asked(&world, "Two and two?"), "#### 4.0"), Verdict::Right);
    assert!(world.recognised().expect("recognised").contains("GSM8K"));
    let fault = open(&bytes[..bytes.len() / 2]).err().expect("cut off");
    assert!(fault.to_string().starts_with("cannot read"), "{fault}");
}

#[test]
fn public_shapes_are_recognised() {
    let csqa = concat!(
        r#"{"answerKey": "B", "question": {"stem": "Where?", "#,
        r#""choices": [{"label": "A", "text": "bank"}, {"label": "B", "text": "library"}]}}"#
    );
    let mmlu = r#"{"question": "Which?", "choices": ["x", "y", "z"], "answer": 2}"#;
    let arc = r#"{"question": "How?", "choices": {"label": ["A", "B"], "text": ["so", "thus"]}, "answerKey": "A"}"#;
    let world = open(&[csqa, mmlu, arc].join("\n")).expect("a world");
    let judge = |line, response| world.oracle().judge(&asked(&world, line), response);
    assert_eq!(asked(&world, csqa).prompt_text(), "Where?\n(A) bank\n(B) library");
    assert_eq!(judge(csqa, "The answer is (B)."), Verdict::Right);
    assert_eq!(judge(csqa, "A"), Verdict::Wrong("answers A, not B".to_owned()));
    assert_eq!((judge(mmlu, "C"), judge(arc, "(A) so")), (Verdict::Right, Verdict::Right));
    let math = r#"{"problem": "Half?", "solution": "It is $\\boxed{\\frac{1}{2}}$."}"#;
    let world = open(math).expect("a world");
    assert_eq!(world.oracle().judge(&asked(&world, "Half?"), "so \\boxed{0.5}"), Verdict::Right);
    let talk = r#"{"messages": [{"role": "system", "content": "Count."}, {"role": "user", "content": "2+3?"}, {"role": "assistant", "content": "5"}]}"#;
    let world = open(talk).expect("a world");
    assert_eq!(asked(&world, talk).prompt.len(), 2);
    assert_eq!(world.oracle().judge(&asked(&world, talk), "10/2"), Verdict::Right);
    let mawps = r#"{"Question": "number0 and number1 ?", "Numbers": "8.0 2.5", "Answer": "10.5"}"#;
    assert_eq!(asked(&open(mawps).expect("a world"), mawps).prompt_text(), "8 and 2.5 ?");
}

/// Each form with the right answer, the wrong one, and a piece of what is asked.
#[test]
fn every_form_of_choices_reaches_the_prompt_and_is_answered_by_letter() {
    for line in [
        r#"{"question": "Q", "options": {"A": "x", "B": "y"}, "answer": "y", "answer_idx": "B"}"#,
        r#"{"question": "Q", "options": {"A": "x", "B": "y"}, "answer": "none of these", "answer_idx": "B"}"#,
        r#"{"question": "Q", "choices": {"text": ["x", "y"], "label": ["1", "2"]}, "answerKey": "2"}"#,
        r#"{"question": "Q", "choices": {"text": ["x", "y"], "label": ["A", "B"]}, "answerKey": "B"}"#,
        r#"{"question": "Q", "options": ["x", "y"], "answer": 1}"#,
        r#"{"question": "Q", "options": "[\"x\", \"y\"]", "answer": "y"}"#,
        r#"{"question": "Q", "options": [{"key": "a", "value": "x"}, {"key": "b", "value": "y"}], "answer": "b"}"#,
        r#"{"question": "Q", "A": "x", "B": "y", "answer": "B"}"#,
        r#"{"question": "Q", "option_a": "x", "option_b": "y", "answer": "B"}"#,
        r#"{"question": "Q", "choice1": "x", "choice2": "y", "label": 1}"#,
        r#"{"question": "Q", "opa": "x", "opb": "y", "cop": 1}"#,
        r#"{"question": "Q", "choices": ["x", "y"], "answer": "(B)"}"#,
    ] {
        let world = open(line).expect(line);
        let task = asked(&world, line);
        assert_eq!(task.prompt_text(), "Q\n(A) x\n(B) y", "{line}");
        assert_eq!(world.oracle().judge(&task, "B"), Verdict::Right, "{line}");
        assert!(matches!(world.oracle().judge(&task, "A"), Verdict::Wrong(_)), "{line}");
        assert_eq!(world.without_reference(), 0, "{line}");
    }
    let unread = [
        r#"{"question": "Q", "options": "a ) 38 , b ) 27", "answer": "a"}"#,
        r#"{"question": "Q", "options": 4, "answer": "a"}"#,
        r#"{"question": "Q", "options": ["x", ["y"]], "answer": "x"}"#,
    ];
    for line in unread {
        let why = open(line).err().expect("refused").to_string();
        assert!(why.contains("`options` holds no choices that can be read"), "{why}");
    }
    let none = r#"{"question": "Q", "options": [], "answer": "x"}"#;
    assert_eq!(asked(&open(none).expect("no choices"), none).prompt_text(), "Q");
}

#[test]
fn more_choices_than_letters_are_answered_by_their_words() {
    let options: Vec<String> = (0..30).map(|n| format!("word{n}")).collect();
    let line = serde_json::json!({ "question": "Which?", "options": options, "answer": "word27" }).to_string();
    let world = open(&line).expect("a world");
    let task = asked(&world, &line);
    assert!(task.prompt_text().ends_with("\n- word29"));
    assert_eq!(world.oracle().judge(&task, "word27"), Verdict::Right);
    assert!(matches!(world.oracle().judge(&task, "B"), Verdict::Wrong(_)));
}

/// Any of several references is right.
#[test]
fn several_references_are_alternatives() {
    for line in [
        r#"{"question": "Q", "answer": ["Rome", "Roma"]}"#,
        r#"{"question": "Q", "answers": {"text": ["Rome", "Roma", "Rome"], "answer_start": [1, 2, 3]}}"#,
        r#"{"question": "Q", "answer": {"value": "Rome", "aliases": ["Roma"]}}"#,
        r#"{"prompt": [{"role": "user", "content": "Q"}], "reward_model": {"ground_truth": ["Rome", "Roma"], "style": "rule"}}"#,
    ] {
        let world = open(line).expect(line);
        let judge = |response| world.oracle().judge(&asked(&world, "Q"), response);
        assert_eq!((judge("Rome"), judge("Roma")), (Verdict::Right, Verdict::Right), "{line}");
        assert_eq!(judge("Paris"), Verdict::Wrong("answers paris, not Rome or Roma".to_owned()), "{line}");
    }
    let why = open(r#"{"question": "Q", "answer": [3, 4]}"#).err().expect("refused").to_string();
    assert!(why.contains("`answer` is a list of numbers"), "{why}");
    let one = open(r#"{"question": "Q", "answer": [3]}"#).expect("one");
    assert_eq!(one.oracle().judge(&asked(&one, "Q"), "3"), Verdict::Right);
}

#[test]
fn long_numbers_keep_their_digits() {
    for number in ["123456789012345678901234567890", "18446744073709551617", "3.14159265358979323846264338"] {
        let world = open(&format!(r#"{{"question": "Q", "answer": {number}}}"#)).expect("a world");
        let judge = |response: &str| world.oracle().judge(&asked(&world, "Q"), response);
        assert_eq!(judge(number), Verdict::Right);
        assert!(matches!(judge(&format!("1{number}")), Verdict::Wrong(why) if why.ends_with(&format!("not {number}"))));
    }
}

#[test]
fn what_is_blank_or_missing_is_said_so() {
    let why = |line: &str| open(line).err().expect("refused").to_string();
    assert!(why(r#"{"question": "", "answer": "1"}"#).ends_with(":1: column `question` is blank"));
    assert!(why(r#"{"question": null, "answer": "1"}"#).ends_with(":1: column `question` is null"));
    let world = open("{\"question\": \"a\", \"level\": NaN}\n{\"question\": \"b\", \"answer\": NaN}\n{\"question\": \"c\", \"answer\": 1}").expect("a world");
    assert_eq!(world.without_reference(), 2);
}

/// The labels of a classification are said below every question; the question is known without
/// them.
#[test]
fn labels_are_listed_where_there_are_few() {
    let line = |n: usize| format!("{{\"text\": \"Text {n}?\", \"category\": \"{}\"}}\n", ["card", "cash"][n % 2]);
    let world = open(&(0..6).map(line).collect::<String>()).expect("a world");
    let task = asked(&world, "Text 1?");
    assert_eq!(task.prompt_text(), "Text 1?\n\nAnswer with one of: card, cash.");
    assert_eq!((task.id.as_str(), asked(&world, &task.prompt_text())), ("Text 1?", task.clone()));
    assert_eq!((world.oracle().judge(&task, "Cash."), world.domain(&task.id)), (Verdict::Right, None));
}

#[test]
fn a_list_of_objects_is_read_as_lines_are() {
    let spread =
        "[\n  {\n    \"question\": \"Q\",\n    \"answer\": 4\n  },\n  {\"question\": \"R\", \"answer\": 5}\n]\n";
    for text in [spread, "{\n\"question\": \"Q\",\n\"answer\": 4\n}\n{\"question\": \"R\", \"answer\": 5}"] {
        let world = open(text).expect("a world");
        let judge = |question: &str, response: &str| world.oracle().judge(&asked(&world, question), response);
        assert_eq!((judge("Q", "4"), judge("R", "5")), (Verdict::Right, Verdict::Right));
    }
}
