//! How the questions of a data file are put.

use std::io::Write;
use std::sync::Arc;

use nouns::{Role, Split, Task, Turn, Verdict, World};
use prompts::Template;
use sources::prompting::{Extract, FewShot, Take};
use sources::{Options, Prompting, find};

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::Builder::new().suffix(".jsonl").tempfile().expect("a file");
    file.write_all(text.as_bytes()).expect("written");
    file
}

fn open(file: &tempfile::NamedTempFile, prompting: Prompting) -> Arc<dyn World> {
    let options = Options { prompting, ..Options::default() };
    find(file.path().to_str().expect("a path"), &options).expect("a world")
}

fn tasks(world: &dyn World) -> Vec<Task> {
    Split::ALL.into_iter().flat_map(|split| world.tasks(split).expect("tasks")).collect()
}

fn sums() -> tempfile::NamedTempFile {
    file(concat!(
        r#"{"question": "1+1?", "answer": "one and one\n#### 2", "split": "train"}"#,
        "\n",
        r#"{"question": "2+2?", "answer": "two and two\n#### 4", "split": "train"}"#,
        "\n",
        r#"{"question": "3+3?", "answer": "three and three\n#### 6", "split": "test"}"#,
    ))
}

#[test]
fn solved_questions_are_earlier_turns_and_no_tasks() {
    let file = sums();
    let few_shot = Some(FewShot { from: None, count: Some(1) });
    let world = open(&file, Prompting { system: Some("Be brief.".into()), few_shot, ..Prompting::default() });
    let tasks = tasks(world.as_ref());
    assert_eq!(tasks.iter().map(|task| task.id.as_str()).collect::<Vec<_>>(), ["2+2?", "3+3?"]);
    let said: Vec<(Role, String)> =
        tasks[1].prompt.iter().map(|turn| (turn.role, turn.content.as_text().into_owned())).collect();
    let turn = |role, text: &str| (role, text.to_owned());
    let wanted = [
        turn(Role::System, "Be brief."),
        turn(Role::User, "1+1?"),
        turn(Role::Assistant, "one and one\n#### 2"),
        turn(Role::User, "3+3?"),
    ];
    assert_eq!(said, wanted);
    assert_eq!(world.read("3+3?").expect("a task"), tasks[1], "what is typed is put in the same way");
}

#[test]
fn in_one_text_the_answer_goes_on_behind_the_question() {
    let file = sums();
    let few_shot: Option<FewShot> = Some(format!("{}:2", file.path().display()).parse().expect("examples"));
    let world = open(&file, Prompting { few_shot, as_text: true, ..Prompting::default() });
    let tasks = tasks(world.as_ref());
    let wanted = "Question: 1+1?\nAnswer: one and one\n#### 2\n\nQuestion: 2+2?\nAnswer: two and two\n#### 4\n\n\
                  Question: 3+3?\nAnswer:";
    assert_eq!(tasks.iter().map(Task::prompt_text).collect::<Vec<_>>(), [wanted]);
}

