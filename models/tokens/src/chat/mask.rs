//! Which of a conversation's tokens the assistant writes itself: the ones that are taught.

use std::ops::Range;

use super::{Ask, ChatTemplate, Conversation, Rendered};
use crate::fault::TokensFault;

/// A question and an answer that no template writes by itself.
const QUESTION: &str = "zyqqxquestion";
const ANSWER: &str = "zyqqxanswer";

impl ChatTemplate {
    /// The conversation as text, with the stretches that the assistant writes, its end of turn
    /// included.
    ///
    /// A template with `{% generation %}` blocks says so itself. For any other the assistant's turn
    /// is what its message adds to the prompt that asked for it; where a template writes earlier
    /// turns differently once they are past (some drop the reasoning), that does not hold of the
    /// whole, and it is refused: [`Self::answers_apart`] is the way then.
    pub fn with_own_text(&self, conversation: &Conversation, ask: &Ask) -> Result<Rendered, TokensFault> {
        let mut whole = self.render(conversation, ask)?;
        if self.marks_own_text() {
            return Ok(whole);
        }
        let mut own: Vec<Range<usize>> = Vec::new();
        for number in (0..conversation.len()).filter(|&number| conversation.is_assistants(number)) {
            let last = number + 1 == conversation.len();
            let with = if last { whole.text.clone() } else { self.up_to(conversation, number, ask)? };
            let start = self.start_of_answer(conversation, number, &with, ask)?;
            if !whole.text.starts_with(&with) {
                return Err(TokensFault::NoMask { message: number + 1 });
            }
            own.push(start..with.len());
        }
        whole.own = own;
        Ok(whole)
    }

    /// Each answer of the conversation by itself: the conversation up to it, of which the answer
    /// alone is the assistant's own. It is what the model reads when it gives that answer, whatever
    /// the template makes of the answer later.
    pub fn answers_apart(&self, conversation: &Conversation, ask: &Ask) -> Result<Vec<Rendered>, TokensFault> {
        let answers = (0..conversation.len()).filter(|&number| conversation.is_assistants(number));
        answers.map(|number| self.last_answer(&conversation.first(number + 1), ask)).collect()
    }

    /// A conversation whose last message is an answer, of which that answer alone is the
    /// assistant's own.
    pub fn last_answer(&self, conversation: &Conversation, ask: &Ask) -> Result<Rendered, TokensFault> {
        let number = conversation.len().checked_sub(1).filter(|&number| conversation.is_assistants(number));
        let number = number.ok_or_else(|| TokensFault::Messages("the last message is not the assistant's".into()))?;
        let text = self.up_to(conversation, number, ask)?;
        let start = self.start_of_answer(conversation, number, &text, ask)?;
        let own = start..text.len();
        Ok(Rendered { text, own: vec![own] })
    }

    /// The conversation up to a message, with nothing after it.
    fn up_to(&self, conversation: &Conversation, number: usize, ask: &Ask) -> Result<String, TokensFault> {
        let past = Ask { add_generation_prompt: false, continue_final_message: false, ..ask.clone() };
        Ok(self.render(&conversation.first(number + 1), &past)?.text)
    }

    /// Where an assistant's message begins in `with`, the conversation up to it as text.
    ///
    /// That is where the prompt that asks for it ends. A prompt may end with more than a written
    /// answer begins with (`<think>`, where the template drops what was thought): then it is where
    /// the two part, and no later than the content. Before the first message there is no prompt,
    /// and what stands before an answer to something else is looked for.
    fn start_of_answer(
        &self,
        conversation: &Conversation,
        number: usize,
        with: &str,
        ask: &Ask,
    ) -> Result<usize, TokensFault> {
        let refused = || TokensFault::NoMask { message: number + 1 };
        let answering = Ask { add_generation_prompt: true, continue_final_message: false, ..ask.clone() };
        let past = Ask { add_generation_prompt: false, ..answering.clone() };
        let asked = Conversation::of_turns(&[nouns::Turn::user(QUESTION)], |_| String::new());
        let before = if number == 0 { &asked } else { &conversation.first(number) };
        let prompt = self.render(before, &answering)?.text;
        if number > 0 && with.starts_with(&prompt) && with.len() > prompt.len() {
            return Ok(prompt.len());
        }
        let base = self.render(before, &past)?.text;
        let header = prompt.strip_prefix(base.as_str()).ok_or_else(refused)?;
        let base = if number == 0 { "" } else { base.as_str() };
        let added = with.strip_prefix(base).ok_or_else(refused)?;
        let content = conversation.text_of(number).trim().to_owned();
        let said_at = |at: usize| added.get(at..).is_some_and(|rest| rest.trim_start().starts_with(&content));
        let behind_header = || added.find(header).map(|at| at + header.len()).filter(|&at| said_at(at));
        let shared = added.bytes().zip(header.bytes()).take_while(|(one, other)| one == other).count();
        let start = match behind_header().filter(|_| !header.is_empty()) {
            Some(start) => start,
            None if shared == 0 => return Err(refused()),
            // The content may begin as the prompt ends: then it begins where it is whole.
            None => (0..=shared).rev().find(|&at| said_at(at)).unwrap_or(shared),
        };
        let start = (0..=start).rev().find(|&at| added.is_char_boundary(at)).unwrap_or(0);
        if start == added.len() { Err(refused()) } else { Ok(base.len() + start) }
    }

    /// What the template writes after an assistant's message: its end of turn.
    pub(crate) fn end_of_turn(&self) -> Option<String> {
        let asked = Conversation::of_turns(&[nouns::Turn::user("question")], |_| String::new());
        let answered = asked.and(nouns::Role::Assistant, ANSWER);
        let text = self.render(&answered, &Ask::default()).ok()?.text;
        Some(text[text.rfind(ANSWER)? + ANSWER.len()..].to_owned())
    }
}
