//! How many sentences a text has, by the method of Punkt (Kiss and Strunk 2006, Computational
//! Linguistics 32(4)) with the abbreviations, collocations and sentence starters of NLTK's model of
//! English.
//!
//! That model also knows of 20,000 words whether they were seen in capitals; here such words count
//! as never seen. So where a full stop behind an initial or an abbreviation could be the end of a
//! sentence, the word behind it decides by [`STARTERS`] alone.

/// Abbreviations, without their last full stop, in small letters.
const ABBREVIATIONS: &str = "a.a a.c a.d a.g a.h a.m a.m.e a.s a.t adm ala ariz aug ave b.f b.v bros c c.i.t c.o.m.b \
    c.v calif chg cie co col colo conn corp cos ct d d.c d.h d.w dec dr e e.f e.h e.l e.m f f.g f.j feb fla fri ft g \
    g.d g.f g.k ga gen h h.c h.f h.m i.m.s ill inc j.b j.c j.j j.k j.p j.r jan jr k kan ky l l.a l.f l.p lt ltd m \
    m.b.a m.d.c m.j maj messrs mg mich minn mr mrs ms n n.c n.d n.h n.j n.m n.v n.y nev nov oct ok okla ore p p.a.m \
    p.m pa ph.d prof r r.a r.h r.i r.j r.k r.t rep reps s s.a s.a.y s.c s.g s.p.a s.s sen sep sept sr st sw t t.j tenn \
    tues u.k u.n u.s u.s.a u.s.s.r v va vs vt w w.c w.r w.va w.w wash wed wis yr";

/// Words that begin sentences more often than chance has it.
const STARTERS: &str = "according although among both but despite even he however i if in indeed instead it many \
    meanwhile moreover most nevertheless nonetheless nor sales separately similarly since so some the there these \
    they this though thus under when while yet";

/// Signs that part words, beside white space.
const SIGNS: &str = ")\";}]*:@'({[!?";
/// Signs that words do not begin with.
const NEVER_FIRST: &str = "(\"`{[:;&#*@)}]-,";
/// Closing signs that belong to the sentence before them.
const CLOSING: &str = "\"')]}";

/// The number of sentences; a text of nothing but white space has none.
pub(crate) fn sentences(text: &str) -> usize {
    let letters: Vec<char> = text.trim_end().chars().collect();
    let mut starts = vec![0];
    let mut place = 0;
    while place < letters.len() {
        if matches!(letters[place], '.' | '?' | '!')
            && let Some((context_end, next)) = behind(&letters, place + 1)
            && breaks(&letters[word_start(&letters, place)..context_end])
        {
            starts.push(next);
        }
        place += 1;
    }
    let ends = starts.iter().skip(1).copied().chain([letters.len()]);
    // closing signs go to the sentence before; what is left of a sentence then may be nothing
    let mut first = true;
    let said = starts.iter().zip(ends).filter(|&(&start, end)| {
        let start = if first { start } else { realigned(&letters, start, end) };
        first = false;
        start < end && letters[start..end].iter().any(|letter| !letter.is_whitespace())
    });
    said.count()
}

/// Where the word begins that ends before this place.
fn word_start(letters: &[char], end: usize) -> usize {
    letters[..end].iter().rposition(|letter| letter.is_whitespace()).map_or(0, |place| place + 1)
}

/// Where the stretch ends that says whether a sentence ends before this place, and where the next
/// sentence would begin then: with the sign that stands there, or with the next word behind white
/// space. None inside of a word and at the end of the text.
fn behind(letters: &[char], place: usize) -> Option<(usize, usize)> {
    let letter = *letters.get(place)?;
    if SIGNS.contains(letter) {
        return Some((place + 1, place));
    }
    if !letter.is_whitespace() {
        return None;
    }
    let next = place + letters[place..].iter().position(|letter| !letter.is_whitespace())?;
    let end = letters[next..].iter().position(|letter| letter.is_whitespace()).map_or(letters.len(), |at| next + at);
    Some((end, next))
}

