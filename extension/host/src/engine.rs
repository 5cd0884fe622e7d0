//! QuickJS, and the one way into it: [`Engine::enter`], which runs what it is given, then all promise jobs, and reports
//! whatever was thrown instead of letting it end anything.

use crate::output;
use crate::parts::Parts;
use crate::rejections::Rejections;
use crate::text;
use rquickjs::context::intrinsic;
use rquickjs::{Context, Ctx, Error, Module, Runtime, Value};
use std::rc::Rc;

/// Bytes of stack that JavaScript (and the JSON parser) may take before a `RangeError`; far below the 8 MiB that a
/// process has, so that deep recursion and deeply nested JSON are an exception and not a crash.
const STACK_BYTES: usize = 512 * 1024;

/// Bytes of JavaScript heap at which cycles are looked for the first time; afterwards at half as much again as was left.
const FIRST_GC_BYTES: usize = 4 * 1024 * 1024;

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
}

impl Engine {
    pub fn new() -> rquickjs::Result<Self> {
        let runtime = Runtime::new()?;
        runtime.set_max_stack_size(STACK_BYTES);
        runtime.set_gc_threshold(FIRST_GC_BYTES);
        runtime.set_loader(Parts, Parts);
        let rejections = Rc::new(Rejections::default());
        runtime.set_host_promise_rejection_tracker(Some(Rejections::tracker(&rejections)));
        let context = Context::custom::<Intrinsics>(&runtime)?;
        Ok(Self { runtime, context, rejections })
    }

    /// Runs `action` inside the engine, then every promise job that is due. Not to be called from inside the engine.
    pub fn enter<F>(&self, action: F)
    where
        F: for<'js> FnOnce(&Ctx<'js>) -> rquickjs::Result<()>,
    {
        self.context.with(|ctx| {
            if let Err(error) = action(&ctx) {
                report(&ctx, "Uncaught", error);
            }
        });
        self.run_jobs();
    }

    /// Evaluates a module. What its code throws is reported; only bytecode that can't be loaded at all is an error.
    pub fn run_module(&self, bytecode: Vec<u8>) -> Result<(), String> {
        let loaded = self.context.with(|ctx| {
            // SAFETY: the bytes come from the end of this very executable, written by the build's compiler, which has
            // the same version of QuickJS (both take it from one entry of the workspace).
            let module = unsafe { Module::load(ctx.clone(), &bytecode) };
            drop(bytecode);
            let module = module.map_err(|error| format!("The bundle can't be loaded: {}", text::thrown(&ctx, error)))?;
            if let Err(error) = module.eval() {
                report(&ctx, "Uncaught", error);
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
                Err(job) => job.0.with(|ctx| report(&ctx, "Uncaught", Error::Exception)),
            }
        }
        self.context.with(|ctx| {
            for reason in self.rejections.take() {
                let Ok(reason) = reason.restore(&ctx) else { continue };
                report_value(&ctx, "Unhandled promise rejection", &reason);
            }
        });
    }
}

/// Writes an error to stderr, taking the pending exception where it stands for one.
pub fn report(ctx: &Ctx<'_>, what: &str, error: Error) {
    output::line(&format!("{what}: {}", text::thrown(ctx, error)));
}

fn report_value<'js>(ctx: &Ctx<'js>, what: &str, value: &Value<'js>) {
    output::line(&format!("{what}: {}", text::describe(ctx, value)));
}
