//! What ends an answer: the tokenizer's end tokens, and stop strings.

use tokens::Tokens;

use crate::choices::Choices;
use crate::ends::Ends;

/// Tokens that are looked at beside those that a stop string can have: decoders treat the first
/// token of a text in ways of their own, and special tokens have no text.
const MARGIN: usize = 8;

/// Ends answers at the tokenizer's end token and at stop strings.
pub(crate) struct Endings<'a> {
    pub(crate) tokens: &'a Tokens,
}

impl Ends for Endings<'_> {
    fn ends(&self, context: &[u32], tokens: &[u32], stop: &[String]) -> bool {
        tokens.last().is_some_and(|&last| self.tokens.is_end(last))
            || reached(&|tokens| self.tokens.decode(tokens), context, tokens, stop)
    }

    fn end_ids(&self) -> &[u32] {
        self.tokens.end_ids()
    }

    fn choices(&self, among: &[String]) -> Choices {
        Choices::new(among.iter().map(|text| self.tokens.encode_fragment(text)), self.tokens.end_id())
    }

    fn may_go_on(&self, tokens: &[u32], stop: &[String]) -> bool {
        !stop.is_empty() && !tokens.last().is_some_and(|&last| self.tokens.is_end(last))
    }
}

/// Whether a stop string is whole with the last token. It may begin inside of a token, the
/// context's last ones included, and end inside of the last, as in `transformers`
/// (`StopStringCriteria`): `</answer>` is seen in `</`, `answer`, `>\n`.
fn reached(decode: &dyn Fn(&[u32]) -> String, context: &[u32], tokens: &[u32], stop: &[String]) -> bool {
    let Some(longest) = stop.iter().map(String::len).max().filter(|longest| *longest > 0) else { return false };
    // A token has a letter or more, but for those of the margin.
    let room = longest + MARGIN;
    let own = &tokens[tokens.len().saturating_sub(room)..];
    let before = &context[context.len().saturating_sub(room - own.len())..];
    let seen = [before, own].concat();
    let Some((_, earlier)) = seen.split_last() else { return false };
    let (text, earlier) = (decode(&seen), decode(earlier));
    // Letters that the last token completes were something else before it.
    let known = text.bytes().zip(earlier.bytes()).take_while(|(now, before)| now == before).count();
    stop.iter().filter(|end| !end.is_empty()).any(|end| {
        let from = (known + 1).saturating_sub(end.len());
        (from..text.len()).any(|at| text.as_bytes()[at..].starts_with(end.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIECES: [&str; 12] =
        [" one", ",", " two", " three", "four", ", ", "f", "ive", "</", "answer", ">\n", " seven"];

    fn ends(context: &[u32], tokens: &[u32], stop: &str) -> bool {
        let decode = |tokens: &[u32]| tokens.iter().map(|&token| PIECES[token as usize]).collect::<String>();
        reached(&decode, context, tokens, &[stop.to_owned()])
    }

    #[test]
    fn a_stop_string_may_begin_and_end_inside_of_tokens() {
        for (context, tokens, stop, wanted) in [
            (&[0, 1][..], &[2][..], " two", true),
            (&[0, 1], &[2, 1], " two", false), // one token earlier
            (&[0, 1], &[2, 1, 3], "two, th", true),
            (&[0, 1], &[2, 1, 3], "wo, t", true),
            (&[0, 1], &[2], "one, t", true),   // begins in the context
            (&[0, 1, 2], &[3], " two", false), // is whole in the context
            (&[4, 5], &[6], "four, f", true),
            (&[4, 5], &[6, 7], "four, f", false),
            (&[0], &[8, 9, 10], "</answer>", true),
            (&[0], &[8, 9], "</answer>", false),
            (&[0], &[11], "", false),
            (&[], &[11], "seven", true),
        ] {
            assert_eq!(ends(context, tokens, stop), wanted, "{context:?} {tokens:?} {stop:?}");
        }
    }
}
