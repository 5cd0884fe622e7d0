//! The command line, which `bench/harness.ts` writes.

use std::time::Duration;

pub struct Options {
    pub executable: String,
    /// What goes before everything else on the extension's command line: how a profiler is given its program.
    pub arguments: Vec<String>,
    pub env: Vec<(String, String)>,
    pub log: String,
    /// Without one the extension is ended after its first `/next`; with an empty one it is shut down then.
    pub script: Option<String>,
    pub pushes: Option<String>,
    pub control_group: Option<String>,
    /// Certificate chain and private key in PEM files: Loki speaks TLS then.
    pub tls: Option<(String, String)>,
    pub loki_latency: Duration,
    pub settle: Duration,
    pub limit: Duration,
    /// How long the extension may take to end. It is told that it has Lambda's two seconds, whatever this says.
    pub shutdown: Duration,
    /// How long the function of an invocation runs. Telemetry never overtakes the INVOKE event then.
    pub function: Duration,
    /// Between `/next` and the following INVOKE.
    pub pause: Duration,
    /// From the function's end to the delivery of its telemetry.
    pub telemetry_delay: Duration,
    /// From one INVOKE to the next, with the extension frozen as soon as it may be. Without it nothing is ever frozen.
    pub period: Option<Duration>,
    /// So many invocations come before those that are measured, `lead_in_period` apart.
    pub lead_in: usize,
    pub lead_in_period: Duration,
    pub cold: bool,
}

/// @throws a text that says which option is wrong
pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options {
        executable: String::new(),
        arguments: Vec::new(),
        env: Vec::new(),
        log: "/dev/null".to_owned(),
        script: None,
        pushes: None,
        control_group: None,
        tls: None,
        loki_latency: Duration::ZERO,
        settle: Duration::ZERO,
        limit: Duration::from_secs(60),
        shutdown: Duration::from_secs(2),
        function: Duration::from_millis(10),
        pause: Duration::from_millis(5),
        telemetry_delay: Duration::ZERO,
        period: None,
        lead_in: 0,
        lead_in_period: Duration::ZERO,
        cold: false,
    };
    while let Some(name) = arguments.next() {
        if name == "--cold" {
            options.cold = true;
            continue;
        }
        let value = arguments.next().ok_or(format!("{name} has no value"))?;
        let milliseconds = || {
            value
                .parse()
                .map(|value: f64| Duration::from_secs_f64(value / 1000.0))
                .map_err(|_| format!("{name} {value}: not a number"))
        };
        match name.as_str() {
            "--executable" => options.executable = value,
            "--argument" => options.arguments.push(value),
            "--env" => {
                let (key, value) = value.split_once('=').ok_or(format!("--env {value}: no ="))?;
                options.env.push((key.to_owned(), value.to_owned()));
            }
            "--log" => options.log = value,
            "--script" => options.script = Some(value),
            "--pushes" => options.pushes = Some(value),
            "--control-group" => options.control_group = Some(value),
            "--tls" => {
                let (certificate, key) = value.split_once(',').ok_or(format!("--tls {value}: no comma"))?;
                options.tls = Some((certificate.to_owned(), key.to_owned()));
            }
            "--loki-latency-ms" => options.loki_latency = milliseconds()?,
            "--settle-ms" => options.settle = milliseconds()?,
            "--limit-ms" => options.limit = milliseconds()?,
            "--shutdown-ms" => options.shutdown = milliseconds()?,
            "--function-ms" => options.function = milliseconds()?,
            "--pause-ms" => options.pause = milliseconds()?,
            "--telemetry-delay-ms" => options.telemetry_delay = milliseconds()?,
            "--period-ms" => options.period = Some(milliseconds()?),
            "--lead-in" => options.lead_in = value.parse().map_err(|_| format!("{name} {value}: not a number"))?,
            "--lead-in-period-ms" => options.lead_in_period = milliseconds()?,
            _ => return Err(format!("{name}: unknown")),
        }
    }
    Ok(options)
}
