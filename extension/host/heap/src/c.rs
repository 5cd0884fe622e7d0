//! The heap under the names by which C and Rust's standard library call one. They take the place of those of the C
//! library, whose symbols are weak.
//!
//! The thread that asks first, the main one, has a heap of its own, without a lock. All other threads share a second
//! one. What they free of the first waits for its owner.

use crate::Heap;
use std::cell::{Cell, UnsafeCell};
use std::ffi::{c_int, c_void};
use std::hint::spin_loop;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

/// Pages that the main thread has used by the time that it waits for the first time.
const POPULATED: u32 = 96;

/// Turns of an event loop after which memory that none of them has needed goes back to the system.
const TURNS: u32 = 64;

struct Main(UnsafeCell<Heap>);

// SAFETY: only the thread for which `IS_MAIN` is set uses it.
unsafe impl Sync for Main {}

struct Shared(AtomicBool, UnsafeCell<Heap>);

// SAFETY: whoever uses it holds its lock.
unsafe impl Sync for Shared {}

static MAIN: Main = Main(UnsafeCell::new(Heap::new()));
static SHARED: Shared = Shared(AtomicBool::new(false), UnsafeCell::new(Heap::new()));

/// Pieces of the main thread that others have freed, each with the address of the next one in it.
static RETURNED: AtomicPtr<u8> = AtomicPtr::new(null_mut());

thread_local! {
    static IS_MAIN: Cell<bool> = const { Cell::new(false) };
    static TURN: Cell<u32> = const { Cell::new(0) };
}

/// Runs `action` on the heap from which this thread takes memory.
#[inline(always)]
fn with<R>(action: impl FnOnce(&mut Heap) -> R) -> R {
    if IS_MAIN.get() {
        // SAFETY: this is the only thread that uses it, and `action` does not come here again.
        return action(unsafe { &mut *MAIN.0.get() });
    }
    with_other(action)
}

#[cold]
#[inline(never)]
fn with_other<R>(action: impl FnOnce(&mut Heap) -> R) -> R {
    // SAFETY: whether it is open changes only here, before there is a second thread.
    let main = unsafe { &*MAIN.0.get() };
    if !main.is_open() {
        IS_MAIN.set(true);
        // SAFETY: see above.
        let main = unsafe { &mut *MAIN.0.get() };
        main.open(POPULATED);
        return action(main);
    }
    SHARED.with(action)
}

impl Shared {
    fn with<R>(&self, action: impl FnOnce(&mut Heap) -> R) -> R {
        while self.0.swap(true, Ordering::Acquire) {
            spin_loop();
        }
        // SAFETY: the lock is held.
        let heap = unsafe { &mut *self.1.get() };
        if !heap.is_open() {
            heap.open(0);
        }
        let result = action(heap);
        self.0.store(false, Ordering::Release);
        result
    }
}

/// Whether a piece belongs to the main thread's heap.
#[inline(always)]
fn is_of_main(piece: *mut u8) -> bool {
    // SAFETY: where the heap is does not change once there is a piece.
    unsafe { &*MAIN.0.get() }.has(piece)
}

/// Runs `action` on the heap that a piece is of, if this thread may: not where it is the main thread's.
#[inline(always)]
fn with_heap_of<R>(piece: *mut u8, action: impl FnOnce(&mut Heap) -> R) -> Option<R> {
    if is_of_main(piece) {
        // SAFETY: this is the only thread that uses it.
        return IS_MAIN.get().then(|| action(unsafe { &mut *MAIN.0.get() }));
    }
    Some(SHARED.with(action))
}

/// To be called by the main thread when a turn of its event loop ends.
pub fn turn() {
    if !IS_MAIN.get() {
        return;
    }
    let turn = TURN.get() + 1;
    TURN.set(turn % TURNS);
    if turn < TURNS {
        return;
    }
    with(|heap| {
        let mut piece = RETURNED.swap(null_mut(), Ordering::Acquire);
        while !piece.is_null() {
            // SAFETY: whoever freed the piece has left the next one's address in it.
            unsafe {
                let next = *piece.cast::<*mut u8>();
                heap.free(piece);
                piece = next;
            }
        }
        heap.give_back_unneeded();
    });
}

#[cold]
unsafe fn return_to_main(piece: *mut u8) {
    let mut first = RETURNED.load(Ordering::Relaxed);
    loop {
        *piece.cast::<*mut u8>() = first;
        match RETURNED.compare_exchange_weak(first, piece, Ordering::Release, Ordering::Relaxed) {
            Ok(_) => return,
            Err(now) => first = now,
        }
    }
}

#[no_mangle]
extern "C" fn malloc(size: usize) -> *mut c_void {
    with(|heap| heap.allocate(size)).cast()
}

#[no_mangle]
extern "C" fn calloc(count: usize, size: usize) -> *mut c_void {
    count.checked_mul(size).map_or(null_mut(), |size| with(|heap| heap.allocate_zeroed(size)).cast())
}

#[no_mangle]
unsafe extern "C" fn free(piece: *mut c_void) {
    let piece = piece.cast::<u8>();
    if !piece.is_null() && with_heap_of(piece, |heap| heap.free(piece)).is_none() {
        return_to_main(piece);
    }
}

#[no_mangle]
unsafe extern "C" fn realloc(piece: *mut c_void, size: usize) -> *mut c_void {
    let piece = piece.cast::<u8>();
    if piece.is_null() {
        return malloc(size);
    }
    match with_heap_of(piece, |heap| heap.reallocate(piece, size)) {
        Some(resized) => resized.cast(),
        // Another thread has a piece of the main thread's.
        None => {
            let other = malloc(size);
            if !other.is_null() {
                std::ptr::copy_nonoverlapping(piece, other.cast::<u8>(), malloc_usable_size(piece.cast()).min(size));
                return_to_main(piece);
            }
            other
        }
    }
}

#[no_mangle]
unsafe extern "C" fn malloc_usable_size(piece: *mut c_void) -> usize {
    let piece = piece.cast::<u8>();
    if piece.is_null() {
        return 0;
    }
    if is_of_main(piece) {
        // SAFETY: what is read of a piece does not change while it is in use.
        return (*MAIN.0.get()).size_of(piece);
    }
    SHARED.with(|heap| heap.size_of(piece))
}

#[no_mangle]
extern "C" fn aligned_alloc(alignment: usize, size: usize) -> *mut c_void {
    with(|heap| heap.allocate_aligned(alignment, size)).cast()
}

#[no_mangle]
extern "C" fn memalign(alignment: usize, size: usize) -> *mut c_void {
    aligned_alloc(alignment, size)
}

#[no_mangle]
unsafe extern "C" fn posix_memalign(piece: *mut *mut c_void, alignment: usize, size: usize) -> c_int {
    let allocated = aligned_alloc(alignment, size);
    if allocated.is_null() {
        return libc::ENOMEM;
    }
    *piece = allocated;
    0
}
