//! A JSON array in the making.

use crate::forms::Forms;
use crate::quote;
use crate::rows::{Cell, Table};
use std::io::Write;

/// The elements of a JSON array as one text, and where each of them ends.
#[derive(Default)]
pub struct List {
    /// Each element with a comma behind it.
    text: Vec<u8>,
    /// Behind the comma of each element.
    ends: Vec<u32>,
    /// So many elements at the front have been taken out. They leave the memory together, as moving the others costs.
    taken: usize,
}

/// Elements that were taken out stay in memory up to this number, or for as long as they are fewer than those that
/// follow.
const FEW: usize = 64;

/// Rows of a table that become elements: `head`, a number, `middle`, the text of the last column, and the tail that its
/// form has.
pub struct Run<'a> {
    pub head: &'a [u8],
    /// The number of the first row; each one has the next.
    pub first: u64,
    pub middle: &'a [u8],
    pub most_rows: usize,
    /// All texts together in UTF-8.
    pub most_bytes: usize,
    /// The longest text in UTF-8.
    pub longest: usize,
}

impl List {
    pub fn len(&self) -> usize {
        self.ends.len() - self.taken
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The elements with commas between them.
    pub fn text(&self) -> &[u8] {
        let text = &self.text[self.start()..];
        &text[..text.len().saturating_sub(1)]
    }

    /// Where the first element begins.
    fn start(&self) -> usize {
        if self.taken == 0 {
            0
        } else {
            self.ends[self.taken - 1] as usize
        }
    }

    fn forget_taken(&mut self) {
        let start = self.start();
        self.text.drain(..start);
        self.ends.drain(..self.taken);
        for end in &mut self.ends {
            *end -= start as u32;
        }
        self.taken = 0;
    }

    /// Appends an element: `head`, the text as a JSON string, `tail`. `false`, and nothing is appended, if there is no
    /// room for more in a list: 4 GiB.
    pub fn push(&mut self, head: &[u8], text: &[u8], tail: &[u8]) -> bool {
        let before = self.text.len();
        self.text.extend_from_slice(head);
        quote(text, &mut self.text);
        self.text.extend_from_slice(tail);
        self.text.push(b',');
        let end = u32::try_from(self.text.len());
        match end {
            Ok(end) => self.ends.push(end),
            Err(_) => self.text.truncate(before),
        }
        end.is_ok()
    }

    /// Appends rows from `from` on for as long as the columns but the last are those of the first, the last has a form
    /// and is one that `may_pass` (it gets what stands between its quotes), and nothing exceeds a limit. A newline at
    /// the end of a text is left out. Gives how many bytes the texts have in UTF-8.
    pub fn push_rows(
        &mut self,
        table: &Table,
        from: usize,
        forms: &Forms,
        run: &Run<'_>,
        may_pass: &mut dyn FnMut(&[u8]) -> bool,
    ) -> usize {
        let mut bytes = 0;
        for row in from..table.len().min(from.saturating_add(run.most_rows)) {
            let Cell::Text { content, escapes, usual: true } = table.cell(row, table.last_column()) else { break };
            let (text, escapes) = without_newline(table.content(content), *escapes);
            let length = text.len() - escapes;
            if length > run.longest || bytes + length > run.most_bytes || !table.are_alike(row, from) {
                break;
            }
            let Some(tail) = forms.tail_of(text) else { break };
            if !may_pass(text) {
                break;
            }
            let before = self.text.len();
            self.text.extend_from_slice(run.head);
            // Writing to a vector can't fail.
            let _ = write!(self.text, "{}", run.first + (row - from) as u64);
            for part in [run.middle, b"\"", text, b"\"", tail, b","] {
                self.text.extend_from_slice(part);
            }
            let Ok(end) = u32::try_from(self.text.len()) else {
                self.text.truncate(before);
                break;
            };
            self.ends.push(end);
            bytes += length;
        }
        bytes
    }

    /// Moves all elements from the one at `at` on into a list of their own.
    pub fn split_off(&mut self, at: usize) -> Self {
        self.forget_taken();
        let at = at.min(self.len());
        let offset = if at == 0 { 0 } else { self.ends[at - 1] };
        let ends = self.ends.split_off(at).into_iter().map(|end| end - offset).collect();
        Self { text: self.text.split_off(offset as usize), ends, taken: 0 }
    }

    /// Appends all elements of another list. `false`, and nothing is appended, if there is no room for them.
    pub fn append(&mut self, other: &Self) -> bool {
        let start = other.start();
        let added = &other.text[start..];
        if u32::try_from(self.text.len() + added.len()).is_err() {
            return false;
        }
        let before = self.text.len() as u32;
        self.text.extend_from_slice(added);
        self.ends.extend(other.ends[other.taken..].iter().map(|end| end - start as u32 + before));
        true
    }

    /// Takes the first element out and gives its text.
    pub fn shift(&mut self) -> Option<Vec<u8>> {
        let end = *self.ends.get(self.taken)? as usize;
        let first = self.text[self.start()..end - 1].to_vec();
        self.taken += 1;
        if self.taken > FEW.max(self.len()) {
            self.forget_taken();
        }
        Some(first)
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

/// The content of a JSON string and the number of its escapes, both less one newline at the end.
fn without_newline(content: &[u8], escapes: usize) -> (&[u8], usize) {
    let Some(text) = content.strip_suffix(b"\\n") else { return (content, escapes) };
    // Behind an odd number of further backslashes it is an `n`.
    let backslashes = text.iter().rev().take_while(|&&byte| byte == b'\\').count();
    if backslashes % 2 == 0 {
        (text, escapes - 1)
    } else {
        (content, escapes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: Run<'_> = Run { head: b"[\"7", first: 8, middle: b"\",", most_rows: 9, most_bytes: 99, longest: 99 };

    fn table(rows: &[(&str, &str)]) -> Table {
        let rows: Vec<_> = rows.iter().map(|(time, text)| format!(r#"{{"t":"{time}","r":"{text}"}}"#)).collect();
        Table::read(format!("[{}]", rows.join(",")).into_bytes(), &["t".to_owned(), "r".to_owned()]).unwrap()
    }

    #[test]
    fn takes_rows_as_long_as_they_are_alike_and_have_a_form() {
        let mut forms = Forms::default();
        forms.add(b"a\t", b"]");
        forms.add(b"b", b",{}]");
        let rows = table(&[
            ("1", r"a\tx\n"),
            ("1", r#"bü\"\\n"#),
            ("1", r"b\n\n"),
            ("1", r"a\tx\u0041"),
            ("1", "b"),
            ("1", "c"),
            ("2", "b"),
        ]);
        let mut list = List::default();
        assert_eq!(list.push_rows(&rows, 0, &forms, &RUN, &mut any), 3 + 6 + 2);
        assert_eq!((list.len(), text(&list)), (3, r#"["78","a\tx"],["79","bü\"\\n",{}],["710","b\n",{}]"#));
        assert_eq!(list.push_rows(&rows, 3, &forms, &RUN, &mut any), 0, "written in an unusual way");
        assert_eq!(list.push_rows(&rows, 4, &forms, &RUN, &mut any), 1);
        assert_eq!(list.push_rows(&rows, 5, &forms, &RUN, &mut any), 0);
        assert_eq!(list.push_rows(&rows, 6, &forms, &RUN, &mut any), 1);
        assert_eq!(list.push_rows(&rows, 7, &forms, &RUN, &mut any), 0);
        assert_eq!(list.len(), 5);
        let mut short = |text: &[u8]| text.len() < 7;
        assert_eq!(list.push_rows(&rows, 0, &forms, &RUN, &mut short), 3, "the second may not pass");
    }

    #[test]
    fn takes_no_more_rows_than_it_may() {
        let mut forms = Forms::default();
        forms.add(b"x", b"]");
        let rows = table(&[("1", "xx"), ("1", "xx"), ("1", "xxx"), ("2", "xx")]);
        let taken = |run: &Run<'_>| {
            let mut list = List::default();
            (list.push_rows(&rows, 0, &forms, run, &mut any), list.len())
        };
        assert_eq!(taken(&RUN), (7, 3));
        assert_eq!(taken(&Run { most_rows: 1, ..RUN }), (2, 1));
        assert_eq!(taken(&Run { most_bytes: 6, ..RUN }), (4, 2));
        assert_eq!(taken(&Run { longest: 2, ..RUN }), (4, 2));
        assert_eq!(taken(&Run { most_rows: 0, ..RUN }), (0, 0));
    }

    fn any(_: &[u8]) -> bool {
        true
    }

    fn text(list: &List) -> &str {
        std::str::from_utf8(list.text()).unwrap()
    }

    #[test]
    fn grows_splits_joins_and_shrinks() {
        let mut list = List::default();
        assert_eq!((list.len(), text(&list)), (0, ""));
        assert!(list.push(b"[1,", b"a\"", b"]") && list.push(b"", b"b", b"") && list.push(b"{\"x\":", b"c", b"}"));
        assert_eq!((list.len(), text(&list)), (3, r#"[1,"a\""],"b",{"x":"c"}"#));
        let mut tail = list.split_off(1);
        assert_eq!((list.len(), text(&list)), (1, r#"[1,"a\""]"#));
        assert_eq!((tail.len(), text(&tail)), (2, r#""b",{"x":"c"}"#));
        assert!(tail.append(&list));
        assert_eq!((tail.len(), text(&tail)), (3, r#""b",{"x":"c"},[1,"a\""]"#));
        assert_eq!(tail.shift().as_deref(), Some(br#""b""#.as_slice()));
        let last = tail.split_off(1);
        assert_eq!((text(&tail), text(&last)), (r#"{"x":"c"}"#, r#"[1,"a\""]"#));
        assert_eq!(tail.split_off(0).len(), 1);
        assert_eq!((tail.shift(), tail.is_empty(), tail.split_off(5).len()), (None, true, 0));
        list.clear();
        assert_eq!((list.len(), text(&list)), (0, ""));
    }

    #[test]
    fn what_was_taken_out_is_gone_from_all_that_follows() {
        let numbered = |range: std::ops::Range<usize>| {
            let mut list = List::default();
            range.for_each(|i| assert!(list.push(b"", i.to_string().as_bytes(), b"")));
            list
        };
        let mut list = numbered(0..300);
        for i in 0..200 {
            assert_eq!(list.shift(), Some(format!("\"{i}\"").into_bytes()));
            assert_eq!((list.len(), list.text()), (299 - i, numbered(i + 1..300).text()));
        }
        assert!(list.shift().is_some());
        let mut other = numbered(0..201);
        assert!(other.append(&list));
        assert_eq!((other.len(), other.text()), (300, numbered(0..300).text()));
        assert!(list.shift().is_some());
        let tail = list.split_off(8);
        assert_eq!((list.text(), tail.text()), (numbered(202..210).text(), numbered(210..300).text()));
        assert_eq!((list.len(), tail.len()), (8, 90));
    }
}