/// Where a sentence begins behind the closing signs in front of it.
fn realigned(letters: &[char], start: usize, end: usize) -> usize {
    let closing = letters[start..end].iter().take_while(|letter| CLOSING.contains(**letter)).count();
    let behind = start + closing;
    let space = letters[behind..end].iter().take_while(|letter| letter.is_whitespace()).count();
    let dashed = letters[behind..end].starts_with(&['-', '-']);
    if closing > 0 && (space > 0 || behind == end || dashed) { behind + space } else { start }
}

/// Whether a sentence ends before the last word of this stretch.
fn breaks(stretch: &[char]) -> bool {
    let words = words(stretch);
    let pairs = words.iter().zip(words.iter().skip(1));
    pairs.into_iter().any(|(word, next)| ends(word, next))
}

/// The words and signs of a stretch.
fn words(stretch: &[char]) -> Vec<String> {
    let (mut words, mut place) = (Vec::new(), 0);
    while place < stretch.len() {
        if stretch[place].is_whitespace() {
            place += 1;
            continue;
        }
        let dots = run(stretch, place, '.');
        let dashes = run(stretch, place, '-');
        let length = match (dots, dashes) {
            (2.., _) => dots,
            (_, 2..) => dashes,
            _ if NEVER_FIRST.contains(stretch[place]) => 1,
            _ => 1 + (place + 1..stretch.len()).take_while(|&at| !parts(stretch, at)).count(),
        };
        words.push(stretch[place..place + length].iter().collect());
        place += length;
    }
    words
}

fn run(stretch: &[char], place: usize, sign: char) -> usize {
    stretch[place..].iter().take_while(|letter| **letter == sign).count()
}

/// Whether a word ends before this place.
fn parts(stretch: &[char], place: usize) -> bool {
    let letter = stretch[place];
    let parted = |place: usize| {
        stretch.get(place).is_none_or(|letter| letter.is_whitespace() || SIGNS.contains(*letter))
            || run(stretch, place, '.') > 1
            || run(stretch, place, '-') > 1
    };
    letter != ',' && parted(place) || letter == ',' && parted(place + 1)
}

/// Whether a sentence ends between two words.
fn ends(word: &str, next: &str) -> bool {
    if matches!(word, "." | "?" | "!") {
        return true;
    }
    let Some(bare) = word.strip_suffix('.').filter(|bare| !bare.is_empty()) else { return false };
    let kind = bare.to_lowercase();
    let following = next.trim_end_matches('.').to_lowercase();
    let starts = |first: fn(char) -> bool| next.chars().next().is_some_and(first);
    let known = |list: &str, word: &str| list.split(' ').any(|known| known == word);
    let starter = starts(char::is_uppercase) && known(STARTERS, &following);
    let ellipsis = bare.ends_with('.');
    let initial = bare.chars().count() == 1 && bare.chars().all(char::is_alphabetic);
    let last = kind.rsplit('-').next().unwrap_or(&kind);
    let abbreviation = !ellipsis && (known(ABBREVIATIONS, &kind) || known(ABBREVIATIONS, last));
    if (abbreviation || ellipsis) && !initial {
        return starter;
    }
    let number = kind.chars().any(|letter| letter.is_ascii_digit())
        && kind.chars().all(|letter| letter.is_ascii_digit() || ",.-".contains(letter));
    let continues = starts(char::is_lowercase) || matches!(next, ";" | ":" | "," | "." | "!" | "?");
    match (initial, number) {
        (true, _) => !abbreviation && starter && !continues,
        (_, true) => !continues,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_counted_as_nltk_counts_them() {
        // by nltk 3.9 with its model of English
        let counted = [
            ("", 0),
            ("No end", 1),
            ("One. Two! Three?", 3),
            ("Dr. Smith met Mr. Jones at 5 p.m. on Friday. They spoke.", 2),
            ("He said \"Stop!\" and left. \"Why?\" she asked.", 4),
            ("It costs 3.50 dollars. That is all...", 2),
            ("1. First\n2. Second\n3. Third", 4),
            ("See https://example.com/a.b for more.", 1),
            ("Wait... what? No way!", 2),
            ("The end.\n\n* a point.\n* another.", 3),
        ];
        for (text, count) in counted {
            assert_eq!(sentences(text), count, "{text}");
        }
    }
}
