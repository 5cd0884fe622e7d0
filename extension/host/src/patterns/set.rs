//! A set of patterns. Which of them match is seen in one pass over the text, by an automaton whose states are made as
//! they are needed; where a text needs too many of them, a slower one takes over, whose time is bounded just as well.

use super::program::automaton;
use super::replace::{replace, Piece};
use regex_automata::hybrid::dfa::{Cache as FastCache, DFA};
use regex_automata::nfa::thompson::pikevm::{Cache, PikeVM};
use regex_automata::{Input, MatchKind, PatternSet};

/// Bytes for states. A set of ten patterns takes some 50 KiB for ordinary lines.
const FAST_BYTES: usize = 512 * 1024;

/// After the states were thrown away this often within one text, and then again with fewer than so many bytes of it for
/// each state, they are no longer worth their while.
const CLEARED_OFTEN: usize = 3;
const BYTES_PER_STATE: usize = 10;

pub struct Pattern {
    pub program: Vec<i32>,
    /// What stands in place of a match, of patterns that are masks.
    pub replacement: Option<Vec<Piece>>,
}

pub struct Set {
    patterns: Vec<Pattern>,
    fast: DFA,
    fast_cache: FastCache,
    /// Made when the fast one gives up for the first time.
    slow: Option<(PikeVM, Cache)>,
    found: PatternSet,
    /// The patterns on their own, with the places of their groups. Each is made when it matches for the first time.
    alone: Vec<Option<(PikeVM, Cache)>>,
}

impl Set {
    pub fn new(patterns: Vec<Pattern>) -> Result<Self, String> {
        let programs: Vec<&[i32]> = patterns.iter().map(|pattern| pattern.program.as_slice()).collect();
        let config = DFA::config()
            .match_kind(MatchKind::All)
            .cache_capacity(FAST_BYTES)
            .skip_cache_capacity_check(true)
            .minimum_cache_clear_count(Some(CLEARED_OFTEN))
            .minimum_bytes_per_state(Some(BYTES_PER_STATE));
        let fast = DFA::builder()
            .configure(config)
            .build_from_nfa(automaton(&programs, false)?)
            .map_err(|error| error.to_string())?;
        Ok(Self {
            fast_cache: fast.create_cache(),
            slow: None,
            found: PatternSet::new(patterns.len()),
            alone: patterns.iter().map(|_| None).collect(),
            fast,
            patterns,
        })
    }

    /// The patterns that match somewhere in the text; `None` for none of them.
    pub fn matching(&mut self, text: &[u8]) -> Result<Option<impl Iterator<Item = usize> + '_>, String> {
        let input = Input::new(text);
        // Most texts have none, which is seen in half the time.
        if let Ok(None) = self.fast.try_search_fwd(&mut self.fast_cache, &input.clone().earliest(true)) {
            return Ok(None);
        }
        self.found.clear();
        if self.fast.try_which_overlapping_matches(&mut self.fast_cache, &input, &mut self.found).is_err() {
            self.found.clear();
            self.fast_cache.reset(&self.fast);
            let config = PikeVM::config().match_kind(MatchKind::All);
            if self.slow.is_none() {
                let nfa = self.fast.get_nfa().clone();
                let slow = PikeVM::builder().configure(config).build_from_nfa(nfa);
                self.slow = Some(with_cache(slow.map_err(|error| error.to_string())?));
            }
            if let Some((slow, cache)) = &mut self.slow {
                slow.which_overlapping_matches(cache, &input, &mut self.found);
            }
        }
        Ok((!self.found.is_empty()).then(|| self.found.iter().map(|pattern| pattern.as_usize())))
    }

    /// See [`replace`].
    pub fn replace(&mut self, number: usize, text: &str) -> Option<String> {
        let pattern = self.patterns.get(number)?;
        let replacement = pattern.replacement.as_ref()?;
        let alone = self.alone.get_mut(number)?;
        if alone.is_none() {
            let nfa = automaton(&[&pattern.program], true).ok()?;
            *alone = PikeVM::new_from_nfa(nfa).ok().map(with_cache);
        }
        let (engine, cache) = alone.as_mut()?;
        replace(engine, cache, text, replacement)
    }
}

fn with_cache(engine: PikeVM) -> (PikeVM, Cache) {
    let cache = engine.create_cache();
    (engine, cache)
}
