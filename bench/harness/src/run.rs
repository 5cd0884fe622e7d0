//! A run: start, invocations, end.

use crate::busy::Busy;
use crate::environment::{Environment, Times};
use crate::extension::Extension;
use crate::http;
use crate::lambda::Lambda;
use crate::loki::Loki;
use crate::options::Options;
use crate::outcome::{Invocation, Outcome, Shutdown};
use crate::{script, system};
use std::thread;
use std::time::{Duration, Instant};

/// Before anything is timed: all threads have reached their `accept` by then.
const THREADS_UP: Duration = Duration::from_millis(10);

pub fn run(options: Options) -> Result<String, String> {
    let mut script = options
        .script
        .as_deref()
        .map_or(Ok(Vec::new()), |file| script::read(file).map_err(|error| format!("{file}: {error}")))?;
    let loki = Loki::default();
    let lambda = Lambda::default();
    let env = serve(&options, &lambda, &loki)?;
    let cached_pages = if options.cold {
        system::evict(&options.executable).map_err(|error| format!("The page cache: {error}"))?
    } else {
        0
    };
    let group = options.control_group.as_deref();
    // A start is measured with the whole of its share: nothing runs beside it.
    let busy = group.filter(|_| !script.is_empty()).map(Busy::start).transpose();
    let busy = busy.map_err(|error| format!("The function: {error}"))?;
    thread::sleep(THREADS_UP);
    let extension = Extension::start(&options.executable, &options.arguments, &env, &options.log, group)
        .map_err(|error| format!("{}: {error}", options.executable))?;
    let times = Times {
        function: options.function,
        telemetry_delay: options.telemetry_delay,
        limit: options.limit,
        shutdown: options.shutdown,
        freeze: options.period.is_some(),
    };
    let mut environment = Environment::new(lambda, extension, busy, times);
    let first = environment.wait_for_next(1)?;
    // `Instant` hides its number, so the two clocks, which are the same one, are brought together by reading both now.
    let now = system::monotonic().map_err(|error| error.to_string())?;
    let start = now - first.elapsed().as_nanos() as u64 - environment.exec_at();
    let start_cpu = environment.cpu_time()?;

    let mut outcome =
        Outcome { start, start_cpu, cached_pages, invocations: Vec::new(), memory: Default::default(), shutdown: None };
    outcome.invocations = invocations(&mut script, &options, &mut environment, &loki)?;
    outcome.memory = environment.memory()?;
    if options.script.is_some() {
        let (took, exit_code) = environment.shut_down()?;
        outcome.shutdown = Some(Shutdown { took, exit_code });
    }
    if let Some(file) = &options.pushes {
        loki.dump(file).map_err(|error| format!("{file}: {error}"))?;
    }
    Ok(outcome.json())
}

/// Starts Lambda and Loki; gives the extension's environment.
fn serve(options: &Options, lambda: &Lambda, loki: &Loki) -> Result<Vec<(String, String)>, String> {
    let tls = options.tls.as_ref().map(|(certificate, key)| http::tls(certificate, key)).transpose()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let api = lambda.start().map_err(|error| format!("The Extensions API can't listen: {error}"))?;
    let port =
        loki.start(options.loki_latency, tls, lambda.clone()).map_err(|error| format!("Loki can't listen: {error}"))?;
    let endpoint = format!("{scheme}://127.0.0.1:{port}/loki/api/v1/push");
    let mut env = vec![("AWS_LAMBDA_RUNTIME_API".to_owned(), format!("127.0.0.1:{api}"))];
    env.extend(options.env.iter().map(|(key, value)| (key.clone(), value.replace("{endpoint}", &endpoint))));
    Ok(env)
}

/// All invocations of the script, but for the outcomes of the first ones, which only lead in.
fn invocations(
    script: &mut [script::Invocation],
    options: &Options,
    environment: &mut Environment,
    loki: &Loki,
) -> Result<Vec<Invocation>, String> {
    let mut outcomes: Vec<Invocation> = Vec::new();
    let (mut cpu_before, mut pushes_before) = (0, 0);
    // Closes the outcome before: what it cost is known when the following INVOKE is about to be sent.
    let mut close = |outcomes: &mut Vec<Invocation>, environment: &Environment| -> Result<(), String> {
        let (cpu, pushes) = (environment.cpu_time()?, loki.count());
        if let Some(last) = outcomes.last_mut() {
            last.cpu = cpu - cpu_before;
            last.pushes = pushes - pushes_before;
        }
        (cpu_before, pushes_before) = (cpu, pushes);
        Ok(())
    };
    let mut due = Instant::now();
    for (index, invocation) in script.iter_mut().enumerate() {
        let leads_in = index < options.lead_in;
        match options.period {
            None => thread::sleep(options.pause),
            Some(period) => {
                thread::sleep(due.saturating_duration_since(Instant::now()));
                due = Instant::now() + if leads_in { options.lead_in_period } else { period };
            }
        }
        close(&mut outcomes, environment)?;
        let waited = environment.invoke(invocation, index + 1)?;
        let memory = environment.memory()?;
        if !leads_in {
            let (held, since_end, wall) = (waited.held, waited.since_end, waited.wall);
            outcomes.push(Invocation { held, since_end, wall, cpu: 0, pushes: 0, memory });
        }
    }
    thread::sleep(options.settle);
    close(&mut outcomes, environment)?;
    Ok(outcomes)
}
