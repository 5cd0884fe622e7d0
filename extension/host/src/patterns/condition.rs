//! What patterns have to say of a text in JSON.

use super::set::Set;
use lambdawatch_json::rows::unescape_into;
use std::cell::RefCell;
use std::rc::Rc;

/// Asks of texts that exactly these patterns of a set match in them.
pub struct Condition {
    set: Rc<RefCell<Set>>,
    /// In ascending order.
    matching: Vec<usize>,
    /// The text at hand; kept for its memory.
    text: Vec<u8>,
}

impl Condition {
    pub fn new(set: Rc<RefCell<Set>>, matching: Vec<usize>) -> Self {
        Self { set, matching, text: Vec::new() }
    }

    /// Whether it is so in the text that the content of a JSON string stands for. Where nobody can tell, it is not.
    pub fn holds(&mut self, content: &[u8]) -> bool {
        self.text.clear();
        unescape_into(content, &mut self.text);
        let mut set = self.set.borrow_mut();
        let Ok(found) = set.matching(&self.text) else { return false };
        found.map_or(self.matching.is_empty(), |found| found.eq(self.matching.iter().copied()))
    }
}
