//! What a reply says: a number, a list, yes or no, a field of an object. None where it does not say
//! it.

use serde_json::Value;

/// The last number of a reply that lies in a range, both ends included: the score after the reasons
/// for it. Of `7/10` and `7 out of 10` it is the 7.
pub fn number(reply: &str, lowest: f64, highest: f64) -> Option<f64> {
    let mut last = None;
    for (place, word) in words(reply) {
        let behind = reply[..place].trim_end();
        let is_scale = behind.ends_with('/') || behind.ends_with("out of");
        match word.parse::<f64>() {
            Ok(number) if !is_scale => last = Some(number),
            _ => {}
        }
    }
    last.filter(|number| (lowest..=highest).contains(number))
}

/// Runs of digits with their signs and points, each with its place.
fn words(reply: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut start = None;
    for (place, letter) in reply.char_indices().chain([(reply.len(), ' ')]) {
        let inside =
            letter.is_ascii_digit() || (letter == '.' && start.is_some()) || (letter == '-' && start.is_none());
        match (start, inside) {
            (None, true) => start = Some(place),
            (Some(from), false) => {
                // A point at the end closes a sentence.
                found.push((from, reply[from..place].trim_end_matches('.')));
                start = (letter == '-').then_some(place);
            }
            _ => {}
        }
    }
    found
}

/// The items of a list: what stands after `1.`, `1)`, `-`, `*` or `•` at the beginning of a line.
pub fn items(reply: &str) -> Vec<String> {
    let item = |line: &str| {
        let line = line.trim();
        let numbered = line.trim_start_matches(|letter: char| letter.is_ascii_digit());
        let behind = match numbered.len() < line.len() {
            true => numbered.strip_prefix(['.', ')', ':']),
            false => line.strip_prefix(['-', '*', '•']),
        };
        behind.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    reply.lines().filter_map(item).collect()
}

/// Whether a reply, or an item of a list, says yes or no: by its first word that is one of the two,
/// or else by its last.
pub fn says_yes(text: &str) -> Option<bool> {
    let said = |word: &str| match word.trim_matches(|letter: char| !letter.is_alphanumeric()).to_lowercase().as_str() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    let mut words = text.split_whitespace();
    words.next().and_then(said).or_else(|| words.next_back().and_then(said))
}

/// The field of the first JSON object in a reply that has it; a dotted name reaches into objects.
pub fn field(reply: &str, name: &str) -> Option<Value> {
    let starts = reply.char_indices().filter(|(_, letter)| *letter == '{').map(|(place, _)| place);
    starts.into_iter().find_map(|start| {
        let object = serde_json::Deserializer::from_str(&reply[start..]).into_iter::<Value>().next()?.ok()?;
        name.split('.').try_fold(&object, |value, key| value.get(key)).cloned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_the_last_number_of_its_range() {
        let score = |reply| number(reply, 1.0, 10.0);
        assert_eq!(score("It misses 2 of 5 points.\nScore: 7"), Some(7.0));
        assert_eq!(score("I give it 8.5."), Some(8.5));
        assert_eq!(score("Rating: 7/10"), Some(7.0));
        assert_eq!(score("7 out of 10, really"), Some(7.0));
        assert_eq!(score("Score: 11"), None, "it is no score, and none before it is taken for one");
        assert_eq!(score("Score: 3 - or 11"), None);
        assert_eq!((score("Excellent!"), score("")), (None, None));
        assert_eq!(number("-1.5 points", -2.0, 2.0), Some(-1.5));
    }

    #[test]
    fn items_are_what_stands_behind_marks() {
        let reply = "Here they are:\n1. What is 2 + 2?\n2) Why?\n- A third\n* \nand no item\n• last";
        assert_eq!(items(reply), ["What is 2 + 2?", "Why?", "A third", "last"]);
        assert!(items("2 + 2").is_empty(), "a number alone begins no list");
    }

    #[test]
    fn yes_and_no_are_heard_at_the_beginning_or_the_end() {
        assert_eq!(says_yes("Yes, it is."), Some(true));
        assert_eq!(says_yes("It names the capital: **no**"), Some(false));
        assert_eq!((says_yes("Perhaps"), says_yes("")), (None, None));
    }

    #[test]
    fn a_field_is_found_in_an_object_among_words() {
        let reply = "Sure:\n```json\n{\"verdict\": {\"score\": 4}, \"why\": \"{odd}\"}\n```";
        assert_eq!(field(reply, "verdict.score"), Some(4.into()));
        assert_eq!(field("{broken {\"score\": true}", "score"), Some(true.into()));
        assert_eq!((field(reply, "grade"), field("score: 4", "score")), (None, None));
    }
}
