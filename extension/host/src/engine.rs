//! QuickJS, and the one way into it: [`Engine::enter`], which runs what it is given, then all promise jobs, and reports
//! whatever was thrown instead of letting it end anything.

use crate::bundle::Bytecode;
use crate::parts::Parts;
use crate::rejections::Rejections;
use crate::{limits, output, text};
use rquickjs::context::intrinsic;
use rquickjs::{Context, Ctx, Error, Function, Module, Persistent, Runtime};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// The most bytes of stack that JavaScript (and the JSON parser) may take before a `RangeError`. A level of nested JSON
/// takes about 190.
const STACK_BYTES: usize = 2 * 1024 * 1024;

/// Bytes of JavaScript heap at which cycles are looked for, whatever the turns: in a burst. The engine itself raises
/// this to half as much again as was left.
const GC_BYTES: usize = 4 * 1024 * 1024;

/// Turns after which cycles are looked for. Every turn that waits for a promise leaves some behind, a few hundred
/// bytes, and the heap alone would have to grow to several times its size before the engine looked.
const GC_TURNS: u32 = 1024;

/// All of the language that bundles may use. Left out: `eval` and `Function` from text (bundles are bytecode, and the
/// parser is a large part of the engine), `Proxy`, `DOMException`.
type Intrinsics = (
    intrinsic::Date,
    intrinsic::RegExp,
    intrinsic::Json,
    intrinsic::MapSet,
    intrinsic::TypedArrays,
    intrinsic::Promise,
    intrinsic::WeakRef,
);

pub struct Engine {
    runtime: Runtime,
    context: Context,
    rejections: Rc<Rejections>,
    turns: Cell<u32>,
    on_fault: RefCell<Option<Persistent<Function<'static>>>>,
}

impl Engine {
    pub fn new() -> rquickjs::Result<Self> {
        let runtime = Runtime::new()?;
        // Where the process has less than the usual 8 MiB, deep recursion has to stay an exception, too.
        runtime.set_max_stack_size(STACK_BYTES.min(limits::stack_bytes() / 4));
        runtime.set_gc_threshold(GC_BYTES);
        runtime.set_loader(Parts, Parts);
        let rejections = Rc::new(Rejections::default());
        runtime.set_host_promise_rejection_tracker(Some(Rejections::tracker(&rejections)));
        let context = Context::custom::<Intrinsics>(&runtime)?;
        Ok(Self { runtime, context, rejections, turns: Cell::default(), on_fault: RefCell::default() })
    }

    /// From now on `handler` gets what would otherwise be written to stderr: a line about each error that nobody has
    /// caught.
    pub fn set_on_fault<'js>(&self, ctx: &Ctx<'js>, handler: Function<'js>) {
        self.on_fault.replace(Some(Persistent::save(ctx, handler)));
    }

    /// Runs `action` inside the engine, then every promise job that is due. Not to be called from inside the engine.
    pub fn enter<F>(&self, action: F)
    where
        F: for<'js> FnOnce(&Ctx<'js>) -> rquickjs::Result<()>,
    {
        self.context.with(|ctx| {
            if let Err(error) = action(&ctx) {
                self.report(&ctx, "Uncaught", &text::thrown(&ctx, error));
            }
        });
        self.run_jobs();
        self.count_turn();
    }

    /// Evaluates a module. What its code throws is reported; only bytecode that can't be loaded at all is an error.
    pub fn run_module(&self, bytecode: Bytecode) -> Result<(), String> {
        let loaded = self.context.with(|ctx| {
            // SAFETY: the bytes come from the end of this very executable, written by the build's compiler, which has
            // the same version of QuickJS (both take it from one entry of the workspace).
            let module = unsafe { Module::load(ctx.clone(), &bytecode) };
            drop(bytecode);
            let module =
                module.map_err(|error| format!("The bundle can't be loaded: {}", text::thrown(&ctx, error)))?;
            if let Err(error) = module.eval() {
                self.report(&ctx, "Uncaught", &text::thrown(&ctx, error));
            }
            Ok(())
        });
        self.run_jobs();
        loaded
    }

    fn run_jobs(&self) {
        loop {
            match self.runtime.execute_pending_job() {
                Ok(true) => {}
                Ok(false) => break,
                Err(job) => job.0.with(|ctx| self.report(&ctx, "Uncaught", &text::thrown(&ctx, Error::Exception))),
            }
        }
        self.context.with(|ctx| {
            for reason in self.rejections.take() {
                let Ok(reason) = reason.restore(&ctx) else { continue };
                self.report(&ctx, "Unhandled promise rejection", &text::describe(&ctx, &reason));
            }
        });
    }

    /// Hands an error that nobody has caught to whoever wants to hear of it, or else to stderr.
    fn report(&self, ctx: &Ctx<'_>, what: &str, error: &str) {
        let text = format!("{what}: {error}");
        let handler = self.on_fault.borrow().clone();
        let told = handler.is_some_and(|handler| {
            handler.restore(ctx).and_then(|handler| handler.call::<_, ()>((text.as_str(),))).is_ok()
        });
        if !told {
            // What the handler itself may have thrown.
            ctx.catch();
            output::line(&text);
        }
    }

    fn count_turn(&self) {
        lambdawatch_heap::turn();
        self.turns.set(self.turns.get() + 1);
        if self.turns.get() < GC_TURNS {
            return;
        }
        self.turns.set(0);
        self.runtime.run_gc();
        // A burst has left a threshold as large as it was itself.
        self.runtime.set_gc_threshold(GC_BYTES);
    }
}
