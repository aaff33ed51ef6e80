use nouns::{Split, Task};

/// The split of a problem, by the BLAKE3 hash of its canonical form: 75 % train, 10 % valid, 15 %
/// test.
///
/// It depends on nothing but the problem. So it is the same in every run and version, splits are
/// disjoint by construction, and a problem keeps its split when others are added.
pub fn split_of(id: &str) -> Split {
    let hash = blake3::hash(id.as_bytes());
    let number = hash.as_bytes().iter().take(8).fold(0u64, |number, &byte| number << 8 | u64::from(byte));
    match number % 100 {
        0..75 => Split::Train,
        75..85 => Split::Valid,
        _ => Split::Test,
    }
}

/// The tasks of a split, in order.
pub(crate) fn tasks_of(split: Split, tasks: &[Task]) -> Vec<Task> {
    tasks.iter().filter(|task| split_of(&task.id) == split).cloned().collect()
}