#[test]
fn a_template_sees_the_columns_and_hold_outs_know_the_question() {
    let file = file(r#"{"question": "How many?", "answer": "7", "unit": "miles"}"#);
    let template = Template::new("{{ asked }} In {{ unit }}, please.\n").expect("a template");
    let world = open(&file, Prompting { template: Some(template), ..Prompting::default() });
    let task = tasks(world.as_ref()).remove(0);
    assert_eq!(task.prompt, [Turn::user("How many? In miles, please.\n")]);
    assert_eq!(task.id, "How many?");
    let missing = Template::new("{{ nowhere }}").expect("a template");
    let prompting = Prompting { template: Some(missing), ..Prompting::default() };
    let why = find(file.path().to_str().expect("a path"), &Options { prompting, ..Options::default() });
    let why = why.err().expect("no column").to_string();
    assert!(why.contains(":1: ") && why.contains("undefined value"), "{why}");
}

#[test]
fn a_pattern_says_what_is_judged_and_names_other_answers() {
    let file = sums();
    let extract = Some(Extract::new("answer is ([0-9]+)", Take::Last).expect("a pattern"));
    let world = open(&file, Prompting { extract, ..Prompting::default() });
    let task = world.read("3+3?").expect("a task");
    let oracle = world.oracle();
    assert_eq!(oracle.judge(&task, "The answer is 6, and I have 9 fingers."), Verdict::Right);
    assert_eq!(oracle.judge(&task, "It is 6."), Verdict::Wrong("gives no answer; it should be 6".to_owned()));
    assert_eq!(world.answer(&task, "the answer is 8. Or 9").as_deref(), Some("8"));
    assert_ne!(oracle.digest(), open(&file, Prompting::default()).oracle().digest());
}

#[test]
fn options_are_named_by_multiple_choices_and_classifications() {
    let choice = file(
        r#"{"question": "Where?", "choices": {"label": ["A", "B"], "text": ["here", "there"]}, "answerKey": "B"}"#,
    );
    let world = open(&choice, Prompting::default());
    let task = tasks(world.as_ref()).remove(0);
    let named: Vec<(String, String)> =
        world.options(&task).into_iter().map(|option| (option.letter, option.text)).collect();
    assert_eq!(named, [("A".to_owned(), "here".to_owned()), ("B".to_owned(), "there".to_owned())]);
    assert_eq!(world.oracle().judge(&task, "B"), Verdict::Right);
    let labels = file(
        "{\"text\": \"fine\", \"label\": \"good\"}\n{\"text\": \"dull\", \"label\": \"bad\"}\n{\"text\": \"nice\", \"label\": \"good\"}\n",
    );
    let world = open(&labels, Prompting::default());
    let task = tasks(world.as_ref()).remove(0);
    let named: Vec<String> = world.options(&task).into_iter().map(|option| option.text).collect();
    assert_eq!(named, ["bad", "good"]);
}

#[test]
fn instructions_are_verified_one_by_one() {
    let file = file(
        r#"{"key": 1, "prompt": "Say hello without commas, twice.", "instruction_id_list": ["punctuation:no_comma", "keywords:frequency"], "kwargs": [{}, {"keyword": "hello", "frequency": 2, "relation": "at least", "num_words": null}]}"#,
    );
    let world = open(&file, Prompting::default());
    let task = tasks(world.as_ref()).remove(0);
    let oracle = world.oracle();
    assert_eq!(oracle.judge(&task, "hello hello"), Verdict::Right);
    assert_eq!(oracle.judge(&task, "hello, hello"), Verdict::Wrong("does not follow punctuation:no_comma".to_owned()));
    let counts = |text: &str| {
        oracle.counts(&task, text).iter().map(|count| (count.name, count.has, count.of)).collect::<Vec<_>>()
    };
    let loosely = "Sure, here it is:\nhello hello";
    assert_eq!(counts(loosely), [("instructions", 1, 2), ("loose", 1, 1), ("loose instructions", 2, 2)]);
    assert_eq!(oracle.quality(&task, loosely), Some(0.5));
}

#[test]
fn what_cannot_be_put_is_refused() {
    let why = |on: &str, prompting| {
        let options = Options { prompting, ..Options::default() };
        find(on, &options).err().map(|failure| failure.to_string()).unwrap_or_default()
    };
    let few = |count| Prompting { few_shot: Some(FewShot { from: None, count: Some(count) }), ..Prompting::default() };
    assert_eq!(why("game24", few(2)), "`game24` is not asked in other words: it has a world's own tasks");
    let file = sums();
    let path = file.path().to_str().expect("a path");
    assert_eq!(why(path, few(5)), format!("{path} has 2 questions that may be shown as examples, and 5 are asked for"));
}

#[test]
fn exports_of_reasoning_gym_are_judged_as_there_or_refused() {
    let line = |set: &str, answer: &str| {
        format!(
            r#"{{"question": "Q?", "answer": "{answer}", "metadata": {{"source_dataset": "{set}", "source_index": 0}}}}"#
        )
    };
    let world = open(&file(&line("caesar_cipher", "HELLO")), Prompting::default());
    let task = tasks(world.as_ref()).remove(0);
    let right = |text: &str| world.oracle().judge(&task, text) == Verdict::Right;
    assert!(right("HELLO") && right("I think <answer> HELLO </answer>."));
    assert!(!right("hello") && !right("It is HELLO") && !right("<answer>HELLO</answer><answer>NO</answer>"));
    let world = open(&file(&line("chain_sum", "1000")), Prompting::default());
    assert_eq!(world.oracle().judge(&tasks(world.as_ref())[0], "<answer>1,000</answer>"), Verdict::Right);
    let sudoku = file(&line("sudoku", "1 2"));
    let why = find(sudoku.path().to_str().expect("a path"), &Options::default()).err().expect("refused").to_string();
    assert!(why.contains(":1: reasoning-gym judges the answers of `sudoku` by a program of its own"), "{why}");
}
