//! From a program to the automaton that `regex-automata` runs.

use regex_automata::nfa::thompson::{BuildError, Builder, Transition, NFA};
use regex_automata::util::look::Look;
use regex_automata::util::primitives::StateID;

const MATCH: i32 = 0;
const BYTES: i32 = 1;
const CHOICE: i32 = 2;
const KEEP: i32 = 3;
const LOOK: i32 = 4;

const LOOKS: [Look; 6] = [Look::Start, Look::End, Look::StartLF, Look::EndLF, Look::WordAscii, Look::WordAsciiNegate];

/// One automaton for all the programs. Without `places` it only says which of them match.
pub fn automaton(programs: &[&[i32]], places: bool) -> Result<NFA, String> {
    build(programs, places).map_err(|problem| match problem {
        Problem::Program => "not a program".to_owned(),
        Problem::Build(error) => error.to_string(),
    })
}

enum Problem {
    Program,
    Build(BuildError),
}

impl From<BuildError> for Problem {
    fn from(error: BuildError) -> Self {
        Problem::Build(error)
    }
}

fn build(programs: &[&[i32]], places: bool) -> Result<NFA, Problem> {
    let mut builder = Builder::new();
    let mut starts = Vec::with_capacity(programs.len());
    let mut added = 0;
    for program in programs {
        let [start, _groups, count, instructions @ ..] = program else { return Err(Problem::Program) };
        let count = usize::try_from(*count).map_err(|_| Problem::Program)?;
        let ids = Ids { base: added, count };
        let start = ids.of(*start)?;
        builder.start_pattern()?;
        let mut reader = Reader { rest: instructions };
        for _ in 0..count {
            add(&mut builder, &mut reader, &ids, places)?;
        }
        if !reader.rest.is_empty() {
            return Err(Problem::Program);
        }
        builder.finish_pattern(start)?;
        starts.push(start);
        added += count;
    }
    let anchored = builder.add_union(starts)?;
    // An unanchored search steps over any byte as long as nothing has begun to match.
    let unanchored = builder.add_union(vec![anchored])?;
    let any = builder.add_range(Transition { start: 0, end: 255, next: unanchored })?;
    builder.patch(unanchored, any)?;
    Ok(builder.build(anchored, unanchored)?)
}

/// Each instruction makes one state.
fn add(builder: &mut Builder, reader: &mut Reader, ids: &Ids, places: bool) -> Result<StateID, Problem> {
    let state = match reader.next()? {
        MATCH => builder.add_match()?,
        BYTES => {
            let mut transitions = Vec::new();
            for _ in 0..reader.next()? {
                let (start, end) = (reader.byte()?, reader.byte()?);
                transitions.push(Transition { start, end, next: ids.of(reader.next()?)? });
            }
            builder.add_sparse(transitions)?
        }
        CHOICE => {
            let mut alternates = Vec::new();
            for _ in 0..reader.next()? {
                alternates.push(ids.of(reader.next()?)?);
            }
            builder.add_union(alternates)?
        }
        KEEP => {
            let (place, next) = (reader.next()?, ids.of(reader.next()?)?);
            let group = u32::try_from(place / 2).map_err(|_| Problem::Program)?;
            match (places, place % 2) {
                (false, _) => builder.add_union(vec![next])?,
                (true, 0) => builder.add_capture_start(next, group, None)?,
                (true, _) => builder.add_capture_end(next, group)?,
            }
        }
        LOOK => {
            let look = usize::try_from(reader.next()?).ok().and_then(|look| LOOKS.get(look)).ok_or(Problem::Program)?;
            builder.add_look(ids.of(reader.next()?)?, *look)?
        }
        _ => return Err(Problem::Program),
    };
    Ok(state)
}

/// From numbers of instructions to those of states.
struct Ids {
    base: usize,
    count: usize,
}

impl Ids {
    fn of(&self, instruction: i32) -> Result<StateID, Problem> {
        let number = usize::try_from(instruction).ok().filter(|number| *number < self.count).ok_or(Problem::Program)?;
        StateID::new(self.base + number).map_err(|_| Problem::Program)
    }
}

struct Reader<'a> {
    rest: &'a [i32],
}

impl Reader<'_> {
    fn next(&mut self) -> Result<i32, Problem> {
        let (first, rest) = self.rest.split_first().ok_or(Problem::Program)?;
        self.rest = rest;
        Ok(*first)
    }

    fn byte(&mut self) -> Result<u8, Problem> {
        u8::try_from(self.next()?).map_err(|_| Problem::Program)
    }
}
