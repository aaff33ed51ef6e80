//! Which of a conversation's tokens the assistant writes itself: the ones that are taught.

use std::ops::Range;

use super::{Ask, ChatTemplate, Conversation, Rendered};
use crate::fault::TokensFault;

impl ChatTemplate {
    /// The conversation as text, with the stretches that the assistant writes, its end of turn included.
    ///
    /// A template with `{% generation %}` blocks says so itself. For any other the assistant's turn is what its message
    /// adds to the prompt that asked for it; where a template writes earlier turns differently once they are past (some
    /// drop the reasoning), that does not hold, and it is refused.
    pub fn with_own_text(&self, conversation: &Conversation, ask: &Ask) -> Result<Rendered, TokensFault> {
        let mut whole = self.render(conversation, ask)?;
        if self.marks_own_text() {
            return Ok(whole);
        }
        let mut own: Vec<Range<usize>> = Vec::new();
        for number in (0..conversation.len()).filter(|&number| conversation.is_assistants(number)) {
            let refused = || TokensFault::NoMask { message: number + 1 };
            let answering = Ask { add_generation_prompt: true, continue_final_message: false, ..ask.clone() };
            let past = Ask { add_generation_prompt: false, ..answering.clone() };
            let prompt = self.render(&conversation.first(number), &answering)?.text;
            let with = self.render(&conversation.first(number + 1), &past)?.text;
            let last = number + 1 == conversation.len();
            let with = if last { whole.text.clone() } else { with };
            if !with.starts_with(&prompt) || !whole.text.starts_with(&with) || with.len() == prompt.len() {
                return Err(refused());
            }
            own.push(prompt.len()..with.len());
        }
        whole.own = own;
        Ok(whole)
    }

    /// What the template writes behind an assistant's message: its end of turn.
    pub(crate) fn end_of_turn(&self) -> Option<String> {
        /// A word that no template writes by itself.
        const ANSWER: &str = "zyqqxanswer";
        let asked = Conversation::of_turns(&[nouns::Turn::user("question")], |_| String::new());
        let answered = asked.and(nouns::Role::Assistant, ANSWER);
        let text = self.render(&answered, &Ask::default()).ok()?.text;
        Some(text[text.rfind(ANSWER)? + ANSWER.len()..].to_owned())
    }
}
